# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Files that are too large are refused by name and limit, or not known; memory is no matter."""

import json
import os
import pathlib
import stat
import tempfile
import unittest

from harness import ScratchRoot, main, timectl

SERVER = ["--role", "server"]
PROVISION = ["provision", "--yes", "--no-packages", *SERVER]
NOTHING_OF_THE_LIBRARY = ["bad_alloc", "basic_string", "vector", "terminate", "Sanitizer"]
STATE = "var/lib/timectl/"


def make_huge(path):
    """A file that takes no room on the disk, and that no machine can hold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    for size in [1 << 42, 1 << 33]:  # not every file system has files of 4 TiB
        try:
            return os.truncate(path, size)
        except OSError:
            pass
    raise unittest.SkipTest("no sparse files here")


def names_and_sizes(root):
    return {str(path): (what.st_mode, what.st_uid, what.st_size, what.st_ino,
                        not stat.S_ISDIR(what.st_mode) and what.st_mtime_ns)
            for path in [root, *sorted(root.rglob("*"))] for what in [path.lstat()]
            if not path.name.startswith("lock")}  # taken and given back


class Profiles(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="timectl-cli-")
        self.addCleanup(self.place.cleanup)
        self.path = pathlib.Path(self.place.name) / "site.json"

    def refused(self, statuses, path, *said):
        for words in [["profile", "validate", path], ["plan", *SERVER, "--profile", path]]:
            with self.subTest(words=words):
                result = timectl(*words)
                self.assertIn(result.status, statuses, result)
                for text in [str(path), *said]:
                    self.assertIn(text, result.err)
                for text in NOTHING_OF_THE_LIBRARY:
                    self.assertNotIn(text, result.err)
                self.assertLess(len(result.err), 2000)

    def test_a_profile_that_no_memory_can_hold_is_refused_with_its_name_and_the_limit(self):
        make_huge(self.path)
        self.refused([2], self.path, "it is larger than 1 MiB, the limit for a profile")

    def test_what_is_no_file_is_not_read_as_a_profile(self):
        self.refused([1, 2], "/dev/zero", "not a regular file")
        os.mkfifo(self.path)
        self.refused([1, 2], self.path, "not a regular file")
        self.path.unlink()
        self.path.mkdir()
        self.refused([1, 2], self.path, "is a directory")

    def test_a_line_as_long_as_the_limit_is_not_repeated_in_the_error(self):
        for text in ["x" * 1000000, '{"' + "x" * 1000000 + '": 1}', '{"name": ' + "9" * 1000000 + "}",
                     '{"name": "' + "x" * 1000000 + '"}', "[" * 1000000]:
            self.path.write_text(text)
            self.refused([2], self.path)

    def test_a_profile_that_extends_one_beyond_the_limit_names_that_one(self):
        if os.geteuid() != 0:
            self.skipTest("a root's files belong to root: run as root")
        root = pathlib.Path(self.place.name) / "root"
        make_huge(root / "etc/timectl/profiles/base.json")
        self.path.write_text('{"schema": 1, "extends": "base"}')
        result = timectl("--root", root, "plan", *SERVER, "--profile", self.path)
        self.assertEqual(2, result.status, result)
        self.assertIn("/etc/timectl/profiles/base.json", result.err)
        self.assertIn("1 MiB, the limit for a profile", result.err)


class Trees(ScratchRoot):
    packages = ["chrony"]

    def run_words(self, words):
        before = names_and_sizes(self.root)
        result = self.run_here(*words)
        for text in NOTHING_OF_THE_LIBRARY:
            self.assertNotIn(text, result.err + result.out, words)
        self.assertIn(result.status, [0, 1, 2, 3], result)
        if result.status in (1, 2):
            self.assertEqual(before, names_and_sizes(self.root), words)
        return result

    def refused(self, name, words, limit, status=1):
        """`words` end with the name of the file and its limit, and change nothing."""
        with self.subTest(name=name, words=words):
            result = self.run_words(words)
            self.assert_status(status, result)
            self.assertIn("/" + name, result.err)
            self.assertIn(f"it is larger than {limit}", result.err)

    def with_huge(self, name):
        """Puts a huge file there until the caller comes back."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.with_name(path.name + ".kept")
        if path.exists() or path.is_symlink():
            path.rename(kept)
        make_huge(path)

        def restore():
            path.unlink()
            if kept.exists() or kept.is_symlink():
                kept.rename(path)
        return restore

    def test_a_huge_file_of_another_program_ends_a_change_with_its_name(self):
        for name, words in {
                "etc/hosts": PROVISION, "etc/hostname": PROVISION,
                "etc/chrony/chrony.conf": PROVISION,
                "etc/chrony/conf.d/50-timectl.conf": PROVISION,
                "etc/dnsmasq.conf": PROVISION, "etc/network/interfaces": PROVISION,
                "boot/firmware/config.txt": ["facts"],
        }.items():
            restore = self.with_huge(name)
            self.run_words(["facts"])
            self.run_words(["plan", *SERVER])
            result = self.run_words(words)
            with self.subTest(name=name):
                if result.status != 0:
                    self.assertIn("/" + name, result.err)
                    self.assertIn("it is larger than 8 MiB", result.err)
            restore()

    def test_a_huge_hosts_file_is_refused_before_anything_is_written(self):
        restore = self.with_huge("etc/hosts")
        self.refused("etc/hosts", PROVISION, "8 MiB, the limit for a configuration file")
        restore()
        self.assert_status(0, self.run_words(PROVISION))

    def test_a_huge_file_wherever_a_card_has_one_is_survived_by_every_command_that_looks(self):
        for name in ["etc/os-release", "usr/lib/os-release", "etc/group", "etc/fake-hwclock.data",
                     "etc/NetworkManager/system-connections/wired.nmconnection",
                     "etc/netplan/50-cloud-init.yaml", "etc/dhcpcd.conf",
                     "etc/network/interfaces.d/eth0", "etc/systemd/network/20-wired.network",
                     "etc/systemd/timesyncd.conf", "etc/dnsmasq.d/site.conf",
                     "etc/chrony/conf.d/other.conf", "boot/firmware/cmdline.txt",
                     "boot/config.txt", "etc/rc.local", "etc/crontab", "etc/default/chrony",
                     "usr/lib/systemd/system/chrony.service",
                     "usr/lib/systemd/system/systemd-timesyncd.service",
                     "etc/systemd/system/timectl-monitor.service",
                     "var/lib/misc/dnsmasq.leases", "etc/timectl/profiles/other.json",
                     "var/lib/timectl/rtc.json", "var/lib/timectl/history/00000001",
                     "var/lib/timectl/history/00000001.tch2",
                     "run/timectl/monitor.json", "run/timectl/history", "usr/bin/chronyd"]:
            restore = self.with_huge(name)
            more = [["verify", *SERVER], ["history"]] if name.startswith(("var", "run")) else []
            for words in [["facts"], ["plan", *SERVER], *more]:
                result = self.run_words(words)
                if result.status in (1, 2) and "larger than" in result.err:
                    self.assertIn("/" + name, result.err, words)
            restore()

    def test_dpkgs_status_has_a_limit_of_its_own(self):
        restore = self.with_huge("var/lib/dpkg/status")
        for words in [["facts"], ["plan", *SERVER], PROVISION]:
            self.refused("var/lib/dpkg/status", words, "64 MiB, the limit for dpkg's status")
        restore()
        with open(self.root / "var/lib/dpkg/status", "a", encoding="ascii") as status:
            status.write("".join(f"Package: p{i}\nStatus: install ok installed\nVersion: 1\n"
                                 f"Description: {'x' * 1000}\n\n" for i in range(10000)))
        self.assert_status(0, self.run_words(["facts"]))

    def test_a_huge_template_of_the_site_is_a_wrong_template(self):
        name = "etc/timectl/templates/etc/chrony/conf.d/50-timectl.conf"
        self.with_huge(name)
        for words in [["plan", *SERVER], PROVISION]:
            self.refused(name, words, "1 MiB, the limit for a template", 2)

    def test_a_huge_profile_of_the_host_is_a_wrong_profile(self):
        self.with_huge("etc/timectl/profile.json")
        for words in [["plan", *SERVER], PROVISION]:
            self.refused("etc/timectl/profile.json", words, "1 MiB, the limit for a profile", 2)

    def test_a_huge_state_file_ends_every_change_with_its_name(self):
        self.assert_status(0, self.run_words(PROVISION))
        generation = json.loads((self.root / STATE / "current.json").read_text())["generation"]
        changes = [PROVISION, ["rollback", "--yes"], ["uninstall", "--yes"]]
        name = f"{STATE}generations/{generation}/journal.json"
        restore = self.with_huge(name)
        for words in changes:
            self.refused(name, words, "16 MiB, the limit for a state file")
        for words in [["generations"], ["plan", *SERVER], ["recover"], ["status"]]:
            self.run_words(words)
        restore()
        # The generation has a record of its own, which is used and named.
        restore = self.with_huge(STATE + "current.json")
        for words in [["plan", *SERVER], ["status"], ["uninstall", "--dry-run"]]:
            self.assertIn("16 MiB, the limit for a state file", self.run_words(words).err)
        restore()
        for name in ["after.json", "record.json"]:
            restore = self.with_huge(f"{STATE}generations/{generation}/{name}")
            for words in [["generations"], ["diff"], ["recover"], ["plan", *SERVER]]:
                self.run_words(words)
            restore()

    def test_a_state_that_is_nested_without_end_is_damaged(self):
        self.assert_status(0, self.run_words(PROVISION))
        current = self.root / STATE / "current.json"
        for text in ["[" * 1000000, "[" * 1000000 + "]" * 1000000, '{"a":' * 1000000,
                     '{"files":' * 1000000 + "1" + "}" * 1000000]:
            current.write_text(text)
            result = self.run_words(["plan", *SERVER])
            self.assert_status(0, result)
            self.assertIn("/var/lib/timectl/current.json", result.err)
            self.assertIn("it is damaged", result.err)
            self.assertLess(len(result.err), 2000)


if __name__ == "__main__":
    main()
