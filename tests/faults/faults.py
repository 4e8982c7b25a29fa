#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Kills timectl, or lets a system call fail, at each point where it changes files.

usage: faults.py crash|errors [OPERATION]...

crash   SIGKILL for timectl and all it started, at the point; then 'timectl recover': the tree is the
        old or the new one, the operation works afterwards
errors  the call fails once, with each errno of ERRORS: the exit code says which tree it is

TIMECTL         the program, optimized or with sanitizers (without leak detection, under ptrace)
TIMECTL_FAULTS  all, or for how many seconds points are drawn (60)
"""

import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

import operations
import points
import trees

ERRORS = ["ENOSPC", "EIO", "EROFS", "EMFILE", "EINTR"]
FEWEST = 10  # a sample that is smaller proves nothing
BACKUP = "/var/lib/timectl/generations/"


class Broken(Exception):
    """The promise is not kept."""


class Trial:
    """One operation hit at one point, in a tree of its own."""

    def __init__(self, prepared, number):
        self.prepared, self.operation = prepared, prepared.operation
        self.root = prepared.copy(f"run-{number}")
        self.aside = self.root.with_suffix(".aside")
        self.aside.mkdir(exist_ok=True)

    def timectl(self, words, *allowed):
        done = points.run(self.prepared.command(self.root, words))
        if done.returncode not in allowed:
            raise Broken(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr[-2000:]}")
        return done

    def hit(self, point, action):
        done = points.hit(self.prepared.command(self.root), point, action, self.root, self.aside,
                          self.prepared.stand_ins)
        if done is None:
            raise Broken("the run did not come to this point")
        return done

    def verdict(self):
        tree = trees.take(self.root)
        problems = trees.state_problems(tree, self.prepared.kept)
        if problems:
            raise Broken("\n".join(problems))
        not_old, not_new = self.prepared.not_old(tree), self.prepared.not_new(tree)
        if not_old and not_new:
            raise Broken("between:\n  not old: " + "\n           ".join(not_old[:8]) +
                         "\n  not new: " + "\n           ".join(not_new[:8]))
        return "new" if not_old else "old"

    def recover(self):
        self.timectl(["recover"], 0)
        verdict = self.verdict()
        again = self.timectl(["recover"], 0)
        if "nothing to recover" not in again.stdout:
            raise Broken("a second recover still finds something to do")
        if self.operation.name == "recover" and verdict != "new":
            raise Broken("recover left what it found")
        return verdict

    def goes_on(self, verdict):
        """Whatever happened, the host can be worked with."""
        if self.operation.name == "recover":
            return self.timectl(self.operation.before[-1], 0)
        if verdict == "new" and not self.operation.repeats:
            return None
        self.timectl(self.operation.words, 0)
        if self.verdict() != "new":
            raise Broken("done again, it ends in another tree")

    def crash(self, point):
        done = self.hit(point, "signal=KILL")
        if done.returncode not in (-9, 137):
            raise Broken(f"exit {done.returncode}, but it was to be killed")
        verdict = self.recover()
        self.goes_on(verdict)
        return verdict

    def error(self, point, errno):
        done = self.hit(point, f"error={errno}")
        said = f"exit {done.returncode}\n{done.stderr[-2000:]}"
        if done.returncode == 5:
            if BACKUP not in done.stderr:
                raise Broken(f"the backup is not named: {said}")
            outcome = "told"
        else:
            outcome = self.judge(done.returncode, said)
        self.goes_on(self.recover())
        return outcome

    def judge(self, status, said):
        # 2 too says that nothing was changed: what could not be read of a profile is its fault.
        # 3 says that it is done, and that what was to follow could not be done or checked.
        expected = {0: "new", 1: "old", 2: "old", 3: "new", 4: "old"}.get(status)
        if expected is None:
            raise Broken(said)
        # What is left undone by a recover that could not even begin is the next one's.
        if self.operation.name == "recover" and status != 0:
            return "old"
        try:
            verdict = self.verdict()
        except Broken as problem:
            raise Broken(f"{problem}\n{said}") from None
        if verdict != expected:
            raise Broken(f"the tree is {verdict}: {said}")
        return verdict

    def clear(self):
        shutil.rmtree(self.root)
        shutil.rmtree(self.aside)


class Run:
    """All trials of one kind on one operation."""

    def __init__(self, kind, prepared, seconds):
        self.kind, self.prepared = kind, prepared
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.counts, self.broken, self.numbers = Counter(), [], iter(range(1_000_000))
        self.lock = threading.Lock()

    def trials(self):
        changing = [point for point in self.prepared.points if point.changes]
        if self.kind == "crash":
            all_of_them = [(point, None) for point in changing]
        else:
            all_of_them = [(point, errno) for point in changing for errno in ERRORS]
            all_of_them += [(point, "EMFILE") for point in self.prepared.points
                            if point.name == "openat2" and not point.changes]
        if self.deadline is not None:
            random.Random(4).shuffle(all_of_them)
        return all_of_them

    def one(self, point, errno):
        with self.lock:
            number = next(self.numbers)
        is_late = self.deadline is not None and time.monotonic() > self.deadline
        if is_late and number >= FEWEST:
            return
        trial = Trial(self.prepared, number)
        try:
            verdict = trial.error(point, errno) if errno else trial.crash(point)
        except (Broken, subprocess.TimeoutExpired) as problem:
            with self.lock:
                self.broken.append(trial.root)
                self.counts["between"] += 1
                print(f"{self.prepared.operation.name}, {errno or 'killed'} at {point}\n"
                      f"in {trial.root}: {problem}\n", flush=True)
            return
        with self.lock:
            self.counts[verdict] += 1
        trial.clear()

    def run(self):
        trials = self.trials()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for done in [pool.submit(self.one, *trial) for trial in trials]:
                done.result()
        tried = sum(self.counts.values())
        words = {"crash": "crash points", "errors": "failing calls"}[self.kind]
        told = f", {self.counts['told']} told with the backup" if self.counts["told"] else ""
        print(f"{self.prepared.operation.name}: {words}: {tried} of {len(trials)}: "
              f"{self.counts['old']} old, {self.counts['new']} new{told}, "
              f"{self.counts['between']} between", flush=True)
        return not self.counts["between"] and tried >= min(FEWEST, len(trials))


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def require_what_it_takes():
    if os.geteuid() != 0:
        skip("a root's files belong to root: run as root")
    if shutil.which("strace") is None:
        skip("strace is not installed")
    if points.run(["strace", "-qq", "-o", "/dev/null", "true"]).returncode != 0:
        skip("ptrace is not allowed here")
    if points.run(["unshare", "--mount", "true"]).returncode != 0:
        skip("a mount namespace is not to be had here")


def scratch_directory():
    """In memory if there is enough of it: each trial writes a tree, and syncs it a hundred times."""
    memory = pathlib.Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 64 * 1024 * 1024
    parent = memory if roomy and "TMPDIR" not in os.environ else None
    return pathlib.Path(tempfile.mkdtemp(prefix="timectl-faults-", dir=parent))


def main(words):
    if not words or words[0] not in ("crash", "errors"):
        sys.exit(__doc__)
    require_what_it_takes()
    os.umask(0o022)
    chosen = [each for each in operations.available() if each.name in words[1:] or not words[1:]]
    how_much = os.environ.get("TIMECTL_FAULTS", "60")
    seconds = None if how_much == "all" else float(how_much) / len(chosen)
    scratch = scratch_directory()
    good = True
    for operation in chosen:
        good &= Run(words[0], operations.Prepared(operation, scratch), seconds).run()
    if good:
        shutil.rmtree(scratch)
    else:
        print(f"scratch kept: {scratch}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
