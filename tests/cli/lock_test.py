# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The lock: no user but root holds timectl up, and all users hear who is at work."""

import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

from harness import FIXTURES, SOURCE, Result, ScratchRoot, TIMECTL, main, sealed
from held_up import HeldUp

sys.path.insert(0, str(SOURCE / "tests/upgrade"))
import trees  # noqa: E402 pylint: disable=wrong-import-position

PROVISION = ["provision", "--yes", "--no-packages", "--role", "server"]
OTHER_SITE = [*PROVISION, "--profile", "two-servers", "--host", "pi-ntp"]
STATE = "var/lib/timectl"
NOBODY = 65534


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def hold(path, kind, become, write_end):
    if become:
        become()
    lock = os.open(path, os.O_RDONLY if kind == fcntl.F_RDLCK else os.O_RDWR)
    fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, 0, 0, 0, 0))
    os.write(write_end, b"x")
    signal.pause()


def without_begin(text):
    """The history begins a week before now, and of two commands the second may run in the next second."""
    return re.sub(r"(nothing was recorded since )\S+", r"\1T", text)


class Holder:
    """A program that is not timectl and holds a lock on `path`, as this user."""

    def __init__(self, path, kind, become=None):
        self.read_end, write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                hold(path, getattr(fcntl, kind), become, write_end)
            finally:
                os._exit(1)
        os.close(write_end)
        if os.read(self.read_end, 1) != b"x":
            raise AssertionError("the lock could not be had")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.read_end)


