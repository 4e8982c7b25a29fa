#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""tests/run --all: what is played, what is not played again, what the table says."""
import contextlib
import io
import os
import shutil
import signal
import tempfile
import unittest
from pathlib import Path

import harness

import sessions  # in tests/support, see harness.py
import stages
from stages import Stage

PLAY = Stage("play", "echo x >>build/plays; echo said")


@unittest.skipUnless(shutil.which("git"), "no git")
class All(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        harness.run("git", "init", "-q", self.tree)
        harness.write(self.tree / ".gitignore", "/build/\n")
        harness.write(self.tree / "kept", "one\n")
        harness.run("git", "-C", self.tree, "add", "-A")
        (self.tree / "build").mkdir()

    def play(self, *wanted, again=False):
        self.said = io.StringIO()
        with contextlib.redirect_stdout(self.said):
            return stages.Runner(self.tree, self.tree / "build/all", again).play_all(wanted)

    def results(self, *wanted, again=False):
        return [row.result for row in self.play(*wanted, again=again)]

    def plays(self):
        return len((self.tree / "build/plays").read_text(encoding="ascii").splitlines())

    def test_a_failed_stage_does_not_stop_the_others_and_names_its_log(self):
        rows = self.play(Stage("bad", "echo words; false"), PLAY, Stage("no", "echo lab: skipped: needs root; exit 77"))
        self.assertEqual([row.result for row in rows], ["FAILED", "passed", "skipped"])
        self.assertEqual([row.note for row in rows], ["see build/all/bad.log", "", "needs root"])
        self.assertIn("\n  words\n", self.said.getvalue())
        self.assertEqual((self.tree / "build/all/bad.log").read_text(encoding="ascii"), "words\n")
        self.assertRegex(stages.table(rows), r"stage +result +seconds\nbad +FAILED +0  see build/all/bad.log\nplay +passed +0\n")

    def test_what_passed_is_not_played_again_and_says_so(self):
        self.play(PLAY)
        self.assertEqual(self.results(PLAY), ["passed before"])
        self.assertIn("passed before on this tree", self.said.getvalue())
        self.assertEqual(self.plays(), 1)
        self.assertEqual(self.results(PLAY, again=True), ["passed"])

    def test_what_failed_or_was_skipped_is_played_again(self):
        for command, result in (("echo x >>build/plays; false", "FAILED"), ("echo x >>build/plays; exit 77", "skipped")):
            self.assertEqual(self.results(Stage("one", command)) + self.results(Stage("one", command)), [result] * 2)
        self.assertEqual(self.plays(), 4)

    def test_a_failure_after_a_pass_is_remembered(self):
        self.play(PLAY)
        harness.write(self.tree / "build/broken", "")
        self.play(Stage("play", PLAY.command + "; test ! -e build/broken"))
        self.assertEqual(self.results(PLAY), ["passed"])

    def test_each_change_of_the_tree_counts(self):
        def link():
            (self.tree / "link").symlink_to("nowhere")

        changes = [lambda: harness.write(self.tree / "kept", "two\n"),
                   lambda: harness.write(self.tree / "new", "untracked\n"),
                   lambda: (self.tree / "new").chmod(0o755), link,
                   lambda: (self.tree / "kept").unlink()]
        self.play(PLAY)
        for change in changes:
            change()
            self.assertEqual(self.results(PLAY) + self.results(PLAY), ["passed", "passed before"])
        harness.write(self.tree / "build/object", "ignored\n")
        self.assertEqual(self.results(PLAY), ["passed before"])

    def test_a_commit_of_what_is_there_changes_nothing(self):
        self.play(PLAY)
        harness.run("git", "-C", self.tree, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qm", "x")
        self.assertEqual(self.results(PLAY), ["passed before"])

    def test_another_command_is_another_stage(self):
        self.play(PLAY)
        self.assertEqual(self.results(Stage("play", "true")), ["passed"])

    def test_a_tree_that_changes_meanwhile_proves_nothing(self):
        (row,) = self.play(Stage("edit", "echo more >>kept"))
        self.assertEqual((row.result, "the tree changed meanwhile" in row.note), ("passed", True))
        self.assertEqual(self.results(Stage("edit", "echo more >>kept")), ["passed"])

    def test_what_a_stage_left_out_is_told(self):
        (row,) = self.play(Stage("some", "echo 'left out: vm: no time'; echo 'left out: pi: no root'"))
        self.assertEqual(row.note, "2 left out: vm: no time, … (see build/all/some.log)")
        (row,) = self.play(Stage("none", "echo 'left out: nothing'"))
        self.assertEqual(row.note, "")

    def test_an_interrupt_ends_the_stage_and_what_it_started(self):
        before = signal.signal(signal.SIGTERM, sessions.interrupt)
        self.addCleanup(signal.signal, signal.SIGTERM, before)
        long = f"echo $$ >build/pid; kill -TERM {os.getpid()}; sleep 600; echo never >build/late"
        self.assertEqual(self.results(PLAY, Stage("long", long), Stage("last", "true")),
                         ["passed", "not finished", "not finished"])
        pid = (self.tree / "build/pid").read_text(encoding="ascii").strip()
        self.assertFalse(Path("/proc", pid).exists())
        self.assertFalse((self.tree / "build/late").exists())
        self.assertEqual(self.results(PLAY), ["passed before"])


class CommandLine(unittest.TestCase):
    def test_the_list_is_what_tests_run_plays(self):
        done = harness.run(harness.TESTS / "run", "--all", "--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("lab-trixie     TIMECTL_REBOOTS=24 tests/lab/run --suite trixie",
                      "faults         tests/faults/run", "--cases 100000", "tests/vm/run", "tests/pi/run", "cross-armel "):
            self.assertIn(words, done.stdout)
        for line in done.stdout.splitlines():
            command = [word for word in line.split() if word.startswith("tests/")][:1]
            self.assertTrue(all((harness.TESTS.parent / word).exists() for word in command), line)

    def test_a_stage_that_does_not_exist(self):
        done = harness.run(harness.TESTS / "run", "--all", "labs")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no stage 'labs': tests/run --all --list", done.stderr)


if __name__ == "__main__":
    unittest.main()
