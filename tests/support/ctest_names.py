# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""How a test of ctest is named on a command line, and which command plays exactly that test."""
import os
import re
import shlex
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
# What a regular expression of CMake reads as more than the character that it is.
SPECIAL = re.compile(r"([.*+?^$()\[\]|\\])")
SCENARIO = re.compile(r"(lab|vm): (\w+): (.+)")
IMAGES = re.compile(r"(lab|vm): images and timectl for (\w+)")
# Levels whose tests are skipped without root.
AS_ROOT = ("faults: ", "lab: ", "vm: ")


def regex(name: str) -> str:
    """For ctest -R: this test and no other."""
    return "^" + SPECIAL.sub(r"\\\1", name) + "$"


def of_scenario(suite: str, scenario: str, level: str = "lab") -> str:
    return f"{level}: {suite}: {scenario.replace('_', ' ')}"


def shown(path: Path) -> str:
    """Short where it can be: people paste it at the top of the tree."""
    path = path.resolve()
    return str(path.relative_to(SOURCE)) if path.is_relative_to(SOURCE) else str(path)


def again(name: str, build: Path) -> str:
    """The command that plays the test once more, to be pasted into a shell at the top of the tree."""
    if found := IMAGES.fullmatch(name):
        return f"sudo tests/{found[1]}/run --image --suite {found[2]}"
    if found := SCENARIO.fullmatch(name):
        scenario = found[3].replace(" ", "_")
        if (SOURCE / "tests" / found[1] / "scenarios" / f"{scenario}.sh").exists():
            return f"sudo tests/{found[1]}/run {scenario} --suite {found[2]}"
    words = ["ctest", "--test-dir", shown(build), "-R", regex(name), "--output-on-failure"]
    if tools := os.environ.get("TIMECTL_TOOLS"):
        words.insert(0, f"TIMECTL_TOOLS={tools}")
    if name.startswith(AS_ROOT):
        words.insert(0, "sudo")
    return shlex.join(words)
