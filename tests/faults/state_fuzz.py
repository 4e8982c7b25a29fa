#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Damages what timectl remembers and has it go on. Exit 0 promises a tree that is wholly the old or wholly the new one.

usage: tests/faults/state_fuzz.py [--cases N] [--seconds S] [--seed N] [--operation NAME]
  --cases N      so many (1000); 100000 take about an hour on two cores with a release build
  --seconds S    and no longer than that
  --seed N       the same cases again; a failure prints its own
  --operation X  only this one

Each case copies a tree, damages one file of /var/lib/timectl as a disk that rots would (a bit, a byte, a sector of
zeros, an end that is cut off, a file that is gone or has another's content), runs a command and looks at the tree:
exit 0: wholly old or wholly new; exit 1, 2: wholly old; exit 5: a file is named. Nothing else is right, a crash least.
Where 'timectl recover' is told to be run it is run, and must help.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import operations
import points
import trees

STATE = trees.STATE
SECTOR = 512


class Case:
    """An operation's old tree, and the trees that are right after it."""

    def __init__(self, name, base, words, right):
        self.name, self.base, self.words = name, base, words
        self.old = outside(base)
        self.right = right
        self.targets = sorted(path.relative_to(base) for path in (base / STATE).rglob("*")
                              if path.is_file() and not path.name.startswith("lock"))


def outside(root):
    """What is not timectl's own memory."""
    tree = trees.take(root)
    return {path: (tree[path].kind, tree[path].mode, tree[path].content) for path in tree
            if not path.startswith(STATE)}


def run(root, words):
    return points.run([operations.TIMECTL, "--root", root, *words])


def must(root, words, status=0):
    done = run(root, words)
    if done.returncode != status:
        raise RuntimeError(f"{words}: exit {done.returncode}\n{done.stderr}")


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)
    return target


def prepare(scratch):
    bare = scratch / "bare"
    shutil.copytree(operations.FIXTURES / "debian12-networkd", bare, symlinks=True)
    for package in ("chrony", "dnsmasq"):
        operations.add_package(bare, package)
    (bare / "var/lib").mkdir(parents=True, exist_ok=True)
    once = copy(bare, scratch / "once")
    must(once, operations.SERVER)
    twice = copy(once, scratch / "twice")
    must(twice, operations.TWO_SERVERS)
    cut = copy(once, scratch / "cut")
    found, _ = points.find([operations.TIMECTL, "--root", cut, *operations.TWO_SERVERS],
                           copy(once, scratch / "traced"), scratch)
    last = [point for point in found if point.name == "renameat" and ".current.json" in point.text][-1]
    points.hit([operations.TIMECTL, "--root", cut, *operations.TWO_SERVERS], last, "signal=KILL", cut,
               scratch, None)
    states = {name: outside(scratch / name) for name in ("bare", "once", "twice")}
    return [
        Case("uninstall", twice, ["uninstall", "--yes"], [states["bare"]]),
        Case("purge", twice, ["uninstall", "--yes", "--purge"], [states["bare"]]),
        Case("rollback", twice, ["rollback", "--yes"], [states["once"]]),
        Case("provision", once, operations.TWO_SERVERS, [states["twice"]]),
        Case("again", twice, operations.TWO_SERVERS, [states["twice"]]),
        Case("recover", cut, ["recover"], [states["once"], states["twice"]]),
        Case("recover_uninstall", cut, ["uninstall", "--yes"], [states["bare"]]),
    ]


def damage(root, case, chance):
    """Says what it did."""
    target = chance.choice(case.targets)
    path = root / target
    content = bytearray(path.read_bytes())
    kind = chance.choice(["bit", "bit", "bit", "byte", "sector", "cut", "gone", "other", "empty"])
    at = chance.randrange(len(content)) if content else 0
    if kind == "gone":
        path.unlink()
        return f"{target} is gone"
    if kind == "other":
        other = chance.choice(case.targets)
        content[:] = (case.base / other).read_bytes()
        kind = f"has the content of {other}"
    elif kind == "bit" and content:
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "byte" and content:
        content[at] = chance.randrange(256)
    elif kind == "sector":
        begin = at - at % SECTOR
        content[begin:begin + SECTOR] = bytes(len(content[begin:begin + SECTOR]))
    elif kind == "cut":
        del content[at:]
    else:
        del content[:]
    path.write_bytes(content)
    return f"{target}: {kind} at {at}"


def wrong(case, root, done):
    """Why the outcome is not right; nothing when it is."""
    if done.returncode < 0 or "Sanitizer" in done.stderr or "bad_alloc" in done.stderr:
        return "it crashed"
    now = outside(root)
    if done.returncode == 0 and now != case.old and now not in case.right:
        return "exit 0, and the tree is neither the old nor the new one"
    if done.returncode in (1, 2) and now != case.old:
        return "nothing was to be changed"
    if done.returncode == 5 and f"/{STATE}" not in done.stderr:
        return "exit 5 without the name of a file"
    return None if done.returncode in (0, 1, 2, 3, 4, 5) else f"exit {done.returncode}"


REMEDY = "timectl recover"


def told_in_vain(case, root):
    """Damage that ends a command is told with what to do about it: then it must not end it again."""
    recovered = run(root, REMEDY.split()[1:])
    if recovered.returncode not in (0, 5):
        return f"the remedy fails: exit {recovered.returncode}\n{recovered.stderr}"
    again = run(root, case.words)
    if again.returncode not in (0, 1, 3, 5) or REMEDY in again.stderr:
        return f"the remedy does not help: exit {again.returncode}\n{again.stderr}"
    return None


def play(case, seed, scratch):
    chance = random.Random(seed)
    root = scratch / f"work-{os.getpid()}-{seed}"
    copy(case.base, root)
    what = damage(root, case, chance)
    done = run(root, case.words)
    problem = wrong(case, root, done)
    if problem is None and done.returncode == 1 and REMEDY in done.stderr:
        problem = told_in_vain(case, root)
    if problem is None:
        shutil.rmtree(root)
        return f"exit {done.returncode}", None
    return "WRONG", f"{case.name}, seed {seed}: {what}: {problem}\n{done.stdout}{done.stderr}tree: {root}"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=86400)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 9))
    parser.add_argument("--operation")
    given = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 77
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="timectl-state-fuzz-",
                                            dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    cases = [case for case in prepare(scratch) if given.operation in (None, case.name)]
    until = time.monotonic() + given.seconds
    counts, problems = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        waiting = set()
        for number in range(given.cases):
            if time.monotonic() > until:
                break
            waiting.add(workers.submit(play, cases[number % len(cases)], given.seed + number, scratch))
            if len(waiting) < 4 * os.cpu_count():
                continue
            ended, waiting = concurrent.futures.wait(
                waiting, return_when=concurrent.futures.FIRST_COMPLETED)
            take(ended, counts, problems)
        take(concurrent.futures.wait(waiting).done, counts, problems)
    print(f"{sum(counts.values())} cases from seed {given.seed}: "
          + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    for problem in problems[:20]:
        print(problem)
    if not problems:
        shutil.rmtree(scratch)
    return 1 if problems else 0


def take(ended, counts, problems):
    for each in ended:
        what, problem = each.result()
        counts[what] += 1
        if problem:
            problems.append(problem)


if __name__ == "__main__":
    sys.exit(main())
