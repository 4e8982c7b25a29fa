# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A timectl that stands in the middle of a change: what it says goes into a pipe that is full."""

import fcntl
import os
import subprocess
import time

from harness import TIMECTL

PATIENCE_S = 60


def wait_until(is_so, what):
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE_S} s for {what}")
        time.sleep(0.01)


class HeldUp:
    """`timectl --root ROOT WORDS`, which stands still at its first word about the change it makes:
    the journal is written then, and the lock is held."""

    def __init__(self, root, *words, **more):
        self.root = root
        self.read_end, write_end = os.pipe()
        self.room = fcntl.fcntl(write_end, fcntl.F_GETPIPE_SZ)
        os.write(write_end, b"-" * self.room)
        self.process = subprocess.Popen([TIMECTL, "--root", root, *map(str, words)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=write_end, **more)
        os.close(write_end)
        wait_until(self.has_begun, "a journal")

    def has_begun(self):
        if self.process.poll() is not None:
            raise AssertionError(f"exit {self.process.returncode}: {self.said()}")
        journals = self.root.glob("var/lib/timectl/generations/*/journal.json")
        return any('"begun"' in journal.read_text() for journal in journals)

    def said(self):
        """Everything that stands in the pipe until it is closed."""
        with open(self.read_end, "rb") as pipe:
            return pipe.read().lstrip(b"-").decode()

    def finish(self):
        """The exit status and what it said, once it may speak."""
        said = self.said()
        return self.process.wait(PATIENCE_S), said

    def go_on_until_it_stops(self):
        """It may speak, and a signal stops it some time. It stays a child that can be waited for."""
        left = self.room
        while left:
            left -= len(os.read(self.read_end, left))
        options = os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        wait_until(lambda: os.waitid(os.P_PID, self.process.pid, options), "a stop")
        how = os.waitid(os.P_PID, self.process.pid, options)
        if how.si_code != os.CLD_STOPPED:
            raise AssertionError("it ended and was not stopped")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
