# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""packaging/quickstart where no namespaces can be made: it says so before it installs or builds anything."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import SOURCE, main


class Quickstart(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.checkout = pathlib.Path(directory.name)
        (self.checkout / "packaging").mkdir()
        (self.checkout / "bin").mkdir()
        shutil.copy(SOURCE / "packaging/quickstart", self.checkout / "packaging")
        self.program("packaging/install-deps", "echo installed; exit 9")

    def program(self, name, text):
        path = self.checkout / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run_with(self, unshare):
        self.program("bin/unshare", unshare)
        return subprocess.run([self.checkout / "packaging/quickstart"], text=True, capture_output=True, check=False,
                              timeout=60, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": f"{self.checkout}/bin:{os.environ['PATH']}"})

    def test_without_namespaces_it_refuses_before_it_installs_anything(self):
        done = self.run_with("echo 'unshare: unshare failed: No space left on device' >&2; exit 1")
        self.assertEqual(1, done.returncode, done)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn("error: this machine gives no namespaces", done.stderr)
        self.assertIn("hint: in a container, give it CAP_SYS_ADMIN", done.stderr)
        self.assertNotIn("installed", done.stdout)
        self.assertFalse((self.checkout / "build").exists())

    def test_with_namespaces_it_goes_on_to_install(self):
        done = self.run_with("exit 0")
        self.assertEqual(9, done.returncode, done)
        self.assertIn("installed", done.stdout)


if __name__ == "__main__":
    main()
