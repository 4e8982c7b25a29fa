# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Generations: what was changed is listed, compared, gone back to and taken away again."""

import json
import os
import shutil
import stat

from harness import ScratchRoot, main, sealed, snapshot

PROVISION = ["provision", "--yes", "--no-packages", "--role", "server"]
OTHER_SITE = [*PROVISION, "--profile", "two-servers", "--host", "pi-ntp"]
DROP_IN = "etc/chrony/conf.d/50-timectl.conf"
STATE = "var/lib/timectl"


class RestorePlan(ScratchRoot):
    packages = ["chrony"]

    def tree(self):
        """Everything outside of timectl's own directory; a directory's time tells nothing."""
        state = str(self.root / STATE)
        return {path: (what[0], what[1], what[2], what[3] if what[4] is not None else 0, what[4])
                for path, what in snapshot(self.root).items() if not path.startswith(state)}

    def done(self, *words):
        result = self.run_here(*words)
        self.assert_status(0, result)
        return result

    def test_a_plan_of_nothing_has_the_keys_of_any_plan(self):
        keys = self.run_here("plan", "--json", "--role", "server").json.keys()
        self.done(*PROVISION)
        document = self.done("plan", "--json", "--role", "server").json
        self.assertEqual(keys, document.keys())
        self.assertEqual([], document["cut_offs"])

    def without_times(self, tree):
        return {path: what[:3] + what[4:] for path, what in tree.items()}

    def test_before_the_first_change_there_is_nothing_to_list_or_go_back_to(self):
        self.assertIn("changed nothing", self.done("generations").out)
        for words in (["rollback", "--yes"], ["diff"]):
            result = self.run_here(*words)
            self.assert_status(1, result)
            self.assertIn("changed nothing", result.err)
        before = snapshot(self.root)
        self.done("uninstall", "--dry-run")
        self.assertEqual(before, snapshot(self.root))

    def test_a_rollback_gives_the_same_bytes_and_times_and_can_be_rolled_back(self):
        before = self.tree()
        self.done(*PROVISION)
        provisioned = self.without_times(self.tree())
        result = self.done("rollback", "--yes")
        self.assertIn("as it was before timectl", result.out)
        self.assertEqual(before, self.tree())
        self.done("rollback", "--yes")
        self.assertEqual(provisioned, self.without_times(self.tree()))
        self.done("plan", "--role", "server")

    def mask(self, *units):
        device = self.root / "dev/null"
        device.parent.mkdir(exist_ok=True)
        try:
            os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        except (PermissionError, FileExistsError):
            pass  # without the device a link to it leads nowhere, which says the same
        for unit in units:
            link = self.root / "etc/systemd/system" / unit
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")

    def without_link_times(self):
        """A link that is made anew has the time of that."""
        return {path: what[:3] + what[4:] if stat.S_ISLNK(what[0]) else what
                for path, what in self.tree().items()}

    def test_masked_units_are_provisioned_and_masked_again_by_the_rollback(self):
        self.mask("chrony.service", "timectl-monitor.timer", "timectl-monitor.service",
                  "timectl-rtc.service")
        before = self.without_link_times()
        planned = self.run_here("plan", "--role", "server").out
        self.assertIn("unmask chrony.service", planned)
        self.assertIn("masked by /etc/systemd/system/chrony.service", planned)
        self.assertIn("timectl-monitor.service is masked by", planned)
        self.done(*PROVISION)
        self.assertIn("nothing to do", self.done("plan").out)
        self.done("rollback", "--yes")
        self.assertEqual(before, self.without_link_times())
        self.done(*PROVISION)
        self.done("uninstall", "--yes")
        self.assertEqual(before, self.without_link_times())

    def test_units_that_were_masked_since_are_provisioned_again_and_uninstalled(self):
        self.mask()
        before = self.without_link_times()
        self.done(*PROVISION)
        provisioned = self.without_times(self.tree())
        self.mask("chrony.service", "timectl-monitor.timer")
        self.done(*PROVISION)
        self.assertEqual(provisioned, self.without_times(self.tree()))
        self.mask("chrony.service", "timectl-monitor.timer")
        self.done("uninstall", "--yes")
        self.assertEqual(before, self.without_link_times())

    def test_a_mask_that_a_package_brings_is_refused_with_what_helps(self):
        unit = self.root / "usr/lib/systemd/system/chrony.service"
        unit.unlink()
        unit.symlink_to("/dev/null")
        before = self.tree()
        refused = self.run_here(*PROVISION)
        self.assert_status(1, refused)
        self.assertIn("cannot unmask 'chrony.service'", refused.err)
        self.assertIn(f"rm '{self.root}/usr/lib/systemd/system/chrony.service'", refused.err)
        self.assertEqual(before, self.tree())

    def test_a_rollback_to_a_named_generation_ends_in_what_that_left(self):
        self.done(*PROVISION)
        first = self.without_times(self.tree())
        self.done(*OTHER_SITE)
        self.done("rollback", "--yes", "1")
        self.assertEqual(first, self.without_times(self.tree()))
        self.assertIn("nothing to do", self.done("plan").out)
        self.assert_status(2, self.run_here("rollback", "--yes", "77"))

    def test_a_rollback_shows_its_plan_and_asks(self):
        self.done(*PROVISION)
        before = snapshot(self.root)
        shown = self.run_here("rollback", "--dry-run")
        self.assert_status(3, shown)
        self.assertIn("remove /" + DROP_IN, shown.out)
        self.assertIn("disable timectl-monitor.timer", shown.out)
        asked = self.run_here("rollback")
        self.assert_status(2, asked)
        self.assertIn("--yes", asked.err)
        self.assertEqual(before, snapshot(self.root))

    def test_an_edited_file_needs_a_decision_and_is_never_lost(self):
        self.done(*PROVISION)
        drop_in = self.root / DROP_IN
        edited = drop_in.read_text() + "allow 10.0.0.0/8\n"
        drop_in.write_text(edited)
        before = snapshot(self.root)
        refused = self.run_here("rollback", "--yes")
        self.assert_status(1, refused)
        self.assertIn("/" + DROP_IN, refused.err)
        self.assertIn("--keep-edited", refused.err)
        self.assertEqual(before, snapshot(self.root))
        self.done("rollback", "--yes", "--take-over")
        self.assertFalse(drop_in.exists())
        self.done("rollback", "--yes")
        self.assertEqual(edited, drop_in.read_text())
        self.done("rollback", "1", "--yes", "--keep-edited")
        self.assertEqual(edited, drop_in.read_text())

    def test_an_uninstall_leaves_the_host_as_it_was_and_keeps_edits(self):
        self.done(*PROVISION)
        self.done(*OTHER_SITE)
        hosts = self.root / "etc/hosts"
        hosts.write_text(hosts.read_text() + "10.0.0.9 printer\n")
        drop_in = self.root / DROP_IN
        drop_in.write_text("mine\n")
        result = self.done("uninstall", "--yes")
        self.assertIn("kept: /" + DROP_IN, result.out)
        self.assertEqual("mine\n", drop_in.read_text())
        self.assertTrue(hosts.read_text().endswith("10.0.0.9 printer\n"))
        self.assertNotIn("timectl", hosts.read_text())
        left = [path for path in self.root.glob("etc/**/*timectl*") if path != drop_in]
        self.assertEqual([], left)
        self.assertTrue((self.root / STATE / "current.json").exists())

    def test_a_link_that_is_left_is_named_and_nothing_is_forgotten(self):
        """What timectl brought was removed by hand, but for what enabled its timer."""
        etc, before = self.root / "etc", self.scratch / "before"
        shutil.copytree(etc, before, symlinks=True)
        self.done(*PROVISION)
        shutil.rmtree(etc)
        shutil.copytree(before, etc, symlinks=True)
        for command in (self.root / "usr/local/bin").glob("ntp.*"):
            command.unlink()
        link = etc / "systemd/system/timers.target.wants/timectl-monitor.timer"
        link.parent.mkdir(exist_ok=True)
        link.symlink_to("/etc/systemd/system/timectl-monitor.timer")
        result = self.run_here("uninstall", "--yes", "--purge")
        self.assert_status(3, result)
        self.assertNotIn("as it was before timectl\n", result.out)
        self.assertIn("not as it was before timectl:", result.out)
        self.assertIn("/" + str(link.relative_to(self.root)), result.out)
        self.assertTrue((self.root / STATE / "current.json").exists())
        link.unlink()
        self.assertIn("this host is as it was before timectl", self.done("uninstall", "--yes").out)

    def test_an_uninstall_with_purge_leaves_nothing(self):
        before = self.tree()
        self.done(*PROVISION)
        self.done("uninstall", "--yes", "--purge")
        self.assertEqual(before, self.tree())
        self.assertFalse((self.root / STATE).exists())

    def test_what_is_uninstalled_already_can_be_forgotten_without_a_question(self):
        """The second half of what an uninstall with --purge is taken apart into, where it would cut the host off."""
        before = self.tree()
        self.done(*PROVISION)
        self.done("uninstall", "--yes")
        self.done("uninstall", "--purge")
        self.assertEqual(before, self.tree())
        self.assertFalse((self.root / STATE).exists())

    def test_what_fails_after_an_uninstall_is_no_unchanged_host(self):
        before = self.without_times(self.tree())
        self.done(*PROVISION)
        stray = self.root / STATE / "mine/deep"
        stray.mkdir(parents=True)
        result = self.run_here("uninstall", "--yes", "--purge")
        self.assert_status(3, result)
        self.assertIn("the uninstall is carried out", result.err)
        self.assertNotIn("this host is as it was before timectl", result.out)
        self.assertEqual(before, self.without_times(self.tree()))
        stray.rmdir()
        self.done("uninstall", "--yes", "--purge")
        self.assertFalse((self.root / STATE).exists())

    def test_an_uninstall_can_be_rolled_back(self):
        self.done(*PROVISION)
        provisioned = self.without_times(self.tree())
        self.done("uninstall", "--yes")
        self.done("rollback", "--yes")
        self.assertEqual(provisioned, self.without_times(self.tree()))

    def test_generations_say_when_who_what_and_how_it_ended(self):
        self.done(*PROVISION)
        self.done(*OTHER_SITE)
        listed = self.done("generations").out
        self.assertLess(listed.index("  1  "), listed.index("  2  "))
        self.assertRegex(listed, r"  1  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  committed")
        self.assertTrue(all(len(line) <= 80 for line in listed.splitlines()
                            if str(self.root) not in line), listed)
        document = self.done("--json", "generations").json
        self.assertEqual(1, document["schema"])
        first = document["generations"][0]
        self.assertTrue(first["user"])
        self.assertIn("provision --yes", first["command"])
        self.assertEqual(("provision", "committed", "pi-ntp", "server", "missing-link"),
                         tuple(first[key] for key in
                               ("purpose", "verdict", "host", "role", "profile")))
        self.assertIn({"path": "/" + DROP_IN, "action": "create"}, first["files"])
        self.assertIn("create /" + DROP_IN, self.done("generations", "1").out)

    def test_a_diff_compares_generations_and_the_host(self):
        self.done(*PROVISION)
        self.done(*OTHER_SITE)
        self.assertEqual("", self.done("diff").out)
        drop_in = self.root / DROP_IN
        drop_in.write_text(drop_in.read_text() + "allow all\n")
        drop_in.chmod(0o664)
        edited = self.run_here("diff")
        self.assert_status(3, edited)
        self.assertIn("+allow all\n", edited.out)
        self.assertIn("mode 0644 -> 0664", edited.out)
        between = self.run_here("--json", "diff", "1", "2")
        self.assert_status(3, between)
        paths = [each["path"] for each in between.json["files"]]
        self.assertIn("/etc/timectl/profile.json", paths)
        self.assertEqual([], self.done("--json", "diff", "2", "2").json["files"])

    def write_profile(self, rtc):
        site = self.scratch / "site.json"
        site.write_text('{"network": {"subnet": "192.168.4.0/24"}, "hosts": {"pi-ntp": {"role": "server", '
                        f'"address": "192.168.4.2", "rtc": {rtc}}}}}}}\n')
        return site

    def provisioned_by_an_earlier_version(self):
        """That one took an address that the chip cannot have."""
        right, former = '{"address": "0x68"}', '{"address": "0x57"}'
        site = self.write_profile(right)
        self.done(*PROVISION, "--profile", site)
        kept = self.root / "etc/timectl/profile.json"
        when = kept.stat().st_mtime_ns
        kept.write_text(kept.read_text().replace(right, former))
        os.utime(kept, ns=(when, when))
        within = [json.dumps(each)[1:-1] for each in (right, former)]
        for name in ("current.json", "generations/*/record.json", "generations/*/after.json"):
            for path in (self.root / STATE).glob(name):
                path.write_text(sealed(json.loads(path.read_text().replace(*within))))
        return kept

    def test_a_profile_that_only_an_earlier_version_took_comes_back_and_goes_again(self):
        kept = self.provisioned_by_an_earlier_version()
        former = kept.read_text()
        self.assert_status(2, self.run_here("plan"))
        self.done(*PROVISION, "--profile", self.write_profile('{"bus": 1}'))
        self.assertNotEqual(former, kept.read_text())
        result = self.done("rollback", "--yes")
        self.assertEqual(former, kept.read_text())
        self.assertIn("left it", result.out)
        self.assertNotIn("edited", result.out + result.err)
        # It is no host that timectl can do nothing for: what reads it says what is wrong.
        result = self.run_here("verify")
        self.assertIn(result.status, (0, 3), result)
        self.assertIn('expected "0x68"', (result.out + result.err).replace("\n", " "))
        result = self.run_here("plan")
        self.assert_status(2, result)
        self.assertIn("/hosts/pi-ntp/rtc/address", result.err)
        self.done("rollback", "--yes")
        self.assertNotEqual(former, kept.read_text())
        self.done("plan")
        self.done("rollback", "--yes")
        self.done("uninstall", "--yes")
        self.assertFalse(kept.exists())

    def test_below_a_root_nothing_waits_for_a_confirmation(self):
        result = self.run_here(*PROVISION, "--confirm", "10m")
        self.assert_status(2, result)
        self.assertIn("--root", result.err)
        for span in ("soon", "10", "9s", "25h", "-1m", "m", "99999999999999999999h"):
            wrong = self.run_here(*PROVISION, f"--confirm={span}")
            self.assert_status(2, wrong)
            self.assertIn(f"'{span}' is not a valid confirmation window", wrong.err)
        self.done(*PROVISION)
        for words in (["rollback"], ["uninstall"]):
            result = self.run_here(*words, "--yes", "--confirm", "10m")
            self.assert_status(2, result)
            self.assertIn("--root", result.err)
        self.assert_status(2, self.run_here("uninstall", "--yes", "--purge", "--confirm", "10m"))
        refused = self.run_here("confirm")
        self.assert_status(1, refused)
        self.assertIn("no change awaits confirmation", refused.err)


if __name__ == "__main__":
    main()
