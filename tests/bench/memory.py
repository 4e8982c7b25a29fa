# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""the compiler's memory and time for each translation unit of a clean release build

A Raspberry Pi Zero 2 has 512 MB: what needs more than 400 MB cannot be built there.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import measure

LIMIT_MB = 400
SHOWN = 12
LINKING = "(linking)"
RECORD = "TIMECTL_BENCH_MEMORY"


def compile_and_record(command: list[str]) -> int:
    """As the launcher of compilers and linker: one line for each translation unit, and for each program."""
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    with open(os.environ[RECORD], "a", encoding="utf-8") as record:
        name = command[-1] if "-c" in command else f"{LINKING} {command[command.index('-o') + 1]}"
        record.write(f"{usage.ru_maxrss // 1024} {seconds:.2f} {name}\n")
    return os.waitstatus_to_exitcode(status)


def build(directory: Path, settings: measure.Settings) -> list[tuple[int, float, str]]:
    record = directory / "record"
    launcher = f"{sys.executable};-B;{Path(__file__).resolve()}"
    subprocess.run(["cmake", "-S", measure.SOURCE, "-B", directory / "build", "-G", "Ninja",
                    "-DCMAKE_BUILD_TYPE=Release", "-DTIMECTL_TESTS=OFF",
                    # Linking optimizes over all files.
                    f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}", f"-DCMAKE_CXX_LINKER_LAUNCHER={launcher}"],
                   check=True, stdout=subprocess.DEVNULL)
    target = ["timectl_base"] if settings.quick else []
    subprocess.run(["ninja", "-C", directory / "build", *target], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, RECORD: str(record)})
    rows = [line.split(" ", 2) for line in record.read_text(encoding="utf-8").splitlines()]
    return [(int(megabytes), float(seconds), name) for megabytes, seconds, name in rows]


def main(settings: measure.Settings) -> None:
    with tempfile.TemporaryDirectory() as directory:
        rows = sorted(build(Path(directory), settings), reverse=True)
    print(f"{'MB':>5} {'cpu s':>6}  the {min(SHOWN, len(rows))} largest of {len(rows)}, and linking")
    for megabytes, seconds, name in rows[:SHOWN] + [row for row in rows[SHOWN:] if row[2].startswith(LINKING)]:
        shown = name.removeprefix(f"{measure.SOURCE}/")
        print(f"{megabytes:5} {seconds:6.1f}  {shown}{'  over the limit' if megabytes > LIMIT_MB else ''}")
    print(f"limit {LIMIT_MB} MB; all together {sum(row[1] for row in rows):.0f} s of processor time")
    if rows[0][0] > LIMIT_MB:
        raise SystemExit(f"error: {rows[0][2]} takes the compiler {rows[0][0]} MB: split it")


if __name__ == "__main__":
    sys.exit(compile_and_record(sys.argv[1:]))
