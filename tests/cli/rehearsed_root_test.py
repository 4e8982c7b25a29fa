# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""provision --root: the daemons try the files before anything is written, and no program of the root gets out of the
sandbox."""

import os
import re
import shutil
import subprocess

from harness import SOURCE, TIMECTL, Result, ScratchRoot, main, snapshot

SERVER = ["--role", "server"]
STOCK = "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\ndriftfile /var/lib/chrony/chrony.drift\n"
# An ELF file of a machine that nobody has: EM_M32, big-endian.
FOREIGN = b"\x7fELF\x01\x02\x01" + bytes(9) + b"\x00\x02\x00\x01\x00\x00\x00\x01" + bytes(64)


def chronyd():
    """The real one: unpacked below TIMECTL_TOOLS, or installed."""
    places = [f"{tools}/usr/sbin" for tools in os.environ.get("TIMECTL_TOOLS", "").split(":") if tools]
    return shutil.which("chronyd", path=":".join([*places, "/usr/sbin", "/usr/local/sbin"]))


def has_guests():
    """Whether an unprivileged user gets the namespaces that the sandbox of a root needs."""
    done = subprocess.run(["setpriv", "--reuid=2147483646", "--regid=2147483646", "--clear-groups",
                           "unshare", "-Urnmpf", "true"], capture_output=True, check=False)
    return done.returncode == 0


class RehearsedRoot(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        (self.root / "etc/chrony/conf.d").mkdir(parents=True)
        self.configure("")
        (self.root / "var/lib/timectl").mkdir(parents=True)
        os.chmod(self.root / "var/lib/timectl", 0o755)

    def configure(self, lines):
        (self.root / "etc/chrony/chrony.conf").write_text(STOCK + lines)

    def install(self, program, place="usr/sbin/chronyd"):
        """The program with its loader and libraries, as a system of this architecture has them."""
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(program, path)
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", said):
            copy = self.root / library.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)

    def with_own_chronyd(self):
        program = chronyd()
        if not program or not has_guests():
            self.skipTest("no chronyd here (packaging/unpack-chrony), or no namespaces")
        self.install(program)
        client = os.path.join(os.path.dirname(program), "../bin/chronyc")
        self.install(client, "usr/bin/chronyc")

    def provision(self, *words):
        return self.run_here(*words, "provision", "--yes", "--no-packages", *SERVER)

    def assert_refused(self, words, *more):
        def kept():
            tree = snapshot(self.root)  # but for the lock
            return {path: each for path, each in tree.items() if "/var/lib/timectl" not in path}
        before = kept()
        result = self.provision(*more)
        self.assert_status(1, result)
        self.assertRegex(" ".join(result.err.split()), words)
        self.assertEqual(before, kept())
        self.assertFalse((self.root / "var/lib/timectl/generations").exists())
        return result

    def test_a_root_whose_chronyd_accepts_the_files_is_provisioned(self):
        self.with_own_chronyd()
        result = self.provision()
        self.assert_status(0, result)
        self.assertIn(f"chronyd of '{self.root}' accepts the files", " ".join(result.err.split()))
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_typo_in_a_line_of_the_users_refuses_the_whole_change(self):
        self.with_own_chronyd()
        self.configure("refclok PPS /dev/pps0\n")
        self.assert_refused(r"chronyd does not accept its files: Fatal error : Invalid directive at line 4 in file "
                            r"/etc/chrony/chrony.conf.*hint: correct the file and line that are named, below '/")

    def test_a_refclock_without_its_parameter_does_too(self):
        self.with_own_chronyd()
        self.configure("refclock PPS\n")
        self.assert_refused(r"Fatal error : Could not parse refclock directive at line 4")

    def test_an_unknown_driver_shows_only_when_chronyd_starts(self):
        self.with_own_chronyd()
        self.configure("refclock PPP /dev/pps0\n")
        self.assert_refused(r"chronyd does not start with its files: Fatal error : unknown refclock driver PPP")

    def test_rtcfile_beside_rtcsync_does_too(self):
        self.with_own_chronyd()
        own = self.root / "etc/timectl/templates/etc/chrony/conf.d/50-timectl.conf"
        own.parent.mkdir(parents=True)
        built_in = (SOURCE / "templates/etc/chrony/conf.d/50-timectl.conf").read_text()
        own.write_text(built_in + "rtcfile /var/lib/chrony/rtc\n")
        result = self.assert_refused(r"Fatal error : rtcfile directive cannot be used with rtcsync.*"
                                     r"hint: keep one of the two: grep -rnsE")
        remedy = " ".join(result.err.split()).split("keep one of the two: ")[1]
        found = subprocess.run(remedy, shell=True, capture_output=True, text=True, check=True).stdout
        self.assertRegex(found, r"templates/etc/chrony/conf.d/50-timectl.conf:[0-9]+:rtcfile")

    def test_a_device_that_only_the_host_has_refuses_nothing(self):
        self.with_own_chronyd()
        self.configure("refclock PPS /dev/pps7\n")
        result = self.provision()
        self.assert_status(0, result)
        self.assertRegex(" ".join(result.err.split()), r"/dev/pps7.*may have what was missing")

    def test_a_rehearsal_of_a_root_read_this_machines_files(self):
        self.with_own_chronyd()
        before = snapshot(self.root)
        result = self.run_here("rehearse", *SERVER)
        self.assert_status(0, result)
        self.assertRegex(result.out, r"ok +ntp\.reply")
        self.configure("refclok PPS /dev/pps0\n")
        result = self.run_here("rehearse", *SERVER)
        self.assert_status(3, result)
        self.assertIn("Invalid directive at line 4", " ".join(result.out.split()))
        self.configure("")
        self.assertEqual(set(before), set(snapshot(self.root)))

    def test_no_rehearsal_leaves_it_out(self):
        self.with_own_chronyd()
        self.configure("refclok PPS /dev/pps0\n")
        result = self.run_here("provision", "--yes", "--no-packages", "--no-rehearsal", *SERVER)
        self.assert_status(0, result)

    def test_a_root_of_another_architecture_gets_a_note(self):
        program = self.root / "usr/sbin/chronyd"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(FOREIGN)
        program.chmod(0o755)
        result = self.provision()
        self.assert_status(0, result)
        said = " ".join(result.err.split())
        if has_guests():
            self.assertRegex(said, r"exec format error|chronyd '/\S+' accepts the files")
        if "was not tested" in said:
            self.assertIn("--tools", said)

    def test_tools_stand_in_for_a_chronyd_that_does_not_run(self):
        program = chronyd()
        if not program or not has_guests():
            self.skipTest("no chronyd here (packaging/unpack-chrony), or no namespaces")
        tools = self.scratch / "tools"
        (tools / "usr/sbin").mkdir(parents=True)
        shutil.copy(program, tools / "usr/sbin/chronyd")
        (self.root / "usr/sbin").mkdir(parents=True, exist_ok=True)
        (self.root / "usr/sbin/chronyd").write_bytes(FOREIGN)
        (self.root / "usr/sbin/chronyd").chmod(0o755)
        self.configure("refclok PPS /dev/pps0\n")
        self.assert_refused(r"Fatal error : Invalid directive at line 4 in file /etc/chrony/chrony.conf",
                            "--tools", tools)
        self.configure("")
        result = self.provision("--tools", tools)
        self.assert_status(0, result)
        self.assertIn(f"chronyd '{tools}/usr/sbin/chronyd' accepts the files", " ".join(result.err.split()))

    def test_a_hostile_chronyd_reaches_nothing_of_this_machine(self):
        if not has_guests():
            self.skipTest("no namespaces")
        self.install("/bin/sh", "usr/bin/sh")
        (self.root / "usr/sbin").mkdir(exist_ok=True)
        proof = self.scratch / "proof"
        secret = self.scratch / "secret"
        secret.write_text("secret\n")
        (self.root / "usr/sbin/chronyd").write_text(f"""#!/usr/bin/sh
