# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""'timectl history' over a year of minutes: table and plot, drawn as SVG, and a week of it"""
import struct
import tempfile
import time
import zlib
from pathlib import Path

import measure

BLOCKS_IN_SEGMENT = 336
SEGMENTS = 53


def block(first: int) -> bytes:
    """As lib/history/block.hpp says."""
    body = struct.pack("<qH6x", first, 30)
    for minute in range(30):
        ahead = (first % 86400) / 86400
        body += struct.pack("<HBBfff", 60 * minute, minute % 3 == 0, 1, 0.001 + minute * 1e-5, 1e-4, ahead)
    body = body.ljust(504, b"\0")
    return b"TCH1" + struct.pack("<I", zlib.crc32(body)) + body


def write_year(root: Path) -> None:
    directory = root / "var/lib/timectl/history"
    directory.mkdir(parents=True)
    start = int(time.time()) // 60 * 60 - SEGMENTS * BLOCKS_IN_SEGMENT * 1800
    for segment in range(SEGMENTS):
        first = start + segment * BLOCKS_IN_SEGMENT * 1800
        blocks = [block(first + number * 1800) for number in range(BLOCKS_IN_SEGMENT)]
        (directory / f"{segment + 1:08}").write_bytes(b"".join(blocks))


def main(settings: measure.Settings) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_year(root)
        command = [str(settings.binary), "--root", str(root), "history", "--since"]
        rivals = {"a year, table and plot": [*command, "53w"],
                  "a year, SVG": [*command, "53w", "--output", str(root / "year.svg")],
                  "a week": [*command, "7d"]}
        measure.show(measure.take_turns(rivals, settings.runs(30)))
