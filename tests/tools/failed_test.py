#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What tests/run says of failed tests: why, the hosts' journals, and the command that plays exactly this again."""
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import harness

import ctest_names  # in tests/support, see harness.py

FAILED = harness.TESTS / "support/failed.py"
NASTY = "rtc: a [b] (c) x.y* | $HOME's \"q\" ^a$, {d} 1+1? \\back; semi"
SCENARIO = """lab: bookworm hosts_boot starts, its log: {kept}/log
lab: FAILED: server: chrony.sync is not ok within 10 s: it is failed (hosts_boot.sh:7)
lab: its log, consoles, journals and disks: {kept}

suite      scenario                         result      s
bookworm   hosts_boot                       FAILED     16
"""
CATCH = "x_test.cpp:12: FAILED:\n  CHECK( now == 3 )\nwith expansion:\n  2 == 3\n\n"


class Failed(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.build = Path(scratch.name) / "build"
        self.kept = Path(scratch.name) / "run-1/bookworm-hosts_boot"
        for host in ("server", "upstream"):
            harness.write(self.kept / host / "journal", "".join(f"{host} line {n}\n" for n in range(1, 31)))
            harness.write(self.kept / host / "state", f"ServerAddress={host}\n")
        harness.write(self.kept / "log", "lab: server is running\nlab: waits\n")

    def said_of(self, name, output, status=1, inside=()):
        """By ctest itself, which writes the results."""
        text = harness.write(self.build.with_name("output"), output)
        harness.add_test(self.build, name, f"cat '{text}'; exit {status}")
        results = self.build / "results/tests.xml"
        harness.run("ctest", "--test-dir", self.build, "--output-junit", results)
        environment = {**os.environ, "TIMECTL_TOOLS": "/some/tools"}
        done = harness.run(FAILED, results, self.build, *inside, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_nothing_is_said_of_what_passed(self):
        self.assertEqual(self.said_of("unit: fine", "all is well", status=0), "")

    def test_a_scenario_names_its_expectation_and_the_journal_of_its_host(self):
        said = self.said_of("lab: bookworm: hosts boot", 2 * SCENARIO.format(kept=self.kept))
        self.assertEqual(said.partition("its last words")[0].count("FAILED"), 1)
        self.assertIn("failed: lab: bookworm: hosts boot\n  why:\n    lab: FAILED: server: chrony.sync", said)
        self.assertIn("(hosts_boot.sh:7)", said)
        self.assertIn("the journal of server at that moment", said)
        self.assertIn("    server line 11\n", said)
        self.assertIn("    server line 30\n", said)
        self.assertIn("    ServerAddress=server\n", said)
        self.assertNotIn("server line 10\n", said)
        self.assertNotIn("upstream line", said)
        self.assertIn("again: sudo tests/lab/run hosts_boot --suite bookworm\n", said)

    def test_where_no_host_is_named_all_journals_are_shown_shortly(self):
        output = SCENARIO.format(kept=self.kept).replace("server", "something")
        said = self.said_of("lab: bookworm: hosts boot", output)
        for host in ("server", "upstream"):
            self.assertIn(f"    {host} line 21\n", said)
            self.assertNotIn(f"    {host} line 20\n", said)

    def test_a_scenario_that_ctest_ended_has_its_log_read(self):
        first = SCENARIO.format(kept=self.kept).splitlines()[0]
        said = self.said_of("lab: bookworm: hosts boot", first + "\n")
        self.assertIn(f"the end of its log ({self.kept}/log):\n    lab: server is running\n    lab: waits\n", said)

    def test_evidence_that_is_gone_is_no_matter(self):
        said = self.said_of("lab: bookworm: hosts boot", SCENARIO.format(kept="/nowhere/at/all"))
        self.assertIn("lab: FAILED: server", said)
        self.assertNotIn("journal of", said)

    def test_a_sentence_of_catch2_has_its_expression_and_a_command(self):
        said = self.said_of("apply: a power cut, again", CATCH + "\n" * 30)
        self.assertIn("why:\n    x_test.cpp:12: FAILED:\n      CHECK( now == 3 )", said)
        self.assertIn(f"again: TIMECTL_TOOLS=/some/tools ctest --test-dir {self.build} "
                      "-R '^apply: a power cut, again$' --output-on-failure\n", said)

    def test_a_test_of_a_chroot_is_played_in_it(self):
        said = self.said_of("cli: words", "no", inside=["sudo tests/lab/in-suite trixie"])
        self.assertIn("again: sudo tests/lab/in-suite trixie env TIMECTL_TOOLS=/some/tools ctest --test-dir", said)

    def test_the_command_plays_exactly_this_test(self):
        harness.add_test(self.build, NASTY.replace(".", "_"), "true")
        said = self.said_of(NASTY, "no")
        command = said.partition("again: ")[2].strip()
        done = harness.run("sh", "-c", command.replace("--output-on-failure", "-N"))
        self.assertIn(f": {NASTY}\n\nTotal Tests: 1\n", done.stdout, command)

    def test_of_many_only_the_first_are_shown_in_full(self):
        for number in range(10):
            harness.add_test(self.build, f"unit: number {number}", "false")
        said = self.said_of("unit: number 10", "one line")
        self.assertEqual(said.count("its last words:"), 10)
        self.assertEqual(said.count("again: "), 11)


class Again(unittest.TestCase):
    def test_images_and_what_only_looks_like_a_scenario(self):
        build = harness.TESTS.parent / "build/dev"
        self.assertEqual(ctest_names.again("vm: images and timectl for bookworm", build),
                         "sudo tests/vm/run --image --suite bookworm")
        with mock.patch.dict(os.environ, TIMECTL_TOOLS=""):
            self.assertIn("sudo ctest --test-dir", ctest_names.again("lab: no: such scenario", build))
        self.assertIn(" --test-dir build/dev ", ctest_names.again("cli: words", build))
        self.assertEqual(ctest_names.of_scenario("trixie", "hosts_boot"), "lab: trixie: hosts boot")


if __name__ == "__main__":
    unittest.main()
