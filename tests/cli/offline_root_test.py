# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""--root: a mounted card is provisioned while nothing of the running host is touched."""

import json
import os
import subprocess

from harness import TIMECTL, ScratchRoot, main, sealed, snapshot

SERVER = ["--role", "server"]
DROP_IN = "etc/chrony/conf.d/50-timectl.conf"


class OfflineRoot(ScratchRoot):
    packages = ["chrony"]

    def provision(self, *words):
        return self.run_here("provision", "--yes", "--no-packages", *(words or SERVER))

    def test_a_package_that_is_missing_is_named_before_anything_is_written(self):
        self.remove_package("chrony")
        before = snapshot(self.root)
        result = self.provision()
        self.assert_status(1, result)
        self.assertIn("chrony", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_a_plan_says_what_would_change_and_writes_nothing(self):
        before = snapshot(self.root)
        result = self.run_here("plan", *SERVER)
        self.assert_status(3, result)
        self.assertIn("/" + DROP_IN, result.out)
        self.assertIn("+allow 192.168.4.0/24", result.out)
        self.assertEqual(before, snapshot(self.root))

    def test_a_plan_is_also_a_json_document(self):
        document = self.run_here("--json", "plan", *SERVER).json
        self.assertEqual(1, document["schema"])
        self.assertEqual("pi-ntp", document["host"])
        self.assertTrue(document["changes"])

    def test_a_profile_without_a_name_was_drift_as_soon_as_the_host_kept_it(self):
        path = self.scratch / "home.json"
        path.write_text('{ "extends": "missing-link" }')
        self.assert_status(0, self.provision(*SERVER, "--profile", path))
        self.assert_status(0, self.run_here("plan", *SERVER))
        self.assert_status(0, self.run_here("plan", *SERVER, "--profile", path))

    def test_short_commands_are_programs_and_no_conffile_is_touched(self):
        bashrc = self.root / "etc/bash.bashrc"
        bashrc.write_text("PS1=x\n")
        self.assert_status(0, self.provision())
        self.assertEqual("PS1=x\n", bashrc.read_text())
        command = self.root / "usr/local/bin/ntp.status"
        self.assertEqual(0o755, command.stat().st_mode & 0o7777)
        self.assertTrue(command.read_text().startswith("#!/bin/sh\n# timectl manages this"))
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_dry_run_writes_nothing(self):
        before = snapshot(self.root)
        self.run_here("provision", "--dry-run", *SERVER)
        self.assertEqual(before, snapshot(self.root))

    def test_without_a_terminal_nothing_is_done_unless_yes_is_said(self):
        before = snapshot(self.root)
        result = self.run_here("provision", "--no-packages", *SERVER)
        self.assert_status(2, result)
        self.assertIn("--yes", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_after_provisioning_the_plan_is_empty_and_a_second_run_writes_nothing(self):
        first = self.provision()
        self.assertIn(first.status, (0, 3), first)
        self.assertIn("allow 192.168.4.0/24", (self.root / DROP_IN).read_text())
        self.assert_status(0, self.run_here("plan", *SERVER))
        before = snapshot(self.root)
        second = self.provision()
        self.assert_status(0, second)
        self.assertIn("nothing to do", second.out)
        self.assertEqual(before, snapshot(self.root))

    def test_files_that_a_recovery_will_take_back_were_called_in_order(self):
        self.provision()
        state = self.root / "var/lib/timectl"
        journal = next(state.glob("generations/*/journal.json"))
        journal.write_text(sealed({**json.loads(journal.read_text()), "state": "begun"}))
        (state / "current.json").unlink()
        result = self.run_here("plan", *SERVER)
        self.assert_status(3, result)
        self.assertIn("was interrupted: timectl recover rolls it back", result.err)
        self.assertNotIn("nothing to do", result.out)

    def test_units_are_enabled_by_links(self):
        self.provision()
        link = self.root / "etc/systemd/system/timers.target.wants/timectl-monitor.timer"
        self.assertEqual("/etc/systemd/system/timectl-monitor.timer", os.readlink(link))

    def test_a_file_in_a_wants_directory_enabled_nothing_and_was_disabled_for_ever(self):
        unit = self.root / "usr/lib/systemd/system/systemd-timesyncd.service"
        unit.write_text("[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=sysinit.target\n")
        want = self.root / "etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service"
        want.parent.mkdir(exist_ok=True)
        want.write_text("no link\n")
        self.assert_status(0, self.provision())
        self.assert_status(0, self.run_here("plan", *SERVER))
        self.assertEqual("no link\n", want.read_text())

    def test_a_file_in_the_place_of_a_link_is_refused_before_anything_is_written(self):
        want = self.root / "etc/systemd/system/multi-user.target.wants/chrony.service"
        want.unlink(missing_ok=True)
        want.write_text("no link\n")
        before = snapshot(self.root)
        for command in ("plan", "provision"):
            result = self.run_here(command, *(["--yes", "--no-packages"] if command == "provision" else []),
                                   *SERVER)
            self.assert_status(1, result)
            self.assertIn("/etc/systemd/system/multi-user.target.wants/chrony.service", result.err)
        after = snapshot(self.root)
        lock = str(self.root / "var/lib")
        for tree in (before, after):
            for path in [each for each in tree if each.startswith(lock)]:
                del tree[path]
        self.assertEqual(before, after)

    def test_what_stands_in_the_place_of_an_alias_is_refused_before_anything_is_written(self):
        unit = self.root / "usr/lib/systemd/system/chrony.service"
        unit.write_text(unit.read_text() + "Alias=chronyd.service\n")
        alias = self.root / "etc/systemd/system/chronyd.service"
        alias.write_text("[Service]\nExecStart=/usr/bin/mine\n")
        before = snapshot(self.root)
        for words in (["plan", *SERVER], ["provision", "--yes", "--no-packages", *SERVER]):
            done = self.run_here(*words)
            self.assert_status(1, done)
            self.assertIn("'/etc/systemd/system/chronyd.service' stands where systemd needs a link", done.err)
            self.assertEqual(before, snapshot(self.root))
        alias.unlink()
        alias.symlink_to("/usr/lib/systemd/system/other.service")
        before = snapshot(self.root)
        done = self.provision()
        self.assert_status(1, done)
        self.assertIn("leads to '/usr/lib/systemd/system/other.service'", done.err.replace("\n", " "))
        self.assertEqual(before, snapshot(self.root))
        remedy = done.err.split("look at it, and remove it: ")[1].splitlines()[0]
        subprocess.run(remedy, shell=True, check=True)
        self.assert_status(0, self.provision())
        self.assertEqual("/usr/lib/systemd/system/chrony.service", os.readlink(alias))
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_wants_directory_that_is_a_link_is_refused_before_anything_is_written(self):
        wants = self.root / "etc/systemd/system/timers.target.wants"
        outside = self.scratch / "outside"
        outside.mkdir()
        wants.symlink_to(outside)
        before = snapshot(self.root / "etc")
        for command in (["plan"], ["provision", "--yes", "--no-packages"]):
            result = self.run_here(*command, *SERVER)
            self.assert_status(1, result)
            self.assertIn("'/etc/systemd/system/timers.target.wants' is a symbolic link", result.err)
            self.assertIn(f"rm '{wants}' && mkdir '{wants}'", result.err)
        self.assertEqual(before, snapshot(self.root / "etc"))
        self.assertFalse((self.root / "var/lib/timectl/generations").exists())
        self.assertEqual([], list(outside.iterdir()))
        wants.unlink()
        wants.mkdir()
        self.assert_status(0, self.provision())

    def test_a_link_that_a_unit_asks_for_and_cannot_have_is_noted_and_the_others_are_made(self):
        unit = self.root / "usr/lib/systemd/system/chrony.service"
        unit.write_text("[Service]\nExecStart=/bin/true\n"
                        "[Install]\nWantedBy=multi-user.target\nAlias=ntp.timer chronyd.service\n")
        units = self.root / "etc/systemd/system"
        (units / "multi-user.target.wants/chrony.service").unlink(missing_ok=True)
        done = self.provision()
        self.assert_status(0, done)
        self.assertIn("chrony.service is enabled without a link that it asks for: 'ntp.timer'",
                      done.out + done.err)
        self.assertTrue((units / "multi-user.target.wants/chrony.service").is_symlink())
        self.assertTrue((units / "chronyd.service").is_symlink())

    def test_an_edit_is_told_apart_from_a_new_profile_and_repaired(self):
        self.provision()
        drop_in = self.root / DROP_IN
        ours = drop_in.read_text()
        drop_in.write_text(ours + "allow all\n")
        result = self.run_here("plan", *SERVER)
        self.assert_status(3, result)
        self.assertIn("edited", result.out)
        self.assertIn("-allow all", result.out)
        self.provision()
        self.assertEqual(ours, drop_in.read_text())

    def test_the_users_lines_in_shared_files_stay(self):
        hosts = self.root / "etc/hosts"
        hosts.write_text("127.0.0.1 localhost\n10.1.1.1 printer\n")
        self.provision()
        text = hosts.read_text()
        self.assertTrue(text.startswith("127.0.0.1 localhost\n10.1.1.1 printer\n"))
        self.assertIn("192.168.4.2", text)

    def test_output_that_nobody_takes_neither_undoes_the_change_nor_turns_its_exit_code(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TIMECTL, "--root", self.root, "provision", "--yes",
                                   "--no-packages", *SERVER], stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=full, timeout=240, check=False)
        self.assertEqual(0, done.returncode)
        self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_profile_that_was_named_is_found_again_by_the_units(self):
        profile = self.scratch / "site.json"
        text = self.run_here("profile", "show", "missing-link").out
        profile.write_text(text.replace('"name": "missing-link"', '"name": "barn"'))
        self.provision("--profile", str(profile), *SERVER)
        self.assertEqual(profile.read_text(), (self.root / "etc/timectl/profile.json").read_text())
        again = self.run_here("plan")
        self.assert_status(0, again)



class OfflineClient(ScratchRoot):
    packages = ["systemd-timesyncd", "dnsmasq"]

    def test_the_client_is_provisioned_too(self):
        result = self.run_here("provision", "--yes", "--role", "client")
        self.assertIn(result.status, (0, 3), result)
        text = (self.root / "etc/systemd/timesyncd.conf.d/50-timectl.conf").read_text()
        self.assertRegex(text, r"(?m)^NTP=$")
        self.assertRegex(text, r"(?m)^NTP=192\.168\.4\.2 0\.debian\.pool\.ntp\.org")
        self.assert_status(0, self.run_here("plan", "--role", "client"))


if __name__ == "__main__":
    main()
