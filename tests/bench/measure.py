# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Wall and processor time of commands that take turns, so that a busy moment hits all of them."""
import ctypes
import importlib
import os
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# os.wait4 would load it later, and on_host.py has left this root by then.
importlib.import_module("resource")

SOURCE = Path(__file__).resolve().parents[2]


class Skipped(Exception):
    """This machine cannot carry the benchmark; the words say why."""


@dataclass
class Settings:
    binary: Path
    quick: bool

    def runs(self, count: int) -> int:
        return max(3, count // 50) if self.quick else count


@dataclass
class Samples:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def run_once(command: list[str], samples: Samples, good: tuple[int, ...] = (0,)) -> None:
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    samples.wall.append(time.perf_counter() - start)
    samples.cpu.append(usage.ru_utime + usage.ru_stime)
    if os.waitstatus_to_exitcode(status) not in good:
        raise SystemExit(f"{' '.join(command[:4])}: exit {os.waitstatus_to_exitcode(status)}")


def take_turns(rivals: dict[str, list[str]], rounds: int, good: tuple[int, ...] = (0,)) -> dict[str, Samples]:
    """The first round only warms the caches."""
    results = {name: Samples() for name in rivals}
    for turn in range(rounds + 1):
        for name, command in rivals.items():
            run_once(command, results[name] if turn else Samples(), good)
    return results


def show(results: dict[str, Samples], than: str | None = None) -> None:
    """One line each; `than` is whom the ratio of wall times compares with."""
    print(f"{'':24} {'wall ms':>9} {'fastest':>9} {'cpu ms':>9} {'ratio':>7}")
    for name, samples in results.items():
        wall = statistics.median(samples.wall)
        ratio = f"{wall / statistics.median(results[than].wall):7.2f}" if than else ""
        print(f"{name:24} {wall * 1e3:9.2f} {min(samples.wall) * 1e3:9.2f} "
              f"{statistics.median(samples.cpu) * 1e3:9.2f} {ratio}")


def output_of(command: list[str], good: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        raise SystemExit(f"{' '.join(command[:4])}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def in_own_network(work: Callable[[], None]) -> None:
    """Runs `work` in a child with a network of its own, which has nothing but a loopback."""
    child = os.fork()
    if child == 0:
        try:
            unshare_network()
            work()
        except SystemExit as problem:
            print(problem, file=sys.stderr)
            end_child(1)
        except BaseException:
            traceback.print_exc()
            end_child(1)
        end_child(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise SystemExit("failed, see above")


def unshare_network() -> None:
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        raise Skipped(f"this machine allows no namespaces: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def end_child(status: int) -> None:
    """Without the parent's own ending."""
    sys.stdout.flush()
    os._exit(status)