echo x >{proof}
echo x >/usr/bin/written
for path in {secret} /etc/shadow /root /home /run/systemd /dev/tty; do
    if [ -e $path ]; then seen="$seen $path"; fi
done
read -r inside outside count </proc/self/uid_map
echo "Fatal error : saw:$seen as $outside with $HOME-" >&2
exit 1
""")
        (self.root / "usr/sbin/chronyd").chmod(0o755)
        self.assert_refused(r"Fatal error : saw: as 2147483646 with -")
        self.assertFalse(proof.exists())
        self.assertFalse((self.root / "usr/bin/written").exists())

    def test_a_program_that_the_card_names_for_dnsmasq_does_not_get_out(self):
        if not shutil.which("dnsmasq", path="/usr/sbin:/usr/bin") or not has_guests():
            self.skipTest("no dnsmasq here, or no namespaces")
        proof = self.scratch / "proof"
        (self.root / "etc/dnsmasq.d").mkdir()
        (self.root / "etc/dnsmasq.d/evil.conf").write_text(f"conf-script=/usr/bin/touch {proof}\n")
        (self.root / "etc/dnsmasq.conf").write_text("")
        self.add_package("dnsmasq")
        self.add_package("systemd-timesyncd")
        words = ["--tools", "/", "provision", "--yes", "--no-packages", "--take-over", "--host", "main-pi"]
        result = self.run_here(*words)
        self.assert_status(0, result)
        self.assertRegex(" ".join(result.err.split()), r"/touch \S+ returns non-zero error code.*may have what was")
        self.assertFalse(proof.exists())

    def test_without_namespaces_a_note_says_what_was_not_tested(self):
        (self.root / "usr/sbin").mkdir(parents=True, exist_ok=True)
        (self.root / "usr/sbin/chronyd").write_text("#!/bin/sh\n")
        (self.root / "usr/sbin/chronyd").chmod(0o755)
        closed = "echo 0 >/proc/sys/user/max_mnt_namespaces && exec \"$@\""
        done = subprocess.run(["unshare", "-Ur", "sh", "-c", closed, "sh", TIMECTL, "--root", self.root, "provision",
                               "--yes", "--no-packages", *SERVER], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=60, check=False)
        if "unshare:" in done.stderr:
            self.skipTest(done.stderr)
        result = Result(done)
        self.assert_status(0, result)
        self.assertRegex(" ".join(result.err.split()), r"chronyd's configuration was not tested \(.*namespaces")


# In a mount namespace of its own, whose mounts are shared as systemd shares a host's: what leaks from the chroot is seen.
CHROOT = """
set -e
jail=$1 tools=$2 program=$3
shift 3
for each in usr etc var dev proc; do mkdir "$jail/$each"; done
for each in usr etc var; do mount --bind "/$each" "$jail/$each"; done
mount --rbind /dev "$jail/dev"
for each in bin sbin lib lib64; do
    if [ -L "/$each" ]; then cp -P "/$each" "$jail/"; else mkdir "$jail/$each" && mount --bind "/$each" "$jail/$each"; fi
