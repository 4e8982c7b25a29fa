#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What a run writes down of its times, and what tests/bench/run ci makes of it."""
import re
import sys
import tempfile
import unittest
from pathlib import Path

import harness

sys.path.insert(0, str(harness.TESTS / "bench"))
import ci  # noqa: E402


class Times(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        self.build = self.tree / "build"

    def record(self, script):
        done = harness.run("bash", "-euc", f". '{harness.TESTS}/support/stage_times.sh'\n{script}", cwd=self.tree)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line.split("\t")[:4] for line in (self.build / "ci-stages.tsv").read_text("utf-8").splitlines()]

    def test_a_stage_has_its_last_time(self):
        self.record("record_stage .ci/run clang passed 473; record_stage tests/run build '' 120")
        self.assertEqual(self.record("record_stage .ci/run clang FAILED 12"),
                         [["tests/run", "build", "", "120"], [".ci/run", "clang", "FAILED", "12"]])

    def test_a_whole_run_forgets_the_one_before(self):
        self.record("record_stage .ci/run gone passed 1; record_stage tests/run build '' 120")
        self.assertEqual(self.record("forget_stages .ci/run"), [["tests/run", "build", "", "120"]])

    def report(self):
        return "\n".join(ci.report(self.build))

    def test_nothing_was_run(self):
        self.assertEqual(self.report(), "")

    def test_stages_levels_and_the_slowest_tests(self):
        self.record("record_stage .ci/run clang passed 473; record_stage tests/run build '' 120")
        dev = self.build / "dev"
        harness.add_test(dev, "lab: bookworm: hosts boot", "sleep 0.3; echo 'lab: needed try 2: bookworm: hosts_boot'")
        harness.add_test(dev, "cli: words", "exit 1")
        harness.add_test(dev, "cli: root", "echo skipped: needs root; exit 77")
        harness.run("ctest", "--test-dir", dev, "--output-junit", dev / "results/tests.xml")
        said = self.report()
        self.assertRegex(said, r"\.ci/run +clang +passed +473  2\d\d\d-")
        self.assertRegex(said, r"tests/run +build +120  2")
        self.assertRegex(said, r"\nbuild/dev/results/tests\.xml, 2\d\d\d-")
        self.assertRegex(said, r"\nlab: bookworm +1 ")
        self.assertRegex(said, r"\ncli +2 ")
        self.assertIn("the 3 slowest of 3 tests", said)
        self.assertRegex(said, r"\n +\d+\.\d  cli: words  FAILED\n")
        self.assertRegex(said, r"\n +\d+\.\d  cli: root  skipped\n")
        self.assertIn("lab: needed try 2: bookworm: hosts_boot", said)

    def test_the_slowest_come_first_and_the_others_are_summed_up(self):
        tests = [ci.Test(f"m{number}: test", number, "") for number in range(40)]
        self.assertRegex("\n".join(ci.level_lines(tests)), r"m39 .*\n(.*\n)+m25 .*\n\(others\) +25 +300 +24\.0$")
        listed = re.findall(r"^ +(\d+)\.0  m", "\n".join(ci.test_lines(tests)), re.MULTILINE)
        self.assertEqual([int(seconds) for seconds in listed], list(range(39, 14, -1)))


if __name__ == "__main__":
    unittest.main()
