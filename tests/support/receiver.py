#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A GNSS receiver at a terminal of its own: NMEA sentences, some time after the second that they name.

usage: receiver.py LINK DELAY [SKEW]
  LINK   a symlink to the terminal, which is made anew
  DELAY  seconds between a second and its first sentence
  SKEW   seconds that the receiver is wrong by (0)

Runs until it is killed, an hour at most. Prints "ready" when LINK is there.
"""
import datetime
import os
import pty
import sys
import time
import tty

LONGEST_S = 3600
SATELLITES = ("GPGSV,3,1,09,04,40,083,46,05,17,308,41,09,07,344,39,12,22,228,45",
              "GPGSV,3,2,09,24,40,083,46,25,17,308,41,29,07,344,39,31,22,228,45",
              "GPGSV,3,3,09,02,40,083,46")


def sentence(body: str) -> bytes:
    checksum = 0
    for byte in body.encode():
        checksum ^= byte
    return f"${body}*{checksum:02X}\r\n".encode()


def second(instant: datetime.datetime) -> bytes:
    time_of_day, date = instant.strftime("%H%M%S") + ".000", instant.strftime("%d%m%y")
    bodies = (f"GPRMC,{time_of_day},A,4916.4500,N,12311.1200,W,000.0,000.0,{date},,,A",
              f"GPGGA,{time_of_day},4916.4500,N,12311.1200,W,1,09,0.9,50.0,M,-17.0,M,,",
              "GPGSA,A,3,04,05,09,12,24,25,29,31,02,,,,1.5,0.9,1.2", *SATELLITES)
    return b"".join(map(sentence, bodies))


def main() -> None:
    link, delay = sys.argv[1], float(sys.argv[2])
    skew = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    if os.path.lexists(link):
        os.unlink(link)
    os.symlink(os.ttyname(theirs), link)
    print("ready", flush=True)
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        whole = int(time.time() - delay) + 1
        time.sleep(max(0.0, whole + delay - time.time()))
        os.write(ours, second(datetime.datetime.fromtimestamp(whole + skew, datetime.timezone.utc)))


if __name__ == "__main__":
    main()
