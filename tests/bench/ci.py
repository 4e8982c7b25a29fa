# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""what the last .ci/run or tests/run took: its stages, its slowest tests

Nothing is measured here: both write down what they took (build/ci-stages.tsv, JUnit results, ctest's logs).
"""
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import measure

sys.path.insert(0, str(measure.SOURCE / "tests/support"))
import second_tries  # noqa: E402

SHOWN_TESTS = 25
SHOWN_LEVELS = 15


@dataclass(frozen=True)
class Test:
    name: str
    seconds: float
    result: str

    @property
    def level(self) -> str:
        """The lab's by suite; of unit tests it is the module."""
        words = self.name.split(": ")
        return ": ".join(words[:2 if words[0] in ("lab", "vm") and len(words) > 2 else 1])


def when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def stage_lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    lines = [f"{'program':10} {'stage':14} {'result':8} {'s':>6}  ended"]
    for line in file.read_text(encoding="utf-8").splitlines():
        program, stage, result, seconds, ended = line.split("\t")
        lines.append(f"{program:10} {stage:14} {result:8} {seconds:>6}  {when(float(ended))}")
    return lines


def result_of(case: ElementTree.Element) -> str:
    if case.find("failure") is not None:
        return "FAILED"
    return "skipped" if case.find("skipped") is not None else ""


def read_tests(results: Path) -> list[Test]:
    return [Test(case.get("name", ""), float(case.get("time", 0)), result_of(case))
            for case in ElementTree.parse(results).iter("testcase")]


def level_lines(tests: list[Test]) -> list[str]:
    levels = defaultdict(list)
    for test in tests:
        levels[test.level].append(test.seconds)
    most = sorted(levels.items(), key=lambda item: -sum(item[1]))
    lines = [f"{'level':24} {'tests':>6} {'s':>7} {'slowest':>8}"]
    for level, seconds in most[:SHOWN_LEVELS]:
        lines.append(f"{level:24} {len(seconds):6} {sum(seconds):7.0f} {max(seconds):8.1f}")
    rest = [second for _, seconds in most[SHOWN_LEVELS:] for second in seconds]
    if rest:
        lines.append(f"{'(others)':24} {len(rest):6} {sum(rest):7.0f} {max(rest):8.1f}")
    return lines


def test_lines(tests: list[Test]) -> list[str]:
    lines = [f"{'s':>7}  the {min(SHOWN_TESTS, len(tests))} slowest of {len(tests)} tests, which took "
             f"{sum(test.seconds for test in tests):.0f} s one after the other"]
    for test in sorted(tests, key=lambda each: -each.seconds)[:SHOWN_TESTS]:
        lines.append(f"{test.seconds:7.1f}  {test.name}{'  ' + test.result if test.result else ''}")
    return lines


def report(build: Path) -> list[str]:
    """Of all build trees in `build`; nothing where no run has left anything."""
    lines = stage_lines(build / "ci-stages.tsv")
    for results in sorted(build.glob("*/results/*.xml")):
        tests = read_tests(results)
        if not tests:
            continue
        lines += ["", f"{results.relative_to(build.parent)}, {when(results.stat().st_mtime)}",
                  *level_lines(tests), "", *test_lines(tests)]
    for log in sorted(build.glob("*/Testing/Temporary/LastTest.log")):
        lines += second_tries.needed_in(log)
    return lines


def main(_: measure.Settings) -> None:
    lines = report(measure.SOURCE / "build")
    if not lines:
        raise measure.Skipped("neither .ci/run nor tests/run has been played in this tree")
    print("\n".join(lines))
