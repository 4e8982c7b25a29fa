# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Blocks of the history, by what lib/history/block.hpp and column.hpp say, and by nothing of the program."""
import struct
import zlib

MISSING, INFINITE = None, float("inf")
TIME, STATE, SAVING, BOUND, OFFSET, RTC_AHEAD, SINCE_BOOT, FREQUENCY, SKEW, REACH, AGE = range(1, 12)
SELECTABLE, REQUESTS, DROPPED, CLIENTS, RTC_TEMPERATURE, SOC_TEMPERATURE = range(12, 18)


def signed(number: int) -> bytes:
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "little", signed=True) if number else b""


def column(channel: int, values: list) -> bytes:
    """Of whole numbers of the channel's step, MISSING or INFINITE."""
    numbers = [each for each in values if each not in (MISSING, INFINITE)]
    gaps = len(numbers) != len(values)
    least = min(numbers, default=0)
    codes = [0 if each is MISSING else 1 if each == INFINITE else each - least + 2 * gaps for each in values]
    width = max(codes).bit_length()
    packed = sum(code << index * width for index, code in enumerate(codes))
    content = bytes([width]) + signed(least) + packed.to_bytes((len(codes) * width + 7) // 8, "little")
    return bytes([channel, 2 if gaps else 1, len(content)]) + content


def block(first: int, columns: dict, boot: bytes = bytes(16)) -> bytes:
    """`columns` has the values of each channel, and those of TIME in seconds after `first`."""
    body = struct.pack("<qHH4x", first, len(columns[TIME]), 40) + boot
    body += b"".join(column(channel, values) for channel, values in columns.items())
    assert len(body) <= 1016, len(body)
    body = body.ljust(1016, b"\0")
    return b"TCH2" + struct.pack("<I", zlib.crc32(body)) + body
