# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Benchmarks on a booted host: a scenario of its own for tests/lab/run."""
import os
import subprocess

import measure


def run(name: str, settings: measure.Settings, scenario: str = "site") -> None:
    """The scenario runs on_host.py, whose lines come back in a file."""
    results = measure.SOURCE / "build/bench" / name
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    environment = {**os.environ, "TIMECTL_SCENARIOS": str(measure.SOURCE / "tests/bench/host"),
                   "TIMECTL_BENCH": name, "TIMECTL_BENCH_RESULTS": str(results),
                   "TIMECTL_BENCH_SIZE": "quick" if settings.quick else "full"}
    done = subprocess.run([measure.SOURCE / "tests/lab/run", scenario, "--binary", settings.binary],
                          env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        raise measure.Skipped(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    print(results.read_text(encoding="utf-8"), end="")
