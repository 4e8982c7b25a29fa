#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Names the scenarios of a ctest run that passed only when they were played again; more than two fail the run.

usage: second_tries.py LastTest.log     (JUnit results have only the first kilobyte of what passed)
exits 1 when there are more than two
"""
import re
import sys
from pathlib import Path

MOST = 2
# What tests/lab/lib/runner.sh says.
NEEDED = re.compile(r"^[a-z]+: needed try \d+: .*$", re.MULTILINE)


def needed_in(log: Path) -> list[str]:
    return NEEDED.findall(log.read_text(encoding="utf-8", errors="replace")) if log.exists() else []


def main() -> int:
    needed = needed_in(Path(sys.argv[1]))
    for line in needed:
        print(line)
    if len(needed) <= MOST:
        return 0
    print(f"error: {len(needed)} scenarios needed a second try, a run passes with at most {MOST}: "
          "find the cause of each with tests/soak SUITE/SCENARIO")
    return 1


if __name__ == "__main__":
    sys.exit(main())
