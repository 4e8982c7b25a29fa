#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Says by name what failed in a ctest run: why, what the hosts' journals have of it, and how to play it again.

usage: failed.py RESULTS.xml BUILD [INSIDE]
  RESULTS.xml, BUILD  ctest's --output-junit and --test-dir
  INSIDE              the command that enters the chroot of which they are
"""
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import ctest_names  # noqa: E402

LAST_LINES = 20
# Of so many the logs and journals are shown; where more fail, they mostly fail for the same reason.
IN_FULL = 10
# What tests/lab/lib/runner.sh says where a scenario's log, consoles and journals are.
KEPT = re.compile(r"^(?:lab|vm|pi): (?:its log, consoles, journals and disks:|.* starts, its log:) (/\S+)",
                  re.MULTILINE)
# What was expected: of a scenario, of Python's unittest, of Catch2.
REASON = re.compile(r"^(?:(?:lab|vm|pi): (?:FAILED: .*|stopped at .*|.* \(\w+\.sh:\d+\)$)|\w*(?:Error|Exception)\b.*"
                    r"|\S+:\d+: FAILED:(?:\n.*){,3})", re.MULTILINE)


def last_lines(text: str, count: int = LAST_LINES) -> list[str]:
    return text.splitlines()[-count:]


def read(path: Path) -> str:
    """Nothing where it is gone: another machine's results are read too."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def part(title: str, lines: list[str]) -> list[str]:
    return [f"  {title}", *(f"    {line}" for line in lines)]


def journals_of(directory: Path, reason: str) -> list[Path]:
    """Of the hosts that the reason names; of all where it names none."""
    found = sorted(directory.glob("*/journal"))
    named = [path for path in found if re.search(rf"\b{re.escape(path.parent.name)}\b", reason)]
    return named or found


def evidence(said: str, reason: str) -> list[str]:
    places = KEPT.findall(said)
    if not places:
        return []
    directory, lines = Path(places[-1]), []
    if directory.name == "log":  # ctest's timeout killed the runner.
        lines += part(f"the end of its log ({directory}):", last_lines(read(directory)))
        directory = directory.parent
    journals = journals_of(directory, reason)
    for path in journals:
        # The runner copies journals from the hosts right after the failure: that moment is their end.
        lines += part(f"the journal of {path.parent.name} at that moment ({path}):",
                      last_lines(read(path), max(5, LAST_LINES // len(journals))))
        # A daemon that waits says nothing: what it waits for, it has to be asked.
        state = last_lines(read(path.with_name("state")), max(5, LAST_LINES // len(journals)))
        lines += part(f"and its state ({path.with_name('state')}):", state) if state else []
    return lines


def describe(name: str, said: str, build: Path, in_full: bool = True, inside: str = "") -> str:
    """A failed test of the build tree `build`, and what it said."""
    # A second try mostly fails for the reason of the first.
    reason = "\n".join(list(dict.fromkeys(REASON.findall(said)))[-3:])
    lines = [f"failed: {name}"]
    if reason:
        lines += part("why:", reason.splitlines())
    if in_full:
        lines += part("its last words:", last_lines(said) or ["(nothing)"]) + evidence(said, reason)
    return "\n".join([*lines, f"  again: {inside}{ctest_names.again(name, build)}"])


def main() -> None:
    results, build = Path(sys.argv[1]), Path(sys.argv[2])
    inside = f"{sys.argv[3]} env " if sys.argv[3:] else ""
    if not results.exists():
        return
    failed = [case for case in ElementTree.parse(results).iter("testcase")
              if case.find("failure") is not None or case.get("status") == "fail"]
    for number, case in enumerate(failed):
        said = case.findtext("system-out") or ""
        print("\n" + describe(case.get("name", ""), said, build, number < IN_FULL, inside))


if __name__ == "__main__":
    main()
