# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A wrong command line is told its word, the command that it was given to, and what comes near it."""

import re
import unittest

from harness import main, timectl

MISTAKES = [
    # words, error, hint
    (["provison"], "timectl has no command 'provison'", "did you mean 'timectl provision'?"),
    (["xyzzy"], "timectl has no command 'xyzzy'", "'timectl --help' lists the commands"),
    (["--json", "stauts"], "timectl has no command 'stauts'", "did you mean 'timectl status'?"),
    (["status", "--jsn"], "timectl status has no option '--jsn'", "did you mean --json?"),
    (["verify", "--onyl", "ntp"], "timectl verify has no option '--onyl'", "did you mean --only?"),
    (["verify", "--zzzzzz"], "timectl verify has no option '--zzzzzz'", "'timectl verify --help' says"),
    (["provision", "-x"], "timectl provision has no option '-x'", "'timectl provision --help' says"),
    (["provision", "-yx"], "timectl provision has no option '-x'", "'timectl provision --help' says"),
    (["plan", "--role"], "--role needs a value: --role ROLE", "'timectl plan --help' says"),
    (["plan", "--role", "--host", "a"], "--role needs a value", "'timectl plan --help' says"),
    (["plan", "server"], "'server' is too much for 'timectl plan'", "'timectl plan --help' says"),
    (["probe"], "timectl probe needs a command: ntp", "'timectl probe --help' says"),
    (["probe", "ntpd"], "timectl probe has no command 'ntpd'", "did you mean 'timectl probe ntp'?"),
    (["probe", "ntp"], "timectl probe ntp needs HOST", "'timectl probe ntp --help' says"),
    (["rtc", "sett"], "timectl rtc has no command 'sett'", "did you mean 'timectl rtc set'?"),
    (["rtc", "set", "--tiem", "x"], "timectl rtc set has no option '--tiem'", "did you mean --time?"),
    (["help", "provison"], "timectl has no command 'provison'", "did you mean 'timectl provision'?"),
    (["explain", "a", "b"], "'b' is too much for 'timectl explain'", "'timectl explain --help' says"),
    (["verify", "--format", "yaml"], "--format: yaml", "'timectl verify --help' says"),
    (["probe", "ntp", "a", "--samples", "99"], "--samples: ", "'timectl probe ntp --help' says"),
    (["--root", "/nowhere", "plan"], "--root: ", "'timectl plan --help' says"),
]
COMMANDS = re.compile(r"^  (\w+) {2,}", re.M)


def commands():
    return [name for name in COMMANDS.findall(timectl("--help").out)]


class CommandLine(unittest.TestCase):
    def test_each_mistake_is_named_with_its_place_and_a_way_on(self):
        for words, error, hint in MISTAKES:
            with self.subTest(words):
                result = timectl(*words)
                self.assertEqual(2, result.status, result.err)
                if "--json" in words:
                    self.assertIn(error, result.json["error"]["problems"][0])
                else:
                    self.assertEqual("", result.out)
                said = " ".join(result.err.split())
                self.assertIn(error, said)
                self.assertIn(hint, said)

    def test_help_is_a_command_too(self):
        self.assertEqual(timectl("--help").out, timectl("help").out)
        for name in commands():
            self.assertEqual(timectl(name, "--help").out, timectl("help", name).out)
        self.assertEqual(timectl("rtc", "set", "--help").out, timectl("help", "rtc", "set").out)
        self.assertEqual(0, timectl("help", "rtc", "set").status)

    def test_a_bare_call_shows_the_help_and_is_no_success(self):
        result = timectl()
        self.assertEqual(2, result.status)
        self.assertEqual("", result.out)
        self.assertEqual(timectl("--help").out + "\ntimectl: error: timectl needs a command\n", result.err)

    def test_commands_stand_in_groups_and_each_has_an_example_that_parses(self):
        page = timectl("--help").out
        for heading in ("Set up:", "Inspect:", "Roll back:", "Run by systemd:"):
            self.assertIn(f"\n{heading}\n", page)
        self.assertNotIn("Subcommands:", page)
        self.assertLess(20, len(commands()))
        for name in commands():
            page = timectl(name, "--help").out
            examples = re.findall(r"^  timectl (.+)$", page, re.M)
            self.assertTrue(examples, name)
            for line in examples:
                self.assertIn(name, line.split())
                words = [word.replace("/mnt/card", "/") for word in line.split()]
                self.assertEqual(0, timectl(*words, "--help").status, line)

    def test_a_help_page_has_no_words_of_the_library_and_fits_the_page(self):
        for name in ["", *commands(), "probe ntp", "rtc set", "rtc battery", "profile init"]:
            page = timectl(*name.split(), "--help").out
            self.assertNotRegex(page, r"REQUIRED|\bTEXT\b|\bINT\b|\w+:\w+\b(?=  )|SUBCOMMAND|Excludes|\{", name)
            for line in page.splitlines():
                self.assertLessEqual(len(line), 80, line)
        self.assertIn("Usage: timectl probe ntp [OPTION...] HOST...", timectl("probe", "ntp", "--help").out)
        self.assertIn("--samples N", timectl("probe", "ntp", "--help").out)
        self.assertIn("(default: 4)", timectl("probe", "ntp", "--help").out)


if __name__ == "__main__":
    main()
