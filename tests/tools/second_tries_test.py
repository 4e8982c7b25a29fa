#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Two scenarios of a run may need a second try; they are named. Three fail the run. TIMECTL_TRIES=1 allows none."""
import tempfile
import unittest
from pathlib import Path

import harness

SECOND_TRIES = harness.TESTS / "support/second_tries.py"
# The runner without a lab: what it boots with is replaced, the rest is its own.
PLAY = """
set -euo pipefail
. '{lab}/lib/settings.sh'
. '{lab}/lib/runner.sh'
play() {{ echo "played $2"; result=FAILED; if [ "${{2: -1}}" = 2 ]; then result=passed; fi; }}
parse_options hosts_boot --tries 2
scratch_root=/scratch failed='' table=()
run_scenario hosts_boot
echo "failed=$failed"
"""


class SecondTries(unittest.TestCase):
    def said_of(self, count):
        """By a ctest run in which so many scenarios say that they needed one."""
        with tempfile.TemporaryDirectory() as build:
            for number in range(count):
                harness.add_test(Path(build), f"lab: bookworm: n {number}",
                                 f"echo 'lab: bookworm n_{number}'; echo 'lab: needed try 2: bookworm: n_{number}'")
            harness.add_test(Path(build), "cli: words", "echo 'it says: needed try 2: of nothing'")
            harness.run("ctest", "--test-dir", build)
            return harness.run(SECOND_TRIES, Path(build, "Testing/Temporary/LastTest.log"))

    def test_up_to_two_are_named(self):
        for count in (0, 2):
            done = self.said_of(count)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(done.stdout, "".join(f"lab: needed try 2: bookworm: n_{n}\n" for n in range(count)))

    def test_three_fail_the_run_and_are_named(self):
        done = self.said_of(3)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bookworm: n_0\nlab: needed try 2: bookworm: n_1\nlab: needed try 2: bookworm: n_2\n"
                      "error: 3 scenarios needed a second try, a run passes with at most 2", done.stdout)

    def test_a_run_without_a_log_has_none(self):
        done = harness.run(SECOND_TRIES, "/nowhere/LastTest.log")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def played(self, **environment):
        script = PLAY.format(lab=harness.TESTS / "lab")
        done = harness.run("bash", "-c", script, env={"PATH": "/usr/bin:/bin", **environment})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_the_runner_plays_again_and_says_so(self):
        done = self.played()
        self.assertEqual(done.stdout, "played /scratch/bookworm-hosts_boot\nplayed /scratch/bookworm-hosts_boot2\n"
                                      "failed=\n")
        self.assertIn("lab: needed try 2: bookworm: hosts_boot\n", done.stderr)

    def test_the_environment_allows_one_try(self):
        done = self.played(TIMECTL_TRIES="1")
        self.assertEqual(done.stdout, "played /scratch/bookworm-hosts_boot\nfailed=1\n")


if __name__ == "__main__":
    unittest.main()
