# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Runs a benchmark on a host of the lab: on_host.py PID QUICK noop|verify|tick|instructions, called by host/*.sh.

The hosts have no python. This process is loaded outside and enters the host of which PID is the first
process, so that nothing is measured but the commands themselves.
"""
import ctypes
import os
import sys
from pathlib import Path

import instructions
import measure
import noop
import tick
import verify

NAMESPACES = ["mnt", "uts", "ipc", "net", "pid", "cgroup"]
BENCHMARKS = {"noop": noop.on_host, "verify": verify.on_host, "instructions": instructions.on_host}
ON_CLIENT = "tick"


def enter(pid: str) -> None:
    """setns with the host's namespaces, then its root; children are in its PID namespace."""
    places = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in NAMESPACES]
    root = os.open(f"/proc/{pid}/root", os.O_RDONLY)
    library = ctypes.CDLL(None, use_errno=True)
    for place in places:
        if library.setns(place, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    os.fchdir(root)
    os.chroot(".")
    os.environ.clear()
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ["HOME"] = "/root"


def main() -> None:
    pid, quick, name = sys.argv[1:]
    group = tick.Group(pid)
    enter(pid)
    settings = measure.Settings(Path("/usr/bin/timectl"), quick == "quick")
    # The monitor's own tick must not be measured along.
    measure.output_of(["systemctl", "stop", "timectl-monitor.service"])
    if name == ON_CLIENT:
        tick.on_host(settings, group)
    else:
        BENCHMARKS[name](settings)


if __name__ == "__main__":
    main()
