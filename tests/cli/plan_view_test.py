# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A plan can be read: the diffs first, then what it comes to, on one screen above the question."""

from harness import ScratchRoot, main
from terminal_test import on_a_terminal

SERVER = ["--role", "server"]


class PlanView(ScratchRoot):
    packages = ["chrony"]

    def test_the_summary_and_its_totals_stand_last(self):
        result = self.run_here("plan", *SERVER)
        self.assert_status(3, result)
        lines = result.out.splitlines()
        self.assertRegex(lines[-1], r"^in all: \d+ files, \d+ actions on services")
        title = next(i for i, line in enumerate(lines) if line.startswith("pi-ntp as server of profile"))
        diffs = [i for i, line in enumerate(lines) if line.startswith("@@ ")]
        self.assertTrue(diffs)
        self.assertLess(max(diffs), title)

    def test_either_part_can_be_had_alone(self):
        summary = self.run_here("plan", *SERVER, "--summary").out
        diff = self.run_here("plan", *SERVER, "--diff").out
        self.assertNotIn("\n@@ ", summary)
        self.assertNotIn("in all: ", diff)
        self.assertEqual(self.run_here("plan", *SERVER).out, diff + summary)
        self.assert_status(2, self.run_here("plan", *SERVER, "--diff", "--summary"))

    def test_what_stands_above_the_question_fits_a_screen(self):
        shown = on_a_terminal("--root", self.root, "provision", "--no-packages", *SERVER, typed=b"n\n").decode()
        self.assertIn("Apply these changes to pi-ntp? [y/N]", shown)
        above = shown[shown.index("pi-ntp as server of profile"):shown.index("Apply these changes")]
        self.assertLessEqual(above.count("\n"), 24, above)
        self.assertIn(" more: timectl plan --summary", above)
        self.assertIn("in all: ", above)

    def test_a_pager_is_used_on_a_terminal_alone_and_can_be_refused(self):
        plan = ["--root", self.root, "plan", *SERVER]
        pager = {"TIMECTL_PAGER": "sed s/^/paged:/"}
        self.assertIn(b"paged:in all: ", on_a_terminal(*plan, env=pager))
        self.assertNotIn(b"paged:", on_a_terminal("--no-pager", *plan, env=pager))
        self.assertNotIn(b"paged:", on_a_terminal(*plan, env={"TIMECTL_PAGER": ""}))
        self.assertNotIn("paged:", self.run_here("plan", *SERVER).out)
        # By sudo a program of the caller's choice would have root's rights.
        self.assertNotIn(b"paged:", on_a_terminal(*plan, env={**pager, "SUDO_UID": "1000", "LESS": "FRX"}))
        # One that is not there hides nothing.
        self.assertIn(b"in all: ", on_a_terminal(*plan, env={"TIMECTL_PAGER": "/nowhere/pager"}))

    def test_text_is_as_wide_as_the_terminal_within_limits(self):
        for columns, least, most in ((100, 81, 100), (300, 101, 120), (50, 30, 50)):
            with self.subTest(columns=columns):
                shown = on_a_terminal("--root", self.root, "plan", "--summary", *SERVER,
                                      columns=columns).decode()
                lines = [line for line in shown.splitlines() if " " in line.strip()]
                widest = max(len(line) for line in lines)
                self.assertGreaterEqual(widest, least)
                self.assertLessEqual(widest, most, shown)


if __name__ == "__main__":
    main()
