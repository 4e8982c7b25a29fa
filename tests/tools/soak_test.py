#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""tests/soak on a build tree without a build: what it counts, what it keeps, and that nothing outlives it."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import harness

SOAK = harness.TESTS / "soak"
DEADLINE_S = 60


def stat_of(pid):
    """Name, state and parent; nothing of a process that is gone."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return "", "Z", 0
    state, parent = rest.split()[:2]
    return name, state, int(parent)


def is_running(pid):
    return stat_of(pid)[1] != "Z"


def load_of(parent):
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if stat_of(pid)[2] == parent and stat_of(pid)[0] != "ctest"]


def wait_for(what):
    until = time.monotonic() + DEADLINE_S
    while not what():
        if time.monotonic() > until:
            raise AssertionError("not within a minute")
        time.sleep(0.02)


class Soak(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.build = self.scratch / "build"
        self.environment = dict(os.environ)

    def add(self, name, script, **properties):
        harness.add_test(self.build, name, f"cd '{self.scratch}'; {script}", **properties)

    def soak(self, *words):
        table = self.scratch / "table.json"
        done = harness.run(SOAK, "--build", self.build, "--load", "2", "--json", table, *words, env=self.environment)
        self.outcomes = json.loads(table.read_text(encoding="utf-8")) if table.exists() else []
        return done

    def test_what_passes_always(self):
        self.add("cli: fine", "echo x >>plays")
        done = self.soak("cli: fine", "--times", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(round +\d: \.\n){3}\n(.*\n)*cli: fine +3/3 +0 ")
        self.assertEqual((self.scratch / "plays").read_text(encoding="ascii"), "x\n" * 3)
        self.assertEqual(list((self.build / "soak").glob("*.log")), [])

    def test_what_fails_each_second_time(self):
        self.add("cli: flaky", "echo x >>plays; echo says $(wc -l <plays); [ $(($(wc -l <plays) % 2)) = 0 ]")
        done = self.soak("cli: flaky", "--times", "4")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"1: X\n.* 2: \.\n.* 3: X\n.* 4: \.\n(.*\n)*cli: flaky +2/4 +2 ")
        (outcome,) = self.outcomes
        self.assertEqual((outcome["played"], outcome["red"], len(outcome["logs"])), (4, 2, 2))
        third = Path(outcome["logs"][1]).read_text(encoding="utf-8")
        self.assertIn("says 3\n", third)
        self.assertIn("  again: ", third)

    def test_old_logs_are_removed(self):
        self.add("cli: red", "false")
        self.soak("cli: red", "--times", "2")
        self.soak("cli: red", "--times", "1")
        self.assertEqual(len(list((self.build / "soak").glob("*.log"))), 1)

    def test_a_scenario_has_one_try_and_its_images_are_made_once(self):
        self.add("lab: images", "echo made >>images", FIXTURES_SETUP="lab_bookworm")
        self.add("lab: bookworm: hosts boot", "echo $TIMECTL_TRIES >>plays", FIXTURES_REQUIRED="lab_bookworm")
        self.assertEqual(self.soak("bookworm/hosts_boot", "--times", "2").returncode, 0)
        self.assertEqual((self.scratch / "images").read_text(encoding="ascii"), "made\n")
        self.assertEqual((self.scratch / "plays").read_text(encoding="ascii"), "1\n" * 2)

    def test_several_names_and_a_regular_expression(self):
        for name in ("cli: one", "cli: two", "unit: one (and more)"):
            self.add(name, "true")
        self.assertEqual(self.soak("unit: one (and more)", "^cli", "cli: two", "--times", "1").returncode, 0)
        self.assertEqual([each["name"] for each in self.outcomes], ["unit: one (and more)", "cli: one", "cli: two"])

    def test_a_round_plays_as_many_at_a_time_as_ctest_would_and_locks_hold(self):
        waits = "echo $$ >>{0}; for i in $(seq 100); do [ $(wc -l <{0}) = 2 ] && exit 0; sleep 0.1; done; false"
        for name in ("lab: one", "lab: two"):
            self.add(name, waits.format("together"), PROCESSORS="2")
        for name in ("lab: clock", "lab: its user"):
            self.add(name, "mkdir alone && sleep 0.2 && rmdir alone", PROCESSORS="2", RESOURCE_LOCK="kernel_clock")
        done = self.soak("^lab", "--times", "1", "--parallel", "8")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("round   1: ....\n", done.stdout)

    def test_what_is_skipped_is_not_played(self):
        self.add("cli: no", "echo skipped: needs root; exit 77")
        done = self.soak("cli: no", "--times", "2")
        self.assertEqual(done.returncode, 77)
        self.assertRegex(done.stdout, r"cli: no +0/0 +0 +0\.0  skipped 2: needs root")

    def test_what_could_not_be_started_failed(self):
        harness.add_test(self.build, "cli: gone", "true")
        commands = self.build / "CTestTestfile.cmake"
        commands.write_text(re.sub(r"(add_test\(\S* *).*", r'add_test("cli: gone" "/nonexistent/test")',
                                   commands.read_text(encoding="utf-8"), count=1), encoding="utf-8")
        done = self.soak("cli: gone", "--times", "1")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("Unable to find executable", Path(self.outcomes[0]["logs"][0]).read_text(encoding="utf-8"))

    def test_a_timeout_is_a_failure(self):
        self.add("cli: slow", "exec sleep 600", TIMEOUT="1")
        self.assertEqual(self.soak("cli: slow", "--times", "1").returncode, 1)
        self.assertIn("Timeout", Path(self.outcomes[0]["logs"][0]).read_text(encoding="utf-8"))

    def test_what_cannot_be_played(self):
        self.add("cli: one", "true")
        self.add("cli: images", "echo no disk; false", FIXTURES_SETUP="images")
        self.add("cli: host", "true", FIXTURES_REQUIRED="images")
        for words, reason in ((["nothing"], "no test is called 'nothing'"), (["("], "nor a regular expression"),
                              (["cli: host"], "'cli: images' failed"), (["cli: one", "--times", "0"], "1 or more"),
                              (["cli: one", "--parallel", "0"], "1 or more")):
            done = self.soak(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(reason, done.stderr)
        done = harness.run(SOAK, "x", "--build", self.scratch / "none")
        self.assertIn("has no tests: build it first", done.stderr)

    def ended_by(self, number):
        """Exit status and table of a soak that a signal ends in the middle of a play; with its load."""
        self.add("cli: long", "echo $$ >pid; exec sleep 600")
        with subprocess.Popen([SOAK, "cli: long", "--build", self.build, "--load", "3"], stdout=subprocess.PIPE,
                              text=True) as process:
            pid_file = self.scratch / "pid"
            wait_for(lambda: pid_file.exists() and pid_file.read_text(encoding="ascii").endswith("\n"))
            played = int(pid_file.read_text(encoding="ascii"))
            load = load_of(process.pid)
            self.assertEqual(len(load), 3)
            try:
                process.send_signal(number)
                said, _ = process.communicate(timeout=DEADLINE_S)
                wait_for(lambda: not any(is_running(pid) for pid in load))
                return process.returncode, said, is_running(played)
            finally:
                if is_running(played):
                    os.kill(played, signal.SIGKILL)

    def test_a_signal_ends_load_and_test_and_shows_the_table(self):
        status, said, runs_on = self.ended_by(signal.SIGTERM)
        self.assertEqual(status, 130)
        self.assertIn("cli: long ", said)
        self.assertFalse(runs_on)

    def test_the_load_ends_with_a_soak_that_is_killed(self):
        self.assertEqual(self.ended_by(signal.SIGKILL)[0], -signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
