#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Says by name what failed in a ctest run, each with the end of what it said.

usage: failed.py RESULTS.xml     (ctest --output-junit)
"""
import sys
from xml.etree import ElementTree

LAST_LINES = 20


def main() -> None:
    for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
        if case.find("failure") is None and case.get("status") != "fail":
            continue
        print(f"failed: {case.get('name')}")
        for line in (case.findtext("system-out") or "").splitlines()[-LAST_LINES:]:
            print(f"  {line}")


main()
