# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What sets the clock besides: named with its place, never edited; the remedy that is shown helps."""

import re
import subprocess

from harness import ScratchRoot, main, snapshot

SERVER = ["--role", "server"]


class ClockSetters(ScratchRoot):
    packages = ["chrony"]

    def put(self, path, text, mode=0o755):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def owners(self):
        document = self.run_here("--json", "verify", *SERVER, "--only", "owners").json
        return document["findings"][0]

    def test_a_host_without_any_says_where_it_looked(self):
        finding = self.owners()
        self.assertEqual("ok", finding["verdict"], finding)
        self.assertEqual("no other program was found that sets this clock", finding["summary"])
        for place in ("rc.local", "cron", "udev rules", "network hooks", "units"):
            self.assertIn(place, finding["evidence"]["looked_at"])
        self.assertNotIn("port 123", finding["evidence"]["looked_at"])

    def test_a_command_is_named_and_the_remedy_takes_it_out(self):
        rc_local = self.put("etc/rc.local", "#!/bin/sh\nhwclock -s\nexit 0\n")
        finding = self.owners()
        self.assertEqual("warning", finding["verdict"], finding)
        self.assertEqual("/etc/rc.local:2 sets the clock from the RTC", finding["summary"])
        remedy = finding["remedy"]
        self.assertEqual(f"sed -i '2s/^/#/' {self.root}/etc/rc.local", remedy)
        subprocess.run(["sh", "-c", remedy], check=True)
        self.assertEqual("#!/bin/sh\n#hwclock -s\nexit 0\n", rc_local.read_text())
        self.assertEqual("ok", self.owners()["verdict"])

    def test_a_plan_names_each_of_them_and_edits_none(self):
        self.put("etc/rc.local", "#!/bin/sh\nif true; then\n  hwclock -s\nfi\n")
        self.put("etc/cron.d/clock", "@hourly root /usr/sbin/ntpdate pool.ntp.org\n", 0o644)
        before = snapshot(self.root)
        plan = self.run_here("plan", *SERVER)
        self.assert_status(3, plan)
        self.assertEqual(before, snapshot(self.root))
        words = re.sub(r"\s+", " ", plan.out + plan.err)
        self.assertIn("/etc/rc.local line 3 ('hwclock -s') sets the clock from the RTC, beside timectl: "
                      f"edit {self.root}/etc/rc.local: take the command out of line 3", words)
        self.assertIn("/etc/cron.d/clock line 1", words)
        self.assertIn("and 1 more", self.owners()["summary"])

    def test_an_enabled_unit_is_named_with_the_command_that_disables_it(self):
        unit = self.put("etc/systemd/system/hwclock-sync.service",
                        "[Service]\nExecStart=/sbin/hwclock -s\n[Install]\nWantedBy=multi-user.target\n", 0o644)
        self.assertEqual("ok", self.owners()["verdict"])
        link = self.root / "etc/systemd/system/multi-user.target.wants/hwclock-sync.service"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("/etc/systemd/system/hwclock-sync.service")
        finding = self.owners()
        self.assertEqual("warning", finding["verdict"], finding)
        self.assertEqual(f"systemctl --root {self.root} disable hwclock-sync.service", finding["remedy"])
        subprocess.run(["sh", "-c", finding["remedy"]], check=True, capture_output=True)
        self.assertEqual("ok", self.owners()["verdict"])
        self.assertTrue(unit.exists())

    def test_the_line_of_a_file_that_is_not_for_everybody_is_not_shown(self):
        self.put("etc/rc.local", "#!/bin/sh\nKEY=secret hwclock -s\n", 0o700)
        for result in (self.run_here("plan", *SERVER), self.run_here("--json", "verify", *SERVER)):
            self.assertIn("/etc/rc.local", result.out + result.err)
            self.assertNotIn("secret", result.out + result.err)


if __name__ == "__main__":
    main()
