# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What the package's scripts do to a host, on roots as timectl leaves them (dpkg's --root); what it builds with."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(os.environ["TIMECTL_SOURCE"]) / "packaging/debian"
# As apply/record.cpp writes it, after a provision and after an uninstall.
PROVISIONED = """{
 "schema": 1,
 "host": "pi-ntp",
 "files": [
  {
   "path": "/etc/hosts"
  }
 ],
 "originals": {}
}
"""
UNINSTALLED = """{
 "schema": 2,
 "host": "",
 "files": [],
 "originals": {
  "files": {},
  "units": {},
  "packages": {},
  "directories": []
 }
}
"""
# After an uninstall that kept a file which the user had edited.
UNINSTALLED_BUT_ONE = UNINSTALLED.replace('"files": {},', """"files": {
   "/etc/hosts": "20261121T200000Z-001"
  },""")


class Scripts(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.state = self.root / "var/lib/timectl"
        self.units = self.root / "etc/systemd/system"

    def say(self, script, *words):
        return subprocess.run(["sh", SCRIPTS / f"timectl.{script}", *words], text=True, capture_output=True,
                              env={**os.environ, "DPKG_ROOT": str(self.root)}, check=False)

    def done(self, script, *words):
        result = self.say(script, *words)
        self.assertEqual((0, ""), (result.returncode, result.stderr), result.stdout)
        return result.stdout

    def make(self, record, state="committed"):
        generation = self.state / "generations/20261121T200000Z-001"
        generation.mkdir(parents=True)
        (generation / "journal.json").write_text(f'{{\n "schema": 2,\n "state": "{state}",\n "reason": ""\n}}\n')
        (generation / "old-001-hosts").write_text("127.0.0.1 localhost\n")
        if record is not None:
            (self.state / "current.json").write_text(record)
        (self.root / "etc/timectl/templates").mkdir(parents=True)
        (self.root / "etc/timectl/profile.json").write_text("{}")
        self.units.mkdir(parents=True)
        (self.units / "timectl-monitor.timer").write_text("[Timer]\n")

    def tree(self):
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")}

    def test_a_host_without_timectls_doing_hears_nothing_and_loses_nothing(self):
        for words in (["prerm", "remove"], ["postrm", "remove"], ["postrm", "purge"],
                      ["postinst", "configure", ""]):
            self.assertEqual("", self.done(*words), words)
        self.assertEqual(set(), self.tree())

    def test_removing_touches_nothing_of_a_provisioned_host_and_says_what_rests(self):
        self.make(PROVISIONED)
        before = self.tree()
        self.assertIn("keeps the time service", self.done("prerm", "remove"))
        self.assertEqual("", self.done("postrm", "remove"))
        self.assertEqual(before, self.tree())

    def test_an_upgrade_says_and_does_nothing(self):
        self.make(PROVISIONED)
        before = self.tree()
        for words in (["prerm", "upgrade", "0.2"], ["postrm", "upgrade", "0.2"], ["postinst", "configure", "0.1"]):
            self.assertEqual("", self.done(*words), words)
        self.assertEqual(before, self.tree())

    def test_an_open_change_keeps_its_only_rollback(self):
        self.make(PROVISIONED)
        (self.units / "timectl-recover.service").write_text("[Service]\n")
        result = self.say("prerm", "remove")
        self.assertEqual(1, result.returncode)
        self.assertIn("timectl confirm", result.stderr)
        self.assertEqual("", self.done("prerm", "upgrade", "0.2"))

    def test_purging_forgets_everything_after_an_uninstall(self):
        self.make(UNINSTALLED)
        self.assertEqual("", self.done("postrm", "purge"))
        self.assertEqual({"etc", "etc/systemd", "etc/systemd/system", "etc/systemd/system/timectl-monitor.timer",
                          "var", "var/lib"}, self.tree())

    def test_purging_forgets_changes_that_were_all_undone(self):
        self.make(None, "undone")
        self.done("postrm", "purge")
        self.assertFalse(self.state.exists())

    def test_purging_a_provisioned_host_keeps_the_rollback_and_says_so(self):
        for record, state in ((PROVISIONED, "committed"), ("", "committed"), ("{damaged", "committed"),
                              (None, "committed"), (None, "begun"), (None, "waiting"), (None, "broken"),
                              (UNINSTALLED_BUT_ONE, "committed"), (UNINSTALLED, "begun"), (UNINSTALLED, "waiting")):
            with self.subTest(record=record, state=state):
                self.setUp()
                self.make(record, state)
                before = self.tree()
                self.assertIn("timectl uninstall --purge", self.done("postrm", "purge"))
                self.assertEqual(before, self.tree())

    def test_installing_again_clears_the_mark_that_the_monitor_rests(self):
        self.make(PROVISIONED)
        (self.state / "watch-again").touch()
        self.assertEqual("", self.done("postinst", "configure", "0.1"))
        self.assertFalse((self.state / "watch-again").exists())

    def test_what_a_package_builds_with_is_what_every_build_needs(self):
        control = (SCRIPTS / "control").read_text()
        wanted = re.search(r"^Build-Depends: (.*?)^\S", control, re.M | re.S).group(1)
        listed = subprocess.run([SCRIPTS.parent / "install-deps", "--list", "build"], check=True, text=True,
                                capture_output=True).stdout.split()
        # g++ is essential to building, and debhelper has a level.
        self.assertEqual({"debhelper-compat", *listed} - {"g++"}, set(re.findall(r"^\s*([a-z0-9-]+)", wanted, re.M)))


if __name__ == "__main__":
    unittest.main()
