#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Says by name what a ctest run skipped, and why.

usage: left_out.py RESULTS.xml     (ctest --output-junit)
prints one line a test, "name: reason"; the reason is the test's own last "skipped: ..." line.
"""
import re
import sys
from xml.etree import ElementTree

REASON = re.compile(r"skip(?:ped|ping):? *(.*)", re.IGNORECASE)


def reason_of(case: ElementTree.Element) -> str:
    reasons = REASON.findall(case.findtext("system-out") or "")
    skipped = case.find("skipped")
    return (reasons[-1] if reasons else "") or (skipped.get("message", "") if skipped is not None else "")


def main() -> None:
    for case in ElementTree.parse(sys.argv[1]).iter("testcase"):
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            print(f"{case.get('name')}: {reason_of(case) or 'not run'}")


if __name__ == "__main__":
    main()
