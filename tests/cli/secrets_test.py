# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Passwords in files that timectl changes or takes away: they are shown nowhere, and come back whole."""

import os
import pathlib
import resource
import shutil
import stat
import subprocess
import zlib

from harness import Result, ScratchRoot, TIMECTL, main, timectl

SERVER = ["--role", "server", "--take-over"]
PROVISION = ["provision", "--yes", "--no-packages", *SERVER]
STATE = "var/lib/timectl"
PSK = "correct-horse-battery"
NETPLAN = f"""network:
  version: 2
  ethernets:
    eth0:
      dhcp4: true
      addresses: [192.0.2.7/24]
  wifis:
    wlan0:
      access-points:
        "site":
          password: "{PSK}"
"""
CONNECTION = f"""[connection]
id=eth0-static
interface-name=eth0
[wifi-security]
psk={PSK}
[ipv4]
address1=192.168.4.9/24
"""


def become_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


class Secrets(ScratchRoot):
    packages = ["chrony"]
    fixture = "rpios-trixie-netplan"
    place, content, mode = "etc/netplan/50-cloud-init.yaml", NETPLAN, 0o600

    def setUp(self):
        super().setUp()
        self.file = self.root / self.place
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.content)
        self.file.chmod(self.mode)

    def assert_not_said(self, result):
        self.assertNotIn(PSK, result.out + result.err)

    def assert_not_readable(self, place):
        """Nor what would tell a right guess from a wrong one."""
        checksum = f"{zlib.crc32(self.content.encode()):08x}"
        for path in pathlib.Path(place).rglob("*"):
            if path.is_symlink() or not path.is_file() or not path.stat().st_mode & 0o077:
                continue
            text = path.read_text(errors="replace")
            self.assertNotIn(PSK, text, path)
            self.assertNotIn(checksum, text, path)

    def run_quietly(self, status, *words):
        done = self.run_here(*words)
        self.assert_status(status, done)
        self.assert_not_said(done)
        self.assert_not_readable(self.root / STATE)
        return done

    def assert_is_back(self):
        self.assertEqual(self.content, self.file.read_text())
        self.assertEqual(self.mode, stat.S_IMODE(self.file.stat().st_mode))

    def test_a_password_is_in_no_output_and_in_no_file_that_others_can_read(self):
        plan = self.run_quietly(3, "plan", *SERVER)
        self.assertIn(f"--- a/{self.place}", plan.out)
        self.assertIn("content not shown (secret)", plan.out)
        self.assertIn("+192.168.4.", plan.out)  # what is no secret is shown
        document = self.run_quietly(3, "--json", "plan", *SERVER).json
        sensitivities = {each["path"]: each["sensitivity"] for each in document["changes"] if each["type"] == "file"}
        self.assertEqual("secret", sensitivities[f"/{self.place}"])
        self.assertEqual("open", sensitivities["/etc/hosts"])
        for words in (["provision", "--dry-run", *SERVER], ["--json", "provision", "--dry-run", *SERVER]):
            self.run_quietly(3, *words)
        self.run_quietly(0, *PROVISION)
        for words in (["generations"], ["generations", "1"], ["--json", "generations"], ["diff"], ["--json", "diff"],
                      ["--json", "facts"], ["plan", *SERVER]):
            self.run_quietly(0, *words)
        for words in (["verify"], ["verify", "--json"], ["status"], ["--json", "status"]):
            self.assert_not_said(self.run_here(*words))
        self.assert_not_readable(self.root / STATE)
        self.run_quietly(0, "rollback", "--yes")
        self.assert_is_back()
        self.run_quietly(3, "diff", "1")
        self.run_quietly(0, "rollback", "--yes")
        self.run_quietly(0, "uninstall", "--yes")
        self.assert_is_back()
        self.run_quietly(0, "recover")

    def test_a_password_that_the_user_adds_to_timectls_own_closed_file_is_not_shown(self):
        self.run_quietly(0, *PROVISION)
        own = next(path for path in (self.root / "etc").rglob("*timectl*") if path.is_file()
                   and stat.S_IMODE(path.stat().st_mode) == 0o600)
        own.write_text(own.read_text() + f"# {PSK}\n")
        for words in (["plan", *SERVER], ["--json", "plan", *SERVER], ["diff"], ["--json", "diff"]):
            self.run_quietly(3, *words)
        self.run_quietly(0, *PROVISION)
        self.run_quietly(0, "uninstall", "--yes")

    def test_a_password_is_in_no_error_of_a_change_that_fails(self):
        told = 0
        for size in (0, 1000, 4000, 16000, 24000, 32000):
            done = timectl("--root", self.root, *PROVISION, preexec_fn=lambda size=size:
                           resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
            self.assert_not_said(done)
            self.assert_not_readable(self.root / STATE)
            if done.status == 0:
                self.run_quietly(0, "uninstall", "--yes", "--purge")
            else:
                told += 1
            self.assert_is_back()
        self.assertGreater(told, 1)

    def test_a_copy_of_a_secret_that_rotted_is_named_without_what_is_in_it(self):
        self.run_quietly(0, *PROVISION)
        copy = next((self.root / STATE).glob(f"generations/*/old-*-{self.file.name}"))
        self.assertEqual(0o600, stat.S_IMODE(copy.stat().st_mode))
        copy.write_text(copy.read_text().replace("horse", "house"))
        done = self.run_here("uninstall", "--yes")
        self.assert_status(5, done)
        self.assertIn(copy.name, done.out + done.err)
        self.assert_not_said(done)
        self.assertNotIn(f"{zlib.crc32(self.content.encode()):08x}", done.out + done.err)

    def by_nobody(self, *words):
        subprocess.run(["chmod", "a+rx", self.scratch], check=True)
        program = self.scratch / "timectl"
        if not program.exists():
            shutil.copy(TIMECTL, program)
            program.chmod(0o755)
        return Result(subprocess.run([program, "--root", self.root, *words], stdin=subprocess.DEVNULL, text=True,
                                     capture_output=True, timeout=240, check=False, cwd="/",
                                     preexec_fn=become_nobody))

    def test_an_ordinary_user_sees_who_changed_what_and_no_password(self):
        self.run_quietly(0, *PROVISION)
        for words in (["generations"], ["generations", "1"], ["--json", "generations"]):
            done = self.by_nobody(*words)
            self.assertEqual(self.run_here(*words).out, done.out)
            self.assert_status(0, done)
        document = self.by_nobody("--json", "generations").json
        actions = {each["path"]: each["action"] for each in document["generations"][0]["files"]}
        self.assertNotIn(None, actions.values())
        self.assertIn(f"/{self.place}", actions)


class SecretsOfNetworkManager(Secrets):
    fixture = "rpios-bookworm-nm"
    place = "etc/NetworkManager/system-connections/eth0-static.nmconnection"
    content = CONNECTION


class SecretsOfWifi(Secrets):
    """The connection of a Pi Zero W gets the address in place, and has the network's password."""

    fixture = "rpios-bookworm-wifi"
    place = "etc/NetworkManager/system-connections/preconfigured.nmconnection"
    content = f"""[connection]
id=preconfigured
uuid=6d5f2f6e-33a5-4a4e-9a57-0c5ad9a86f4b
type=wifi
interface-name=wlan0
[wifi]
ssid=site
[ipv4]
method=auto
[wifi-security]
key-mgmt=wpa-psk
psk={PSK}
"""
    # timectl has no closed file of its own there.
    test_a_password_that_the_user_adds_to_timectls_own_closed_file_is_not_shown = None
    # The same as for any other file, and slow.
    test_a_password_is_in_no_error_of_a_change_that_fails = None
    test_a_copy_of_a_secret_that_rotted_is_named_without_what_is_in_it = None

    def test_the_connection_gets_the_address_and_keeps_the_rest(self):
        plan = self.run_quietly(3, "plan", *SERVER)
        self.assertIn("address1=192.168.4.2/24,192.168.4.1", plan.out.replace("\n", " "))
        self.run_quietly(0, *PROVISION)
        address = "method=manual\naddress1=192.168.4.2/24,192.168.4.1\ndns=192.168.4.1;"
        self.assertEqual(self.content.replace("method=auto", address), self.file.read_text())
        self.assertEqual(0o600, stat.S_IMODE(self.file.stat().st_mode))
        self.run_quietly(0, "uninstall", "--yes")
        self.assert_is_back()

    def test_a_profile_that_leaves_the_address_to_others_names_the_one_that_stays(self):
        words = "keeps 192.168.4.2/24, which timectl once wrote to"
        site = self.scratch / "site.json"
        site.write_text('{"extends": "missing-link", "hosts": {"pi-ntp": {"addressing": "none", "interface": "wlan0"}}}\n')
        after = ["--role", "server", "--profile", site]
        self.assertNotIn(words, self.run_quietly(3, "plan", *after).out.replace("\n", " "))
        self.run_quietly(0, *PROVISION)
        given = self.file.read_text()
        plan = " ".join(self.run_quietly(3, "plan", *after).out.split())
        self.assertIn(words, plan)
        self.assertIn(f"set method=auto in [ipv4] of {self.file}", plan)
        self.run_quietly(0, "provision", "--yes", "--no-packages", *after)
        self.assertEqual(given, self.file.read_text())
        self.run_quietly(0, "uninstall", "--yes")
        self.assert_is_back()

    def test_an_ordinary_user_is_told_that_root_may_read_the_connection(self):
        site = self.scratch / "site.json"
        site.write_text('{"extends": "missing-link", "hosts": {"pi-ntp": {"interface": "wlan0"}}}\n')
        done = self.by_nobody("plan", *SERVER, "--profile", site)
        self.assertNotEqual(0, done.status)
        self.assertIn("run this as root", done.err)
        self.assertNotIn(PSK, done.out + done.err)


class ClosedProfile(ScratchRoot):
    """What the user closed stays closed: a profile that other users cannot read is kept so."""

    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        self.site = self.scratch / "site.json"
        self.write("192.168.7.0/24")
        self.site.chmod(0o600)
        self.kept = self.root / "etc/timectl/profile.json"

    def write(self, subnet):
        net = subnet.rpartition(".")[0]
        self.site.write_text(f'{{"network": {{"subnet": "{subnet}"}}, "hosts": {{'
                             f'"pi-ntp": {{"role": "server", "address": "{net}.2"}}}}}}\n')

    def provision(self, *words):
        self.assert_status(0, self.run_here("provision", "--yes", "--no-packages", *words))

    def assert_kept(self, mode):
        self.assertEqual(mode, stat.S_IMODE(self.kept.stat().st_mode))

    def test_it_is_kept_closed_and_shown_nowhere(self):
        named = ["--profile", self.site]
        for words in (["plan"], ["--json", "plan"], ["render"], ["--json", "render"]):
            done = self.run_here(*words, *named)
            self.assertNotIn('"192.168.7.0/24"', done.out.replace("\\", ""), words)
        self.provision(*named)
        self.assert_kept(0o600)
        self.assertEqual(self.site.read_text(), self.kept.read_text())
        for path in (self.root / STATE).rglob("*"):
            if path.is_file() and path.stat().st_mode & 0o077:
                self.assertNotIn("subnet", path.read_text(errors="replace"), path)
        self.assert_status(0, self.run_here("plan"))
        self.provision("--profile", self.site)
        self.assert_kept(0o600)
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        self.assertFalse(self.kept.exists())

    def test_it_is_closed_as_soon_as_the_user_closes_either_of_the_two(self):
        self.site.chmod(0o644)
        self.provision("--profile", self.site)
        self.assert_kept(0o644)
        self.kept.chmod(0o600)
        self.provision()
        self.assert_kept(0o600)
        self.write("192.168.8.0/24")
        self.provision("--profile", self.site)
        self.assert_kept(0o600)
        self.kept.chmod(0o644)
        self.provision()
        self.assert_kept(0o644)
        self.site.chmod(0o640)
        self.provision("--profile", self.site)
        self.assert_kept(0o600)

    def test_a_closed_directory_on_its_way_does_not_count(self):
        self.scratch.chmod(0o700)
        self.site.chmod(0o644)
        self.provision("--profile", self.site)
        self.assert_kept(0o644)


BLOCK = "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"


class Rendered(ScratchRoot):
    packages = ["chrony"]

    def render(self, mode):
        """With a chrony.conf that chronyd refuses: a line goes and a block comes."""
        file = self.root / "etc/chrony/chrony.conf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("rtcfile /x\nrtcsync\n")
        file.chmod(mode)
        output = self.scratch / f"rendered-{mode}"
        done = self.run_here("render", "--role", "server", "--output", output)
        self.assert_status(0, done)
        document = self.run_here("--json", "render", "--role", "server").json
        file = next(each for each in document["files"] if each["path"] == "/etc/chrony/chrony.conf")
        return done, output, file

    def test_a_file_made_of_a_closed_one_is_rendered_closed_in_a_closed_directory(self):
        done, output, file = self.render(0o640)
        self.assertEqual(("secret", None, []), (file["sensitivity"], file["content"], file["superseded"]))
        self.assertEqual(0o700, stat.S_IMODE(output.stat().st_mode))
        rendered = output / "etc/chrony/chrony.conf"
        self.assertIn(BLOCK, rendered.read_text())
        self.assertEqual(0o600, stat.S_IMODE(rendered.stat().st_mode))
        self.assertIn("0600 /etc/chrony/chrony.conf", done.out)
        self.assertEqual(0o644, stat.S_IMODE((output / "etc/hosts").stat().st_mode))

    def test_what_is_no_secret_is_rendered_as_ever(self):
        _, output, file = self.render(0o644)
        self.assertEqual(("open", BLOCK, ["rtcfile /x"]), (file["sensitivity"], file["content"], file["superseded"]))
        self.assertEqual(0o755, stat.S_IMODE(output.stat().st_mode))
        self.assertEqual(0o644, stat.S_IMODE((output / "etc/chrony/chrony.conf").stat().st_mode))


if __name__ == "__main__":
    main()