class Lock(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        # Other users come as far as the root's own permissions: a checkout may be closed to them.
        subprocess.run(["chmod", "-R", "a+rX", self.scratch], check=True)
        self.lock = self.root / STATE / "lock"

    def by_nobody(self, *words):
        # A copy: the program that is tested may lie where no other user comes.
        program = self.scratch / "timectl"
        if not program.exists():
            shutil.copy(TIMECTL, program)
            program.chmod(0o755)
        done = subprocess.run([program, "--root", self.root, *words], stdin=subprocess.DEVNULL,
                              text=True, capture_output=True, timeout=240, check=False, cwd="/",
                              preexec_fn=become_nobody)
        return Result(done)

    def interrupt(self):
        """The change is as one that was killed half-way."""
        journal = next((self.root / STATE).glob("generations/*/journal.json"))
        journal.write_text(sealed({**json.loads(journal.read_text()), "state": "begun"}))
        (self.root / STATE / "current.json").unlink()

    def test_a_users_read_lock_on_the_lock_file_of_an_older_version_holds_nothing_up(self):
        self.assert_status(0, self.run_here(*PROVISION))
        for words in (OTHER_SITE, ["rollback", "--yes"], ["recover"], ["uninstall", "--yes"]):
            self.lock.chmod(0o644)
            with self.subTest(words), Holder(self.lock, "F_RDLCK", become_nobody) as holder:
                done = self.run_here(*words)
                self.assert_status(0, done)
                self.assertIn(f"(process {holder.pid} of user {NOBODY}) holds a read lock",
                              done.err)
                self.assertEqual(0o600, self.lock.stat().st_mode & 0o7777)
                self.assert_status(0, self.run_here(*words))

    def test_a_new_lock_cannot_be_opened_by_other_users(self):
        self.assert_status(0, self.run_here(*PROVISION))
        self.assertEqual((0o600, 0), (self.lock.stat().st_mode & 0o7777, self.lock.stat().st_uid))

    def test_a_lock_of_another_program_is_named_and_not_waited_for(self):
        self.assert_status(0, self.run_here(*PROVISION))
        self.lock.chmod(0o600)
        for kind in ("F_RDLCK", "F_WRLCK"):
            for words in (["rollback", "--yes"], ["recover"], ["recover", "--wait"],
                          ["recover", "--boot"]):
                with self.subTest(kind=kind, words=words), Holder(self.lock, kind) as holder:
                    done = self.run_here(*words)
                    self.assert_status(1, done)
                    self.assertIn(f"(process {holder.pid} of root)", done.err)
                    self.assertIn(f"/{STATE}/lock", done.err)
                    self.assertIn(f"kill {holder.pid}", done.err)

    def test_an_ordinary_user_sees_an_interrupted_change_as_root_does(self):
        self.assert_status(0, self.run_here(*PROVISION))
        self.interrupt()
        self.lock.chmod(0o600)
        for words in (["plan", "--role", "server"], ["generations"], ["--json", "generations"],
                      ["diff"], ["facts"]):
            with self.subTest(words):
                by_root = self.run_here(*words)
                by_nobody = self.by_nobody(*words)
                self.assert_status(by_root.status, by_nobody)
                self.assertIn("was interrupted: timectl recover rolls it back", by_nobody.err)

    def test_an_ordinary_user_sees_what_was_changed_as_root_does(self):
        self.assert_status(0, self.run_here(*PROVISION))
        self.lock.chmod(0o600)
        for words in (["plan", "--role", "server"], ["generations"], ["generations", "1"],
                      ["--json", "generations"], ["status"], ["history"], ["facts"]):
            with self.subTest(words):
                by_root, by_nobody = self.run_here(*words), self.by_nobody(*words)
                self.assert_status(by_root.status, by_nobody)
                self.assertEqual(without_begin(by_root.out), without_begin(by_nobody.out))

    def test_where_a_file_is_closed_an_ordinary_user_sees_all_but_what_is_in_it(self):
        """A host of netplan, whose files only root may read."""
        root = self.scratch / "closed"
        shutil.copytree(FIXTURES / "rpios-trixie-netplan", root, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", root], check=True)
        self.root = root
        self.add_package("chrony")
        self.assert_status(0, self.run_here(*PROVISION))
        self.assertEqual(0o644, (root / STATE / "current.json").stat().st_mode & 0o777)
        for words in (["generations"], ["generations", "1"], ["status", "--json"], ["verify"]):
            as_root, done = self.run_here(*words), self.by_nobody(*words)
            self.assertNotIn("current.json", done.err)
            # What only root can compare is not in order for others.
            self.assertEqual(3 if words == ["verify"] else as_root.status, done.status, done)
            self.assertTrue(done.out)
        self.assertEqual(self.run_here("generations", "1").out, self.by_nobody("generations", "1").out)
        closed = "/etc/netplan/90-timectl.yaml"
        drift = self.drift_by_nobody()
        self.assertEqual(("unknown", "run timectl verify as root"), (drift["verdict"], drift["remedy"]))
        self.assertEqual(closed, drift["evidence"]["unread"])
        done = self.by_nobody("plan", "--role", "server")
        self.assert_status(0, done)
        self.assertIn(f"{closed} is not compared: ", done.err)
        (root / "etc/hosts").write_text("")
        drift = self.drift_by_nobody()
        self.assertEqual(("failed", "/etc/hosts"), (drift["verdict"], drift["evidence"]["files"]))
        done = self.by_nobody("plan", "--role", "server")
        self.assert_status(3, done)
        self.assertIn(f"{closed} is not compared: ", done.out)
        # What was not compared is not changed.
        self.assertIn("run it as root", self.by_nobody("provision", "--yes", "--role", "server").err)

    def drift_by_nobody(self):
        findings = json.loads(self.by_nobody("verify", "--json").out)["findings"]
        return next(each for each in findings if each["probe"] == "files.drift")

    def test_a_record_that_an_older_version_closed_is_still_no_error(self):
        root = self.scratch / "older"
        earlier = SOURCE / "tests/upgrade/100659a/netplan/after-1"
        trees.lay(earlier, root)
        self.root = root
        self.assertEqual(0o600, (root / STATE / "current.json").stat().st_mode & 0o777)
        for words in (["generations"], ["status", "--json"]):
            as_root, done = self.run_here(*words), self.by_nobody(*words)
            self.assertNotIn("current.json", done.err)
            self.assertEqual(as_root.status, done.status, done)
            self.assertTrue(done.out)
        self.assertEqual("unknown", self.drift_by_nobody()["verdict"])
        self.assertEqual("run it as root", self.drift_by_nobody()["remedy"])

    def test_an_ordinary_user_hears_who_is_at_work(self):
        with HeldUp(self.root, *PROVISION) as held:
            who = f"(process {held.process.pid}, since "
            for words in (["plan", "--role", "server"], ["generations"], ["diff"]):
                with self.subTest(words):
                    by_nobody = self.by_nobody(*words)
                    self.assertIn("another timectl is at work: 'timectl --root", by_nobody.err)
                    self.assertIn(who, by_nobody.err)
                    self.assertNotIn("was interrupted", by_nobody.err)
                    self.assert_status(self.run_here(*words).status, by_nobody)
            busy = self.run_here("rollback", "--yes")
            self.assert_status(1, busy)
            self.assertIn(who, self.run_here("recover").err)
            self.assert_status(0, self.run_here("recover", "--boot"))
            status, said = held.finish()
            self.assertEqual(0, status, said)
        self.assertNotIn("at work", self.by_nobody("generations").err)

    def test_a_user_who_may_not_read_the_note_hears_that_it_is_not_known(self):
        with HeldUp(self.root, *PROVISION) as held:
            (self.root / STATE / "lock.holder").chmod(0)
            for words in (["plan", "--role", "server"], ["generations"]):
                done = self.by_nobody(*words)
                self.assert_status(self.run_here(*words).status, done)
                self.assertIn("not known whether a timectl is at work", done.err)
            self.assertEqual(0, held.finish()[0])

    def test_what_is_no_file_of_roots_in_the_locks_place_is_refused_by_name(self):
        self.assert_status(0, self.run_here(*PROVISION))

        def make_link():
            self.lock.symlink_to("/run/elsewhere")

        def make_fifo():
            os.mkfifo(self.lock)

        def make_file_of_nobody():
            self.lock.write_text("")
            os.chown(self.lock, NOBODY, NOBODY)

        for make in (make_link, make_fifo, make_file_of_nobody):
            self.lock.unlink(missing_ok=True)
            make()
            with self.subTest(make.__name__):
                done = self.run_here("rollback", "--yes")
                self.assert_status(1, done)
                self.assertIn(f"'/{STATE}/lock'", done.err)
                command = "chown -h root:" if make is make_file_of_nobody else "remove it: rm"
                self.assertIn(f"{command} '{self.lock}'", done.err)

    def test_a_purge_leaves_nothing_of_the_lock(self):
        self.assert_status(0, self.run_here(*PROVISION))
        self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))
        self.assertFalse((self.root / STATE).exists())


