# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""packaging/release in a clone: what it writes, what it refuses, and that its archive is the commit."""

import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["TIMECTL_SOURCE"])
IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@localhost", "TIMECTL_RELEASE_SOURCES_ONLY": "yes"}


class Release(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="timectl-release-"))
        self.addCleanup(shutil.rmtree, self.scratch)
        self.tree = self.scratch / "tree"
        self.tree.mkdir()
        # As a commit of its own: a clone would need the history, and not have what is being changed here.
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", tree=SOURCE)
        for name in filter(None, listed.split("\0")):
            if name.startswith(("packaging/", "CMakeLists.txt", "README.md", ".gitignore")) and (SOURCE / name).exists():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(SOURCE / name, self.tree / name)
        changes = self.tree / "packaging/CHANGELOG.md"
        changes.write_text(re.sub(r"^## [0-9.]+ – .*$", "## 0.9.0 – not released yet", changes.read_text(), count=1,
                                  flags=re.M))
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def git(self, *words, tree=None):
        tree = tree or self.tree
        return subprocess.run(["git", "-c", f"safe.directory={tree}", "-C", tree, *words], check=True, text=True,
                              capture_output=True, env={**os.environ, **IDENTITY}).stdout

    def release(self, status, *words):
        done = subprocess.run([self.tree / "packaging/release", *words], capture_output=True, text=True, check=False,
                              env={**os.environ, **IDENTITY})
        self.assertEqual(status, done.returncode, done)
        return done

    def read(self, name):
        return (self.tree / name).read_text()

    def test_the_version_is_written_wherever_it_stands_and_the_archive_is_the_commit(self):
        before = re.search(r"^project\(timectl VERSION (\S+)", self.read("CMakeLists.txt"), re.M).group(1)
        self.release(0, "prepare", "0.9.0", "2027-01-02")
        named = [name for name in self.git("ls-files").split() if f"timectl_{before}" in (self.tree / name).read_text(errors="replace")]
        self.assertEqual([], named, "files that name a package of the version before")
        self.assertIn("project(timectl VERSION 0.9.0 ", self.read("CMakeLists.txt"))
        self.assertIn("## 0.9.0 – 2027-01-02\n", self.read("packaging/CHANGELOG.md"))
        stanza = self.read("packaging/debian/changelog")
        self.assertTrue(stanza.startswith("timectl (0.9.0) unstable"), stanza)
        self.assertTrue(stanza.endswith("Sat, 02 Jan 2027 12:00:00 +0000\n"), stanza)
        self.assertIn("timectl_0.9.0~deb12_armel.deb", self.read("packaging/doc/raspberry-pi.md"))
        self.assertEqual("", self.git("status", "--porcelain"))
        self.release(0, "build", self.scratch / "one")
        self.assertEqual("tag\n", self.git("cat-file", "-t", "v0.9.0"))
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=self.scratch / "one", check=True)
        with tarfile.open(self.scratch / "one/timectl-0.9.0.tar.xz") as archive:
            names = {name.removeprefix("timectl-0.9.0/") for name in archive.getnames() if not archive.getmember(name).isdir()}
        self.assertEqual(set(self.git("ls-files").split()), names)
        self.release(0, "build", self.scratch / "two")  # again of the same commit, with the same bytes
        self.assertEqual((self.scratch / "one/SHA256SUMS").read_text(), (self.scratch / "two/SHA256SUMS").read_text())

    def test_what_is_no_release_is_refused_and_nothing_is_written(self):
        before = self.git("rev-parse", "HEAD")
        for words in (["prepare", "0.9"], ["prepare", "0.0.9"], ["prepare", "0.9.0", "2027-13-01"], ["prepare", "v0.9.0"],
                      ["prepare", "0.9.0", "tomorrow"], ["build"]):
            self.assertIn("error: ", self.release(1, *words).stderr)
        self.release(2)
        self.release(2, "publish")
        self.assertEqual("", self.git("status", "--porcelain"))
        self.assertEqual(before, self.git("rev-parse", "HEAD"))
        (self.tree / "README.md").write_text("mine\n")
        self.assertIn("not committed", self.release(1, "prepare", "0.9.0").stderr)
        self.assertEqual("mine\n", self.read("README.md"))

    def test_a_version_that_was_released_is_not_made_again(self):
        self.release(0, "prepare", "0.9.0")
        self.release(0, "build", self.scratch / "one")
        self.assertIn("released already", self.release(1, "prepare", "0.9.0").stderr)
        self.assertIn("is there already", self.release(1, "build", self.scratch / "one").stderr)
        self.git("commit", "--quiet", "--allow-empty", "--message", "later")
        self.assertIn("another commit", self.release(1, "build", self.scratch / "three").stderr)


if __name__ == "__main__":
    unittest.main()
