# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What a user wrote or decided since timectl came: no rollback loses it, and no answer passes over it."""

import json
import os
import re

from harness import ScratchRoot, main, sealed

SERVER = ["--role", "server"]
PROVISION = ["provision", "--yes", "--no-packages", *SERVER]
PURGE = ["uninstall", "--yes", "--purge"]
STATE = "var/lib/timectl"
AS_BEFORE = "this host is as it was before timectl"
MINE = "mine\n"


class Kept(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        (self.root / "var/lib").mkdir(parents=True, exist_ok=True)
        self.host_name = self.root / "etc/hostname"
        self.original = self.host_name.read_text()
        self.units = self.root / "etc/systemd/system"

    def provisioned(self):
        self.assert_status(0, self.run_here(*PROVISION))

    def with_timesyncd(self):
        """Enabled as Debian does it, beside the chrony that a server gets."""
        name = "systemd-timesyncd.service"
        unit = self.root / "usr/lib/systemd/system" / name
        unit.write_text("[Unit]\nDescription=time\n[Service]\nExecStart=/bin/true\n[Install]\n"
                        "WantedBy=sysinit.target\nAlias=dbus-org.freedesktop.timesync1.service\n")
        (self.units / "sysinit.target.wants").mkdir(exist_ok=True)
        self.wants = self.units / "sysinit.target.wants" / name
        self.alias = self.units / "dbus-org.freedesktop.timesync1.service"
        for link in (self.wants, self.alias):
            link.unlink(missing_ok=True)
            link.symlink_to(f"/usr/lib/systemd/system/{name}")
        self.provisioned()
        for link in (self.wants, self.alias):
            self.assertFalse(os.path.lexists(link))

    def spoil_copy_of_host_name(self):
        next((self.root / STATE).glob("generations/*/old-*-hostname")).write_text("rot")

    def assert_not_forgotten(self, done):
        self.assertNotIn(f"{AS_BEFORE} (", done.out)
        self.assertNotIn(f"{AS_BEFORE}\n", done.out)
        self.assertTrue((self.root / STATE / "generations").exists())

    def test_a_rollback_that_kept_an_edited_file_does_not_forget_the_original(self):
        self.provisioned()
        self.host_name.write_text(MINE)
        done = self.run_here("rollback", "--yes", "--keep-edited")
        self.assert_status(0, done)
        self.assertIn("but for what was edited", done.out)
        done = self.run_here(*PURGE)
        self.assert_status(3, done)
        self.assert_not_forgotten(done)
        self.assertIn("kept: /etc/hostname", done.out)
        self.assert_status(0, self.run_here(*PURGE, "--take-over"))
        self.assertEqual(self.original, self.host_name.read_text())

    def test_a_rollback_whose_copy_rotted_does_not_forget_the_file(self):
        self.provisioned()
        self.spoil_copy_of_host_name()
        self.assert_status(5, self.run_here("rollback", "--yes"))
        done = self.run_here(*PURGE)
        self.assert_status(5, done)
        self.assert_not_forgotten(done)

    def test_a_lost_copy_of_an_edited_file_is_named_when_the_file_is_to_be_taken_over(self):
        self.provisioned()
        self.spoil_copy_of_host_name()
        self.host_name.write_text(MINE)
        for words in (["rollback", "--yes", "--take-over"], [*PURGE, "--take-over"]):
            done = self.run_here(*words)
            self.assert_status(5, done)
            self.assertIn("/etc/hostname", done.err)
            self.assert_not_forgotten(done)
            self.assertEqual(MINE, self.host_name.read_text())

    def test_a_file_that_stands_where_a_link_was_is_left_and_named(self):
        self.with_timesyncd()
        self.alias.write_text("[Service]\nExecStart=/usr/bin/mine\n")
        for words in (["uninstall", "--yes"], PURGE):
            done = self.run_here(*words)
            self.assertIn(done.status, (1, 3, 4), done)
            self.assertIn(f"/{self.alias.relative_to(self.root)}", done.out + done.err)
            self.assertIn("/usr/bin/mine", self.alias.read_text())
            self.assert_not_forgotten(done)

    def test_what_was_decided_of_units_since_an_uninstall_stays(self):
        self.with_timesyncd()
        self.host_name.write_text(MINE)
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        for link in (self.wants, self.alias):
            self.assertTrue(link.is_symlink())
            link.unlink()
        done = self.run_here(*PURGE, "--take-over")
        self.assert_status(0, done)
        self.assertFalse(os.path.lexists(self.wants))
        self.assertEqual(self.original, self.host_name.read_text())

    def test_a_journal_that_rots_after_its_change_was_undone_costs_nothing(self):
        self.provisioned()
        record = (self.root / STATE / "current.json").read_bytes()
        self.assert_status(0, self.run_here(*PROVISION, "--profile", "two-servers", "--host", "pi-ntp"))
        journal = sorted((self.root / STATE).glob("generations/*/journal.json"))[-1]
        journal.write_text(sealed({**json.loads(journal.read_text()), "state": "begun"}))
        (self.root / STATE / "current.json").write_bytes(record)
        self.assert_status(0, self.run_here("recover"))
        journal.write_text("rot")
        done = self.run_here("recover")
        self.assert_status(0, done)
        self.assertIn("nothing is left of its change", done.err)
        self.assert_status(0, self.run_here(*PURGE))
        self.assertEqual(self.original, self.host_name.read_text())

    def test_without_the_list_of_what_a_change_left_a_rollback_asks(self):
        self.provisioned()
        next((self.root / STATE).glob("generations/*/after.json")).unlink()
        done = self.run_here("rollback", "--yes")
        self.assert_status(1, done)
        told = re.search(r"(--take-over) restores them", done.err)[1]
        self.assert_status(0, self.run_here("rollback", "--yes", told))
        self.assertEqual(self.original, self.host_name.read_text())

    def test_what_a_lost_change_had_removed_is_named_before_it_is_forgotten(self):
        self.provisioned()
        (self.root / STATE / "current.json").unlink()
        next((self.root / STATE).glob("generations/*/journal.json")).unlink()
        self.assert_status(5, self.run_here("recover"))
        hosts = self.root / "etc/hosts"
        hosts.write_text(hosts.read_text() + "192.0.2.7 mine\n")
        done = self.run_here(*PURGE)
        self.assert_status(5, done)
        self.assertIn("/etc/hosts", done.err)
        self.assertIn("cannot tell how units were", done.err)
        told = re.search(r"then (rm -r \S+) forgets", done.err.replace("\n", " "))[1]
        self.assertTrue(told.endswith(f"{STATE}'") or told.endswith(STATE), told)
        self.assertTrue((self.root / STATE).exists())


if __name__ == "__main__":
    main()
