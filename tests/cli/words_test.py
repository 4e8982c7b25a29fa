# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import unittest

from harness import main, timectl

COMMANDS = ["provision", "plan", "rehearse", "verify", "explain", "status", "clients", "monitor",
            "history", "rtc", "island", "gps", "probe", "profile", "facts", "render", "generations", "diff", "rollback", "confirm",
            "uninstall", "recover"]


class Words(unittest.TestCase):
    def test_help_names_every_command_and_the_exit_codes(self):
        result = timectl("--help")
        self.assertEqual(0, result.status, result)
        for command in COMMANDS:
            self.assertIn(command, result.out)
        self.assertIn("Exit status", result.out)
        self.assertEqual("", result.err)

    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            result = timectl(command, "--help")
            self.assertEqual(0, result.status, result)
            self.assertIn("Usage", result.out)

    def test_no_help_is_wider_than_a_page_and_nothing_is_lost_to_that(self):
        parts = {"probe": ["ntp"], "profile": ["list", "show", "validate", "schema", "init"],
                 "rtc": ["show", "set", "arm", "hctosys", "register"],
                 "island": ["enable", "disable", "status"], "gps": ["show", "calibrate", "enable"]}
        for command in COMMANDS:
            for words in ([command], *([command, part] for part in parts.get(command, []))):
                self.assert_page(timectl(*words, "--help"))
        self.assert_page(timectl("--help"))
        said = " ".join(timectl("plan", "--help").out.split())
        self.assertIn("(default: /etc/timectl/profile.json, else the built-in missing-link)", said)

    def test_the_list_of_profiles_fits_a_page(self):
        self.assert_page(timectl("profile", "list"))

    def assert_page(self, result):
        self.assertEqual(0, result.status, result)
        self.assertTrue(result.out, result)
        self.assertEqual([], [line for line in result.out.splitlines() if len(line) > 80])

    def test_the_version_is_one_line(self):
        result = timectl("--version")
        self.assertEqual(0, result.status, result)
        self.assertRegex(result.out, r"^timectl \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_line_is_exit_2_with_a_hint_and_nothing_on_stdout(self):
        for words in (["frobnicate"], ["plan", "--frob"], [], ["--root", "/nonexistent", "plan"],
                      ["rtc"], ["probe", "ntp"]):
            result = timectl(*words)
            self.assertEqual(2, result.status, f"{words}: {result}")
            self.assertIn("timectl: error:", result.err)
            self.assertEqual("", result.out)

    def test_the_root_is_taken_before_and_after_the_subcommand(self):
        before = timectl("--root", "/nonexistent", "facts")
        after = timectl("facts", "--root", "/nonexistent")
        self.assertEqual(before.err, after.err)
        self.assertEqual(2, after.status)


if __name__ == "__main__":
    main()
