# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The examples of packaging/doc/controller.md do what it says, with what timectl really sets."""

import re
import subprocess
import unittest

from harness import SOURCE, main, timectl

DOC = SOURCE / "packaging/doc"
EXAMPLES = [DOC / "controller.py", DOC / "controller.sh"]
TOLD = {"CONSERVE_POWER": "1", "NTP_SYNCED": "true", "NTP_SERVER": "192.168.4.2"}


def first_words(example, environment):
    """Starts it as a unit would, reads its line, and stops it as a unit is stopped."""
    with subprocess.Popen([example], env={"PATH": "/usr/bin:/bin", **environment}, text=True,
                          stdout=subprocess.PIPE) as process:
        line = process.stdout.readline()
        process.terminate()
        process.wait(timeout=10)
        return line.strip()


class ControllerExamples(unittest.TestCase):
    def test_power_is_saved_by_the_server_that_timectl_names(self):
        for example in EXAMPLES:
            self.assertEqual("saves power, by the time of 192.168.4.2",
                             first_words(example, TOLD), example)

    def test_no_power_is_saved_when_nothing_is_said_or_something_else(self):
        for example in EXAMPLES:
            for value in (None, "0", "10", "true", ""):
                environment = {} if value is None else {**TOLD, "CONSERVE_POWER": value}
                self.assertEqual("saves no power: the time is not to be trusted",
                                 first_words(example, environment), f"{example} {value}")

    def test_the_page_names_exactly_the_variables_of_the_built_in_site(self):
        shown = timectl("profile", "show", "missing-link", "--json").json
        levels = shown["hosts"]["main-pi"]["controller"]["levels"]
        given = {variable.split("=")[0] for level in levels.values() for variable in level}
        page = (DOC / "controller.md").read_text(encoding="utf-8")
        self.assertEqual(given | {"NTP_SERVER"},
                         set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)))


if __name__ == "__main__":
    main()
