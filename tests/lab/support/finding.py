#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the JSON of `timectl verify` on stdin and prints "verdict summary; cause; remedy" of one probe.

usage: finding.py PROBE
A probe that asks several things (two servers, say) counts by its worst answer.
"""
import json
import sys

WORST_LAST = ("skipped", "ok", "pending", "warning", "unknown", "failed")


def main() -> None:
    found = [f for f in json.load(sys.stdin)["findings"] if f["probe"] == sys.argv[1]]
    if not found:
        sys.exit(f"no finding of {sys.argv[1]}")
    worst = max(found, key=lambda finding: WORST_LAST.index(finding["verdict"]))
    print(worst["verdict"], "; ".join(filter(None, (worst["summary"], worst["cause"], worst["remedy"]))))


main()
