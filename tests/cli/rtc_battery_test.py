# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""timectl rtc battery: what is noted of the RTC's battery; and a host whose own profile is outdated."""

import datetime
import json
import subprocess

from harness import SOURCE, TIMECTL, ScratchRoot, main, sealed, snapshot, timectl

try:
    import jsonschema
except ImportError:
    jsonschema = None

NOTE = "var/lib/timectl/battery.json"
SITE = """{
  "network": { "subnet": "192.168.4.0/24" },
  "hosts": {
    "pi-ntp": { "role": "server", "address": "192.168.4.2",
      "rtc": { "chip": "ds3231", "address": "0x57" } }
  }
}
"""


def days_ago(days):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (today - datetime.timedelta(days)).isoformat()


class Battery(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        (self.root / "etc/hostname").write_text("pi-ntp\n")

    def battery(self, *words):
        return self.run_here("rtc", "battery", *words)

    def keep_profile(self, text):
        path = self.root / "etc/timectl/profile.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_a_date_is_noted_shown_and_told_as_its_schema_says(self):
        result = self.battery()
        self.assert_status(0, result)
        self.assertIn("no date is noted", result.out)
        document = self.battery("--json").json
        self.assertEqual((None, None, False), (document["replaced"], document["due"], document["is_due"]))
        date = days_ago(400)
        result = self.battery("--replaced", date)
        self.assert_status(0, result)
        self.assertIn(f"put in on {date}, 1.1 years ago", result.out)
        self.assertIn("it is due on ", result.out)
        text = (self.root / NOTE).read_text()
        self.assertEqual({"checksum", "schema", "replaced", "chip"}, set(json.loads(text)))
        document = self.battery("--json").json
        self.assertEqual((date, 3, "ds3231"), (document["replaced"], document["battery_years"], document["chip"]))
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        rules = json.loads((SOURCE / "packaging/schema/rtc-battery.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(rules)
        jsonschema.validate(document, rules)

    def test_a_battery_that_is_due_is_not_in_order(self):
        self.assert_status(3, self.battery("--replaced", days_ago(4 * 366)))
        result = self.battery()
        self.assert_status(3, result)
        self.assertIn("it was due on ", result.out)
        self.assertTrue(self.battery("--json").json["is_due"])
        self.assert_status(0, self.battery("--replaced=" + days_ago(0)))

    def test_what_is_no_date_of_a_battery_is_refused_and_nothing_is_written(self):
        before = snapshot(self.root)
        for date, why in (("1999-12-31", "before 2000-01-01"), ("2026-02-30", "expected one like"),
                          ("yesterday", "expected one like"), ("@0", "expected one like"),
                          (days_ago(-3), "in the future of the system clock"),
                          ("2200-01-01", "in the future")):
            result = self.battery("--replaced", date)
            self.assert_status(2, result)
            self.assertIn(why, result.err)
        result = self.battery("--replaced")
        self.assert_status(2, result)
        self.assertIn("--replaced YYYY-MM-DD", result.err)
        self.assert_status(2, self.battery("--replaced", days_ago(0), "--replaced", days_ago(1)))
        self.assert_status(2, self.battery(days_ago(0)))
        self.assertEqual(before, snapshot(self.root))

    def test_the_other_subcommands_of_rtc_still_refuse_a_root(self):
        for words in (["show"], ["set"], ["hctosys"]):
            self.assert_status(2, self.run_here("rtc", *words))

    def test_another_user_may_look_and_not_note(self):
        self.assert_status(0, self.battery("--replaced", days_ago(10)))
        before = (self.root / NOTE).read_bytes()
        self.scratch.chmod(0o755)
        for words, status in ((["--replaced", days_ago(1)], 1), ([], 0)):
            done = subprocess.run([TIMECTL, "--root", self.root, "rtc", "battery", *words], user=65534, group=65534,
                                  extra_groups=[], capture_output=True, text=True, check=False)
            self.assertEqual(status, done.returncode, done.stderr)
        self.assertEqual(before, (self.root / NOTE).read_bytes())

    def test_a_damaged_note_is_said_and_replaced_by_the_next_date(self):
        self.assert_status(0, self.battery("--replaced", days_ago(10)))
        note = self.root / NOTE
        note.write_text(note.read_text().replace("-", "_"))
        result = self.battery()
        self.assert_status(1, result)
        self.assertIn("/" + NOTE, result.err)
        self.assert_status(0, self.battery("--replaced", days_ago(1)))
        newer = sealed({"schema": 3, "replaced": days_ago(1)})
        note.write_text(newer)
        self.assert_status(1, self.battery("--replaced", days_ago(0)))
        self.assertEqual(newer, note.read_text())

    def test_a_note_is_of_the_chip_that_the_profile_names(self):
        self.assert_status(0, self.battery("--replaced", days_ago(10)))
        self.keep_profile('{ "extends": "missing-link", "hosts": { "pi-ntp": { "rtc": { "chip": "rv3028" } } } }')
        self.assertIsNone(self.battery("--json").json["replaced"])

    def test_an_address_that_an_earlier_version_took_does_not_end_verify_and_is_refused_by_plan(self):
        self.keep_profile(SITE)
        line = '/etc/timectl/profile.json:5:45: /hosts/pi-ntp/rtc/address: found "0x57", expected "0x68"'
        result = self.run_here("verify", "--json")
        self.assert_status(3, result)
        self.assertIn(line, result.err)
        self.assertIn("rtc.adjtime", [each["probe"] for each in result.json["findings"]])
        self.assert_status(0, self.battery())
        for words in (["plan"], ["provision", "--yes", "--no-packages"]):
            refused = self.run_here(*words)
            self.assert_status(2, refused)
            self.assertIn(line, refused.err)
            self.assertIn("leave the address out", refused.err)
        named = self.run_here("verify", "--profile", self.root / "etc/timectl/profile.json")
        self.assert_status(2, named)

    def test_the_help_says_that_the_date_may_be_left_out(self):
        self.assertIn("--replaced", timectl("rtc", "battery", "--help").out)


if __name__ == "__main__":
    main()
