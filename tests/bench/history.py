# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""'timectl history' over a year of minutes: table and plot, SVG, JSON, and a week of it"""
import random
import sys
import tempfile
import time
from pathlib import Path

import measure

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import history_blocks as blocks  # noqa: E402  (found only now)

BLOCKS_IN_SEGMENT = 336
SEGMENTS = 53


def block(first: int, noise: random.Random) -> bytes:
    """Every channel, as an ordinary half hour has it."""
    def around(middle: float, spread: float) -> list:
        return [round(noise.gauss(middle, spread)) for _ in range(30)]
    return blocks.block(first, {
        blocks.TIME: [60 * minute for minute in range(30)], blocks.STATE: [minute % 3 == 0 for minute in range(30)],
        blocks.SAVING: [1] * 30, blocks.BOUND: [10000 + 100 * minute for minute in range(30)],
        blocks.OFFSET: around(0, 1e5), blocks.RTC_AHEAD: around(first % 86400 / 8.64, 2900),
        blocks.SINCE_BOOT: [60000 * minute + noise.randrange(1000) for minute in range(30)],
        blocks.FREQUENCY: around(-23456, 20), blocks.SKEW: [abs(each) for each in around(50, 20)],
        blocks.REACH: [255] * 30, blocks.AGE: [noise.randrange(70) for _ in range(30)], blocks.SELECTABLE: [3] * 30,
        blocks.REQUESTS: [1000000 + 12 * minute for minute in range(30)], blocks.DROPPED: [0] * 30,
        blocks.CLIENTS: [12] + [blocks.MISSING] * 29, blocks.RTC_TEMPERATURE: around(2500, 20),
        blocks.SOC_TEMPERATURE: around(4800, 80)}, bytes(range(16)))


def write_year(root: Path) -> None:
    directory = root / "var/lib/timectl/history"
    directory.mkdir(parents=True)
    noise = random.Random(20261121)
    start = int(time.time()) // 60 * 60 - SEGMENTS * BLOCKS_IN_SEGMENT * 1800
    for segment in range(SEGMENTS):
        first = start + segment * BLOCKS_IN_SEGMENT * 1800
        week = [block(first + number * 1800, noise) for number in range(BLOCKS_IN_SEGMENT)]
        (directory / f"{segment + 1:08}.tch2").write_bytes(b"".join(week))


def main(settings: measure.Settings) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_year(root)
        command = [str(settings.binary), "--root", str(root), "history", "--since"]
        rivals = {"a year, table and plot": [*command, "53w"],
                  "a year, SVG": [*command, "53w", "--output", str(root / "year.svg")],
                  "a year, JSON": [*command, "53w", "--json"],
                  "a week": [*command, "7d"]}
        measure.show(measure.take_turns(rivals, settings.runs(30)))
