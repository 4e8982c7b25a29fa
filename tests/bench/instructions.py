# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""a tick of 'timectl monitor' in instructions of an ARM1176, the processor of a Pi Zero

The package for armel runs under qemu-user on a booted client, an instruction at a time, each of which QEMU logs. What
timectl has others do (chronyc, systemd) is not counted. 'packaging/cross armel' makes package and chroot first.
"""
import os
import statistics
import subprocess
import threading
from pathlib import Path

import lab
import measure

SUITE = "bookworm"
PLACE = "/opt/arm1176"
LIBRARIES = f"{PLACE}/lib/x86_64-linux-gnu:{PLACE}/usr/lib/x86_64-linux-gnu"
EMULATOR = [f"{PLACE}/lib64/ld-linux-x86-64.so.2", "--library-path", LIBRARIES, f"{PLACE}/usr/bin/qemu-arm",
            "-L", f"{PLACE}/armel", "-cpu", "arm1176"]
# The emulator with its libraries, and what the program loads: libsystemd comes when it asks systemd.
PACK = """
set -e
mkdir -p /tmp/pack/armel && cd /tmp/pack
dpkg-deb -x "$(ls /src/build/deb-armel/timectl_*_armel.deb)" .
cp --parents -L /usr/bin/qemu-arm /lib64/ld-linux-x86-64.so.2 $(ldd /usr/bin/qemu-arm | grep -o '/[^ ]*') .
cp --parents -L /lib/ld-linux.so.3 /lib/arm-linux-gnueabi/*.so.* armel
cp --parents -L $(find /usr/lib/arm-linux-gnueabi -maxdepth 1 -name '*.so.*') armel
tar -cf - .
"""


def count(command: list[str]) -> int:
    """The lines that QEMU logs, one an instruction."""
    fifo = f"{PLACE}/log"
    os.mkfifo(fifo)
    lines = 0

    def read() -> None:
        nonlocal lines
        with open(fifo, "rb", buffering=0) as log:
            while chunk := log.read(1 << 20):
                lines += chunk.count(b"\n")

    reader = threading.Thread(target=read)
    reader.start()
    logged = ["-one-insn-per-tb", "-d", "nochain,exec", "-D", fifo]
    measure.output_of([*EMULATOR, *logged, f"{PLACE}/usr/bin/timectl", *command])
    reader.join()
    os.unlink(fifo)
    return lines


def on_host(settings: measure.Settings) -> None:
    subprocess.run(["systemctl", "stop", "timectl-monitor.timer"], check=True)
    for command in (["--version"], ["monitor"]):
        counts = [count(command) for _ in range(settings.runs(5))]
        print(f"timectl {' '.join(command):12} {statistics.median(counts) / 1e6:6.2f} million instructions "
              f"({min(counts) / 1e6:.2f} to {max(counts) / 1e6:.2f})")


def main(settings: measure.Settings) -> None:
    if not list((measure.SOURCE / "build/cross").glob("timectl_*_armel.deb")):
        raise measure.Skipped("there is no package for armel: packaging/cross armel")
    tree = measure.SOURCE / "build/bench/arm1176.tar"
    tree.parent.mkdir(parents=True, exist_ok=True)
    with tree.open("wb") as packed:
        subprocess.run([measure.SOURCE / "tests/lab/in-suite", "--arch", "armel", SUITE, "bash", "-c", PACK],
                       stdout=packed, check=True)
    os.environ["TIMECTL_BENCH_TREE"] = str(tree)
    lab.run("instructions", settings, scenario="client")
    tree.unlink()
