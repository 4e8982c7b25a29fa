# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Hosts as earlier versions left them (tests/upgrade): this version knows them, goes back and takes itself away."""

import json
import os
import pathlib
import shutil
import stat
import sys
import tempfile
import unittest

from harness import SOURCE, main, sealed, timectl

sys.path.insert(0, str(SOURCE / "tests/upgrade"))
import trees  # noqa: E402 pylint: disable=wrong-import-position

STATE = "var/lib/timectl"
VERSIONS = sorted(path for path in (SOURCE / "tests/upgrade").iterdir() if path.is_dir() and "_" not in path.name)


def contents(root):
    """Every path but timectl's own state: type, mode and content."""
    tree = {}
    for path in sorted(pathlib.Path(root).rglob("*")):
        name = str(path.relative_to(root))
        if name.startswith(STATE):
            continue
        what = path.lstat()
        content = None
        if stat.S_ISREG(what.st_mode):
            content = path.read_bytes()
        elif path.is_symlink():
            content = os.readlink(path)
        tree[name] = (stat.S_IFMT(what.st_mode), stat.S_IMODE(what.st_mode), content)
    return tree


class Upgrade(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("a root's files belong to root: run as root")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="timectl-cli-"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def hosts(self):
        for version in VERSIONS:
            for place in sorted(version.iterdir()):
                with self.subTest(version=version.name, host=place.name):
                    yield place

    def lay(self, place):
        root = self.scratch / f"{place.parent.parent.name}-{place.parent.name}-{place.name}"
        shutil.rmtree(root, ignore_errors=True)
        trees.lay(place, root)
        return root

    def last(self, place):
        return sorted(place.glob("after-*"))[-1]

    def run_in(self, root, status, *words):
        done = timectl("--root", root, *words)
        self.assertEqual(status, done.status, done)
        return done

    def test_some_versions_are_recorded(self):
        self.assertGreaterEqual(len(list(self.hosts())), 3)

    def test_an_uninstall_restores_every_byte(self):
        for place in self.hosts():
            root = self.lay(self.last(place))
            done = self.run_in(root, 0, "uninstall", "--yes")
            self.assertIn("this host is as it was before timectl", done.out)
            self.assertEqual(contents(self.lay(place / "before")), contents(root))

    def test_a_purge_leaves_nothing(self):
        for place in self.hosts():
            root = self.lay(self.last(place))
            self.run_in(root, 0, "uninstall", "--yes", "--purge")
            self.assertFalse((root / STATE).exists())

    def test_a_rollback_restores_what_the_generation_before_left(self):
        for place in self.hosts():
            earlier = [place / "before", *sorted(place.glob("after-*"))][-2]
            root = self.lay(self.last(place))
            self.run_in(root, 0, "rollback", "--yes")
            self.assertEqual(contents(self.lay(earlier)), contents(root))
            self.run_in(root, 0, "rollback", "--yes")
            self.assertEqual(contents(self.lay(self.last(place))), contents(root))

    def test_nothing_is_taken_for_edited_or_interrupted(self):
        for place in self.hosts():
            root = self.lay(self.last(place))
            done = timectl("--root", root, "plan")
            self.assertIn(done.status, (0, 3), done)
            self.assertNotIn("edited", done.out)
            self.assertIn("nothing to recover", self.run_in(root, 0, "recover").out)

    def test_a_provision_goes_on_from_there_and_an_uninstall_restores_every_byte(self):
        for place in self.hosts():
            root = self.lay(self.last(place))
            profile = ["--profile", "two-servers", "--host", "pi-ntp"] if place.name != "client" else [
                "--role", "client", "--host", "main-pi"]
            self.run_in(root, 0, "provision", "--yes", "--no-packages", *profile)
            self.run_in(root, 0, "uninstall", "--yes")
            self.assertEqual(contents(self.lay(place / "before")), contents(root))

    def test_a_change_that_died_in_the_earlier_version_is_undone(self):
        """Killed after its last write and before its commit record."""
        for place in self.hosts():
            root = self.lay(self.last(place))
            journal = sorted((root / STATE).glob("generations/*/journal.json"))[-1]
            document = json.loads(journal.read_text())
            document["state"] = "begun"
            has_checksum = "checksum" in document  # since schema 2
            journal.write_text(sealed(document) if has_checksum else json.dumps(document, indent=1) + "\n")
            earlier = [place / "before", *sorted(place.glob("after-*"))][-2]
            record = root / STATE / "current.json"
            if earlier.name == "before":
                record.unlink()
            else:
                record.write_bytes((earlier / "tree" / STATE / "current.json").read_bytes())
            self.run_in(root, 0, "recover")
            self.assertEqual(contents(self.lay(earlier)), contents(root))


if __name__ == "__main__":
    main()