class Monitor(ScratchRoot):
    """On the running host, with a /var/lib and a /run of its own."""

    def setUp(self):
        super().setUp()
        self.inside = ["unshare", "--mount", "sh", "-c",
                       f"mount --bind {self.scratch}/var /var/lib && mount --bind {self.scratch}/run"
                       " /run && exec \"$@\"", "sh"]
        for name in ("var/timectl", "run/timectl"):
            (self.scratch / name).mkdir(parents=True)
        self.lock = self.scratch / "var/timectl/lock"
        if subprocess.run([*self.inside, "true"], capture_output=True, check=False).returncode:
            self.skipTest("a mount namespace is not to be had here")
        self.lock.write_text("")

    def check(self, *words):
        done = subprocess.run([*self.inside, TIMECTL, "monitor", "--profile", "missing-link",
                               "--host", "pi-ntp", *words], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=240, check=False)
        return done

    def last_check_was(self, seconds_ago):
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        (self.scratch / "run/timectl/monitor.json").write_text(json.dumps(
            {"boot_id": boot, "ticked_ns": now - seconds_ago * 1_000_000_000,
             "skipped_since_ns": now - (seconds_ago - 60) * 1_000_000_000}))

    def test_a_check_that_a_lock_kept_for_long_fails_and_names_the_holder(self):
        self.lock.chmod(0o600)
        for kind in ("F_RDLCK", "F_WRLCK"):
            with self.subTest(kind), Holder(self.lock, kind) as holder:
                who = f"(process {holder.pid} of root)"
                self.last_check_was(60)
                recent = self.check()
                self.assertEqual(0, recent.returncode, recent)
                self.assertIn("skipped: ", recent.stdout)
                self.assertIn(who, recent.stdout)
                self.last_check_was(600)
                late = self.check("--json")
                self.assertEqual(1, late.returncode, late)
                self.assertIn(who, json.loads(late.stdout)["skipped"])
                self.assertIn("have not for more than 5 min", late.stderr)
                self.assertIn(who, late.stderr)
                self.assertIn(f"kill {holder.pid}", late.stderr)

    def test_a_users_read_lock_on_the_lock_file_of_an_older_version_skips_no_check(self):
        self.lock.chmod(0o644)
        self.last_check_was(60)
        for part in ("", "var", "var/timectl"):
            (self.scratch / part).chmod(0o755)
        with Holder(self.lock, "F_RDLCK", become_nobody) as holder:
            done = self.check()
            self.assertNotIn("skipped", done.stdout)
            self.assertIn("pi-ntp: ", done.stdout)
            self.assertIn(f"(process {holder.pid} of user {NOBODY})", done.stderr)
        self.assertEqual(0o600, self.lock.stat().st_mode & 0o7777)


if __name__ == "__main__":
    main()
