# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""libsystemd comes with the first question to systemd (lib/system/linux/libsystemd.hpp)."""

import os
import pathlib
import tempfile
import unittest

from harness import main, timectl


def loads_libsystemd(*words):
    return "file=libsystemd.so.0" in timectl(*words, env={**os.environ, "LD_DEBUG": "files"}).err


class Loading(unittest.TestCase):
    def test_what_asks_neither_systemd_nor_the_bus_does_not_load_libsystemd(self):
        for words in (["--version"], ["complete", "--", "pl"], ["render", "--role", "server"], ["profile", "list"]):
            self.assertFalse(loads_libsystemd(*words), words)

    def test_what_asks_systemd_loads_it(self):
        self.assertTrue(loads_libsystemd("facts"))

    def test_a_libsystemd_that_cannot_be_loaded_is_named(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "libsystemd.so.0").touch()
            without = {**os.environ, "LD_LIBRARY_PATH": directory}
            result = timectl("plan", "--role", "server", env=without)
            self.assertNotEqual(0, result.status, result)
            self.assertIn(f"cannot load libsystemd: {directory}/libsystemd.so.0: file too short", result.err)
            self.assertEqual(0, timectl("--version", env=without).status)


if __name__ == "__main__":
    main()
