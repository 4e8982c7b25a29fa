# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""a tick of 'timectl monitor' beside an equivalent shell script, on the same booted client

The script is what timectl replaces: ping, timedatectl, systemctl, and grep over the drop-in. Besides the
commands' own processor time that of the whole host counts (PID 1, D-Bus, timedated work for them), and
how many processes each starts. At the end: what ten thousand ticks leave on the disk.
"""
import os
import statistics
import subprocess
import time
from pathlib import Path

import lab
import measure

SCRIPT = """#!/bin/sh
server=192.168.4.2
file=/run/systemd/system/controller.service.d/ntp-environment.conf
if ping -c 1 -W 2 "$server" >/dev/null 2>&1; then reachable=true; else reachable=false; fi
if timedatectl show | grep -q '^NTPSynchronized=yes'; then synced=true; else synced=false; fi
followed=$(timedatectl show-timesync | grep '^ServerAddress=' | cut -d= -f2)
if [ "$reachable" = true ] && [ "$synced" = true ] && [ "$followed" = "$server" ]; then
    grep -q 'CONSERVE_POWER=1' "$file" || echo would write
else
    [ ! -e "$file" ] || echo would remove
fi
systemctl is-active --quiet controller.service || true
"""
SPEED = "cpu.stat"


class Group:
    """The control group of a host, and /proc with our numbers: both stay open when this process enters."""

    def __init__(self, pid: str) -> None:
        self.proc = os.open("/proc", os.O_RDONLY)
        lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii").splitlines()
        path = next(line for line in lines if line.startswith("0::"))[3:].removesuffix("/init.scope")
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text("ascii").splitlines()
                  if " - cgroup2 " in line]
        self.file = next((os.open(f"{mount}{path}/{SPEED}", os.O_RDONLY) for mount in mounts
                          if os.path.exists(f"{mount}{path}/{SPEED}")), None)

    def cpu(self) -> float:
        if self.file is None:
            return float("nan")
        return int(os.pread(self.file, 200, 0).split()[1]) / 1e6


def next_process() -> int:
    """The host deals numbers out in order; threads have some too."""
    return int(measure.output_of(["/bin/sh", "-c", "echo $$"]))


def high_water(group: Group, pid: int) -> int:
    """The largest peak that could be read while it ran, in KiB."""
    most = 0
    while True:
        try:
            status = os.open(f"{pid}/status", os.O_RDONLY, dir_fd=group.proc)
            text = os.read(status, 8192).decode()
            os.close(status)
        except (FileNotFoundError, ProcessLookupError):
            return most
        for line in text.splitlines():
            # Until it is executed it is this process's.
            if line.startswith("VmHWM:") and text.startswith("Name:\ttimectl"):
                most = max(most, int(line.split()[1]))
        if "State:\tZ" in text:
            return most


def show_costs(name: str, command: list[str], group: Group, rounds: int) -> None:
    """Of the whole host, above what it does by itself in the same time."""
    processes, host = [], []
    for _ in range(rounds):
        time.sleep(0.3)
        first, cpu = next_process(), group.cpu()
        samples = measure.Samples()
        measure.run_once(command, samples)
        time.sleep(0.3)
        host.append(group.cpu() - cpu + samples.cpu[0])
        processes.append(next_process() - first - 1)
    print(f"{name:24} processes and threads {statistics.median(processes):4.0f}   "
          f"whole host {statistics.median(host) * 1e3:7.2f} ms")


def footprint() -> int:
    said = measure.output_of(["du", "-sb", "/var/lib/timectl", "/run/timectl"])
    return sum(int(line.split()[0]) for line in said.splitlines())


def show_disk(command: list[str], ticks: int) -> None:
    before = footprint()
    started = time.perf_counter()
    for _ in range(ticks):
        measure.run_once(command, measure.Samples())
    print(f"{ticks} ticks: {time.perf_counter() - started:.1f} s, {footprint() - before} more bytes "
          "in /var/lib/timectl and /run/timectl")


def on_host(settings: measure.Settings, group: Group) -> None:
    subprocess.run(["systemctl", "stop", "timectl-monitor.timer"], check=True)
    script = Path("/root/tick")
    script.write_text(SCRIPT, encoding="ascii")
    script.chmod(0o755)
    rivals = {"timectl monitor": [str(settings.binary), "monitor"], "shell script": ["/bin/sh", str(script)],
              "/bin/true, for the floor": ["/bin/true"],
              "one question to systemd": ["/usr/bin/systemctl", "show", "-p", "ActiveState", "controller.service"]}
    measure.show(measure.take_turns(rivals, settings.runs(100)), than="shell script")
    for name, command in rivals.items():
        show_costs(name, command, group, settings.runs(40))
    child = subprocess.Popen(rivals["timectl monitor"], stdout=subprocess.DEVNULL)
    print(f"peak of timectl monitor {high_water(group, child.pid)} KiB resident")
    child.wait()
    show_disk(rivals["timectl monitor"], settings.runs(10_000))


def main(settings: measure.Settings) -> None:
    lab.run("tick", settings, scenario="client")
