# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Whatever is wrong, one clear message, the right exit code, and nothing written."""

import os
import subprocess

from harness import TIMECTL, ScratchRoot, main, snapshot, timectl

SERVER = ["--role", "server"]


class BadInput(ScratchRoot):
    packages = ["chrony"]

    def refused(self, status, words, *said):
        before = snapshot(self.root)
        result = self.run_here(*words)
        self.assert_status(status, result)
        for text in said:
            self.assertIn(text, result.err)
        self.assertNotIn("terminate", result.err)
        self.assertEqual(before, snapshot(self.root))
        return result

    def write_profile(self, old, new):
        path = self.scratch / "site.json"
        text = timectl("profile", "show", "missing-link").out
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))
        return path

    def test_a_bad_profile_changes_nothing(self):
        for old, new, said in [
                ('"192.168.4.2"', '"192.168.5.2"', "192.168.5.2"),
                ('"local_stratum": 10', '"local_stratum": 16', "16"),
                ('"pi-ntp"', '"pi ntp"', "pi ntp"),
                ('"controller.service"', '"x.service\\nUser=root"', "/controller/unit"),
                ('"role": "server"', '"role": "sever"', "server"),
                ('"hosts"', '"host"', "hosts"),
                ('{\n', '{{\n', "site.json:"),
        ]:
            path = self.write_profile(old, new)
            words = ["provision", "--yes", "--profile", path, *SERVER]
            self.refused(2, words, "site.json:", said)

    def test_an_unknown_role_host_or_profile_is_named_with_what_there_is(self):
        self.refused(2, ["plan", "--role", "sever"], "sever")
        self.refused(2, ["plan", "--host", "nobody"], "nobody", "pi-ntp", "main-pi")
        self.refused(2, ["plan", "--profile", "nowhere", *SERVER], "nowhere", "missing-link")

    def test_a_directory_in_a_files_place_is_refused_before_anything_is_written(self):
        (self.root / "etc/chrony/conf.d/50-timectl.conf").mkdir(parents=True)
        words = ["provision", "--yes", "--no-packages", *SERVER]
        self.refused(1, words, "50-timectl.conf")

    def test_a_fifo_in_a_files_place_is_refused_and_does_not_hang(self):
        (self.root / "etc/chrony/conf.d").mkdir(parents=True, exist_ok=True)
        os.mkfifo(self.root / "etc/chrony/conf.d/50-timectl.conf")
        words = ["provision", "--yes", "--no-packages", *SERVER]
        self.refused(1, words, "50-timectl.conf")

    def test_a_link_out_of_the_root_is_not_followed(self):
        outside = self.scratch / "outside"
        outside.mkdir()
        conf_d = self.root / "etc/chrony/conf.d"
        if conf_d.exists():
            conf_d.rmdir()
        conf_d.parent.mkdir(parents=True, exist_ok=True)
        conf_d.symlink_to(outside)
        self.run_here("provision", "--yes", "--no-packages", *SERVER)
        self.assertEqual([], list(outside.iterdir()))

    def test_a_broken_template_is_named_with_its_variable(self):
        own = self.root / "etc/timectl/templates/etc/chrony/conf.d/50-timectl.conf"
        own.parent.mkdir(parents=True)
        own.write_text("allow {{nonsense}}\n")
        result = self.refused(2, ["plan", *SERVER], "50-timectl.conf", "nonsense")
        self.assertEqual("", result.out)

    def test_a_host_without_timectl_is_not_given_units_that_call_it(self):
        (self.root / "usr/bin/timectl").unlink()
        words = ["provision", "--yes", "--no-packages", *SERVER]
        self.refused(1, words, "timectl is not installed there")

    def test_a_host_that_no_profile_knows_as_a_server_enables_no_island_mode(self):
        if os.path.exists("/etc/timectl/profile.json"):
            self.skipTest("this host has a profile of its own")
        result = timectl("island", "enable")
        self.assert_status(3, result)
        self.assertIn("not enabled: no profile says that this host serves", result.out)

    def test_without_root_rights_provisioning_ends_before_it_begins(self):
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               TIMECTL, "provision", "--role", "server", "--yes"],
                              capture_output=True, text=True, timeout=240, check=False)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("root", done.stderr)


if __name__ == "__main__":
    main()
