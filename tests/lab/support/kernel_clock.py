#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's clock discipline: shows it, saves and restores its flags. Never steps or slews.

usage: kernel_clock.py show | unsync | save FILE | restore FILE

All hosts of the lab share this machine's one kernel clock. `unsync` is what a machine finds at power
on; `restore` gives the machine back the flags it had before the lab.
"""
import ctypes
import json
import sys

MODES_FREQUENCY_ERRORS_STATUS = 0x02 | 0x04 | 0x08 | 0x10  # ADJ_FREQUENCY|MAXERROR|ESTERROR|STATUS
MODES_ERRORS_STATUS = 0x04 | 0x08 | 0x10
STA_PLL, STA_UNSYNC = 0x0001, 0x0040
SIXTEEN_SECONDS = 16_000_000  # NTP_PHASE_LIMIT: from here on the kernel calls itself unsynchronized


class Timex(ctypes.Structure):
    _fields_ = (
        [("modes", ctypes.c_uint)]
        + [(name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")]
        + [("status", ctypes.c_int)]
        + [(name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "sec", "usec", "tick")]
        + [("rest", ctypes.c_long * 20)]
    )


def adjtimex(**values: int) -> Timex:
    timex = Timex()
    for name, value in values.items():
        setattr(timex, name, value)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(ctypes.byref(timex)) < 0:
        sys.exit(f"adjtimex: errno {ctypes.get_errno()}")
    return timex


def main() -> None:
    what, file = sys.argv[1], (sys.argv + [""])[2]
    now = adjtimex(modes=0)
    if what == "show":
        synchronized = "no" if now.status & STA_UNSYNC else "yes"
        print(f"synchronized={synchronized} maxerror_us={now.maxerror} freq={now.freq}")
    elif what == "unsync":
        adjtimex(modes=MODES_ERRORS_STATUS, status=STA_UNSYNC,
                 maxerror=SIXTEEN_SECONDS, esterror=SIXTEEN_SECONDS)
    elif what == "save":
        keep = {name: getattr(now, name) for name in ("freq", "status", "maxerror", "esterror")}
        with open(file, "w", encoding="ascii") as out:
            json.dump(keep, out)
    elif what == "restore":
        with open(file, encoding="ascii") as saved:
            keep = json.load(saved)
        keep["status"] &= STA_UNSYNC | STA_PLL
        adjtimex(modes=MODES_FREQUENCY_ERRORS_STATUS, **keep)
    else:
        sys.exit(__doc__)


main()