done
mkdir "$jail/tmp" "$jail/run" "$jail/tools"
mount --bind "$tools" "$jail/tools"
cp "$program" "$jail/timectl"
mount -t proc proc "$jail/proc"
mount --make-rshared /
before=$(cut -d' ' -f 3-5 /proc/self/mountinfo)
status=0
chroot "$jail" /timectl --tools /tools "$@" || status=$?
test "$before" = "$(cut -d' ' -f 3-5 /proc/self/mountinfo)" || { echo "a mount has leaked" >&2; exit 99; }
exit $status
"""


class PlainChroot(ScratchRoot):
    """A chroot whose "/" is a directory and no mount point, as debootstrap leaves one."""

    def in_chroot(self, *words):
        program = chronyd()
        if not program:
            self.skipTest("no chronyd here (packaging/unpack-chrony)")
        jail = self.scratch / "jail"
        jail.mkdir()
        tools = os.environ.get("TIMECTL_TOOLS", "").split(":")[0] or "/mnt"
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", CHROOT, "sh", jail, tools, TIMECTL,
                               *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=240)
        return Result(done)

    def test_a_rehearsal_in_a_chroot_works_and_leaves_no_mount_behind(self):
        result = self.in_chroot("rehearse", "--role", "server")
        self.assertIn(result.status, (0, 3), result)
        self.assertRegex(result.out, r"ok +ntp.reply")


if __name__ == "__main__":
    main()
