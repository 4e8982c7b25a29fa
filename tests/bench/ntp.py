# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""the error of 'timectl probe ntp' beside rivals against a chronyd on the same clock, and 10,000 servers at once

Asker and server read one clock: the true offset is exactly 0, so what is reported is the error.
"""
import contextlib
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import measure

PORT = 123  # some rivals know no other, and the network is our own
MANY = (1000, 10000)
# Asks once, and prints the offset in seconds as the pattern's group. Found in PATH or below
# TIMECTL_TOOLS (apt-get download, dpkg -x): they are measured where they are to be had.
RIVALS = {
    "check_ntp_time": ("usr/lib/nagios/plugins", ["-H", "127.0.0.1"], r"offset=(\S+?)s[;|]"),
    "rdate": ("usr/sbin", ["-n", "-p", "-v", "127.0.0.1"], r"adjust local clock by (\S+) seconds"),
    "ntpdig": ("usr/bin", ["127.0.0.1"], r"\(\S+\) ([+-]\S+) \+/-"),
    "sntp": ("usr/bin", ["127.0.0.1"], r" ([+-]\d\S+) \+/- "),
}


def find_rival(name: str, directory: str) -> str | None:
    for tools in (os.environ.get("TIMECTL_TOOLS"), measure.SOURCE / "build/tools", "/"):
        if tools and (program := Path(tools) / directory / name).exists():
            return str(program)
    return shutil.which(name)


def find_chronyd() -> str:
    """Unpacked (packaging/unpack-chrony) or installed; it never touches the clock (-x, -Q)."""
    for tools in (os.environ.get("TIMECTL_TOOLS"), measure.SOURCE / "build/tools"):
        if tools and (chronyd := Path(tools) / "usr/sbin/chronyd").exists():
            return str(chronyd)
    if found := shutil.which("chronyd"):
        return found
    raise measure.Skipped("no chronyd: packaging/unpack-chrony build/tools")


@contextlib.contextmanager
def served(chronyd: str, directory: Path):
    """A chronyd that serves this machine's own time."""
    directory.chmod(0o700)
    configuration = directory / "chrony.conf"
    configuration.write_text(f"local stratum 1\nallow\nport {PORT}\ncmdport 0\nbindcmdaddress /\n"
                             f"pidfile {directory}/pid\n", encoding="utf-8")
    daemon = subprocess.Popen([chronyd, "-x", "-d", "-u", "root", "-f", str(configuration)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        daemon.kill()
        daemon.wait()


def wait_until_served(command: list[str]) -> None:
    for _ in range(100):
        if subprocess.run(command, capture_output=True).returncode == 0:
            return
        time.sleep(0.05)
    raise SystemExit("chronyd did not start")


def measure_one(settings: measure.Settings) -> None:
    command = [str(settings.binary), "probe", "ntp", f"127.0.0.1:{PORT}"]
    wait_until_served(command)
    # What --version takes is starting the program: only the rest is the four exchanges'.
    turns = {"timectl probe ntp": command, "timectl --version": [str(settings.binary), "--version"]}
    errors, samples = [], {name: measure.Samples() for name in turns}
    for _ in range(settings.runs(200)):
        answer = json.loads(measure.output_of([*command, "--json"]))["servers"][0]
        errors.append(abs(answer["offset_s"]) * 1e6)
        for name, words in turns.items():
            measure.run_once(words, samples[name])
    show_errors("timectl probe ntp", errors)
    measure.show(samples, than="timectl --version")


def offset_by(command: list[str], pattern: str) -> float | None:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    return float(found[1]) if found else None


def measure_rivals(settings: measure.Settings) -> None:
    """In turns with timectl, whose four exchanges stand against their one or few."""
    turns = {"timectl probe ntp": [str(settings.binary), "probe", "ntp", "--json", f"127.0.0.1:{PORT}"]}
    patterns = {"timectl probe ntp": r'"offset_s": (\S+?),'}
    for name, (directory, words, pattern) in RIVALS.items():
        if program := find_rival(name, directory):
            turns[name], patterns[name] = [program, *words], pattern
    for name in [name for name in turns if offset_by(turns[name], patterns[name]) is None]:
        print(f"{name:24} said no offset that is understood")
        del turns[name]
    errors: dict[str, list[float]] = {name: [] for name in turns}
    samples = {name: measure.Samples() for name in turns}
    for _ in range(settings.runs(100)):
        for name, command in turns.items():
            if (offset := offset_by(command, patterns[name])) is not None:
                errors[name].append(abs(offset) * 1e6)
            measure.run_once(command, samples[name], (0, 1, 2, 3))
    for name in samples:
        show_errors(name, errors[name])
    measure.show(samples, than="timectl probe ntp")


def show_errors(name: str, errors: list[float]) -> None:
    errors.sort()
    print(f"{name:24} error µs: median {statistics.median(errors):.3f}, "
          f"90 % {errors[len(errors) * 9 // 10]:.3f}, max {errors[-1]:.3f} of {len(errors)}")


def measure_chronyd(chronyd: str, directory: Path) -> None:
    """Seconds each: a few runs have to do."""
    errors, walls = [], []
    for _ in range(8):
        start = time.perf_counter()
        said = subprocess.run([chronyd, "-Q", "-u", "root", "-t", "10", f"pidfile {directory}/pid-q",
                               f"server 127.0.0.1 port {PORT} iburst"],
                              capture_output=True, text=True).stderr
        walls.append(time.perf_counter() - start)
        if wrong := re.search(r"System clock wrong by (\S+) seconds", said):
            errors.append(abs(float(wrong[1])) * 1e6)
    if not errors:
        return print("chronyd -Q said nothing")
    show_errors("chronyd -Q", errors)
    print(f"{'':24} wall {statistics.median(walls):.2f} s")


def measure_many(settings: measure.Settings, many: int) -> None:
    hosts = [f"127.{1 + i // 62500}.{i // 250 % 250}.{i % 250 + 1}:{PORT}" for i in range(many)]
    # One descriptor a server: with the usual limit of 1024 they would have to take turns.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    command = [str(settings.binary), "probe", "ntp", "--samples", "1", *hosts]
    answers = json.loads(measure.output_of([*command, "--json"], (0, 3)))["servers"]
    samples = measure.Samples()
    for _ in range(settings.runs(20)):
        measure.run_once(command, samples, (0, 3))
    usable = [answer for answer in answers if answer["usable"]]
    name = f"{many} servers, once"
    show_errors(name, [abs(answer["offset_s"]) * 1e6 for answer in usable])
    print(f"{'':24} {len(usable)} usable, {sum(answer['answered'] for answer in answers)} replies to "
          f"{sum(answer['asked'] for answer in answers)} requests")
    measure.show({name: samples})


def main(settings: measure.Settings) -> None:
    if os.geteuid() != 0:
        raise measure.Skipped("needs root for a network of its own")
    chronyd = find_chronyd()
    measure.in_own_network(lambda: measure_all(chronyd, settings))


def measure_all(chronyd: str, settings: measure.Settings) -> None:
    with tempfile.TemporaryDirectory() as name, served(chronyd, Path(name)):
        measure_one(settings)
        measure_rivals(settings)
        for many in MANY:
            measure_many(settings, many)
        if not settings.quick:
            measure_chronyd(chronyd, Path(name))
