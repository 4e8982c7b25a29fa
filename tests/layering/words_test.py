#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The check of former words finds them where they stand, and lets stand what has to."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import words


@unittest.skipUnless(shutil.which("git"), "no git")
class FormerWords(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = Path(scratch.name)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, "-C", self.tree, *arguments], check=True, capture_output=True)

    def found(self, text, name="lib/a.cpp"):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        return words.check(self.tree)

    def test_a_former_word_is_named_with_its_place_and_what_to_say(self):
        self.assertEqual(["lib/a.cpp:2: 'vouches', say: validate"], self.found("good\nchronyd vouches for it\n"))
        for text in ("may_be armed now", "the Way back", "the network's authority", "unsynchronised", "Disarms"):
            self.assertEqual(1, len(self.found(text)), text)

    def test_code_and_documents_name_who_acts_and_tests_may_quote_others(self):
        self.assertEqual(["lib/a.cpp:1: 'Nobody', say: the user, the operator, the process, the file"],
                         self.found("// Nobody reads it."))
        self.assertEqual(1, len(self.found("// gates the controller")))
        self.assertEqual([], self.found("// delegates, navigates, nobody_watches"))
        self.assertEqual([], self.found("nobody", "tests/a.py"))

    def test_words_of_others_and_names_that_are_still_read_stay(self):
        for text in ("Not synchronised", "state: vouched_by", "dtparam=i2c_arm=on", "an alarm", "harm", "arm64 armhf"):
            self.assertEqual([], self.found(text), text)
        self.assertEqual([], self.found("armed", "tests/upgrade/11b9d82/etc/a"))

    def test_subjects_of_commits_to_come_are_read(self):
        self.found("good\n")
        self.git("commit", "--quiet", "--message", "lib: arm the island")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
        self.assertEqual([], words.check(self.tree))
        self.git("commit", "--quiet", "--allow-empty", "--message", "lib: disarm it again")
        self.assertEqual(["subjects of commits:1: 'disarm', say: enable, disable (island mode)"],
                         words.check(self.tree))


if __name__ == "__main__":
    unittest.main()
