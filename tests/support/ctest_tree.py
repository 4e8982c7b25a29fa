# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A build tree: the tests that ctest has in it, and playing them."""
import json
import os
import re
import subprocess
from pathlib import Path

import ctest_names
import sessions

DEFAULT_TIMEOUT_S = 1500  # ctest's own


class Unusable(Exception):
    """A name or a build tree that cannot be played; the words say what to do."""


def list_tests(build: Path) -> dict[str, dict]:
    """Each with its properties."""
    done = subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"], capture_output=True,
                          text=True, check=False)
    try:
        tests = json.loads(done.stdout)["tests"]
    except (ValueError, KeyError):
        tests = []
    if not tests:
        raise Unusable(f"{ctest_names.shown(build)} has no tests: build it first (tests/run --fast)\n{done.stderr}")
    return {test["name"]: {each["name"]: each["value"] for each in test.get("properties", [])} for test in tests}


class Tree:
    def __init__(self, build: Path):
        self.build, self.tests = build, list_tests(build)
        self.environment = dict(os.environ)
        tools = ctest_names.SOURCE / "build/tools"
        if tools.is_dir():  # as in tests/run
            self.environment.setdefault("TIMECTL_TOOLS", str(tools))

    def find(self, word: str) -> list[str]:
        """By name, as SUITE/SCENARIO or by a regular expression."""
        scenario = ctest_names.of_scenario(*word.split("/")) if word.count("/") == 1 else word
        for name in (word, scenario):
            if name in self.tests:
                return [name]
        try:
            found = [name for name in self.tests if re.search(word, name)]
        except re.error as problem:
            raise Unusable(f"'{word}' is neither a test nor a regular expression: {problem}") from None
        if not found:
            raise Unusable(f"no test is called '{word}': ctest --test-dir {ctest_names.shown(self.build)} -N")
        return found

    def timeout_of(self, name: str) -> float:
        return float(self.tests[name].get("TIMEOUT", DEFAULT_TIMEOUT_S))

    def needed_by(self, names: list[str]) -> list[str]:
        """The tests that prepare something for these: the lab's images, say."""
        fixtures = {fixture for name in names for fixture in self.tests[name].get("FIXTURES_REQUIRED", [])}
        return [name for name, properties in self.tests.items()
                if fixtures & set(properties.get("FIXTURES_SETUP", []))]

    def play(self, names: list[str], *options: str) -> tuple[int, str]:
        """ctest's exit status and output. Its session ends with the caller, unless that is killed."""
        wanted = "|".join(map(ctest_names.regex, names))
        command = ["ctest", "--test-dir", str(self.build), "-R", wanted, "--output-on-failure",
                   "--no-tests=error", *options]
        return sessions.run(command, stdout=subprocess.PIPE, env=self.environment)
