# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Busy processes beside a test. They end with the process that started them, however that ends."""
import ctypes
import os
import signal
import time

PR_SET_PDEATHSIG = 1


def spin(parent: int, until: float) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before the kernel knew.
    while os.getppid() == parent and time.monotonic() < until:
        sum(range(50000))


def start(parent: int, until: float) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            spin(parent, until)
        finally:
            # Nothing of the parent's is flushed, cleaned up or unwound a second time.
            os._exit(0)
    return pid


class Load:
    """with Load(6, 900): ...     six of them, for 900 seconds at most"""

    def __init__(self, count: int, seconds: float):
        self.count, self.seconds = count, seconds
        self.pids: list[int] = []

    def __enter__(self) -> "Load":
        until = time.monotonic() + self.seconds
        for _ in range(self.count):
            self.pids.append(start(os.getpid(), until))
        return self

    def __exit__(self, *problem) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)  # Not reaped yet: no other process has the number.
        for pid in self.pids:
            os.waitpid(pid, 0)
        self.pids = []
