# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""a tick of 'timectl monitor' in instructions of an ARM1176, the processor of a Pi Zero

The package for armel runs under qemu-user on a booted client, an instruction at a time, each of which QEMU logs. What
timectl has others do (chronyc, systemd) is not counted. 'packaging/cross armel' makes package and chroot first.
"""
import os
import statistics
import subprocess

import lab
import measure

SUITE = "bookworm"
PLACE = "/opt/arm1176"
LIBRARIES = f"{PLACE}/lib/x86_64-linux-gnu:{PLACE}/usr/lib/x86_64-linux-gnu"
EMULATOR = [f"{PLACE}/lib64/ld-linux-x86-64.so.2", "--library-path", LIBRARIES, f"{PLACE}/usr/bin/qemu-arm",
            "-cpu", "arm1176"]
# Not by QEMU's -L: it would have the program find that directory where it opens "/".
LOADER = [f"{PLACE}/armel/lib/ld-linux.so.3", "--library-path",
          f"{PLACE}/armel/lib/arm-linux-gnueabi:{PLACE}/armel/usr/lib/arm-linux-gnueabi"]
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
    # A thread cannot be started here: children are in the host's PID namespace, this process is not.
    counter = subprocess.Popen(["/bin/sh", "-c", f"exec wc -l <{fifo}"], stdout=subprocess.PIPE, text=True)
    try:
        logged = ["-one-insn-per-tb", "-d", "nochain,exec", "-D", fifo]
        measure.output_of([*EMULATOR, *logged, *LOADER, f"{PLACE}/usr/bin/timectl", *command])
        return int(counter.communicate(timeout=60)[0])
    finally:
        counter.kill()
        os.unlink(fifo)


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
