# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Plays commands one after the other, and not again on a tree on which they passed."""
import hashlib
import os
import re
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import sessions

SKIPPED = 77
LAST_LINES = 15
REASON = re.compile(r"skipped: *(.*)")
LEFT_OUT = re.compile(r"^left out: (?!nothing$)(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Stage:
    name: str
    command: str  # for bash, at the top of the tree


@dataclass
class Row:
    stage: str
    result: str
    seconds: int = 0
    note: str = ""

    def line(self) -> str:
        return f"{self.stage:14} {self.result:14} {self.seconds:7}  {self.note}".rstrip()


def content_of(path: Path) -> bytes:
    """What git would keep of it: kind, whether it can be executed, content."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return b"link " + os.fsencode(os.readlink(path))
    if not stat.S_ISREG(mode):
        return b"other"
    return (b"program " if mode & stat.S_IXUSR else b"file ") + hashlib.sha256(path.read_bytes()).digest()


def hash_of(tree: Path) -> str:
    """Of all that git keeps or would add: with changes that are not committed, without what it ignores."""
    listed = subprocess.run(["git", "-c", f"safe.directory={tree}", "-C", str(tree), "ls-files", "-z", "--cached",
                             "--others", "--exclude-standard"], stdout=subprocess.PIPE, check=True).stdout
    total = hashlib.sha256()
    for name in sorted(set(listed.split(b"\0")) - {b""}):
        path = tree / os.fsdecode(name)
        if path.is_symlink() or path.exists():  # A file that was deleted stays listed until that is committed.
            total.update(b"%d %s %s\n" % (len(name), name, content_of(path)))
    return total.hexdigest()


def tail_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(f"  {line}" for line in lines)


class Runner:
    """`kept` is where the logs lie, and what passed when."""

    def __init__(self, tree: Path, kept: Path, again: bool = False):
        self.tree, self.kept, self.again = tree, kept, again
        kept.mkdir(parents=True, exist_ok=True)

    def play_all(self, stages: list[Stage]) -> list[Row]:
        rows = []
        try:
            for stage in stages:
                rows.append(self.play(stage))
        except KeyboardInterrupt:
            rows += [Row(stage.name, "not finished") for stage in stages[len(rows):]]
        return rows

    def key_of(self, stage: Stage) -> str:
        return hashlib.sha256(f"{hash_of(self.tree)} {stage.command}".encode()).hexdigest()

    def play(self, stage: Stage) -> Row:
        key, passed = self.key_of(stage), self.kept / f"{stage.name}.passed"
        if not self.again and passed.exists():
            known, seconds, note = (passed.read_text(encoding="utf-8").split("\n") + ["", "", ""])[:3]
            if known == key:
                print(f"== {stage.name}: passed before on this tree", flush=True)
                return Row(stage.name, "passed before", int(seconds), note)
        passed.unlink(missing_ok=True)
        row = self.run(stage)
        if row.result == "passed" and self.key_of(stage) != key:
            row.note = f"{row.note} (the tree changed meanwhile: it will be played again)".strip()
        elif row.result == "passed":
            passed.write_text(f"{key}\n{row.seconds}\n{row.note}\n", encoding="utf-8")
        return row

    def run(self, stage: Stage) -> Row:
        log, began = self.kept / f"{stage.name}.log", time.monotonic()
        shown = log.relative_to(self.tree) if log.is_relative_to(self.tree) else log
        print(f"== {stage.name}: {stage.command}\n   log: {shown}", flush=True)
        with log.open("w", encoding="utf-8") as output:
            status, _ = sessions.run(["bash", "-c", stage.command], cwd=self.tree, stdout=output)
        row = Row(stage.name, "passed", round(time.monotonic() - began))
        said = log.read_text(encoding="utf-8", errors="replace")
        if status == SKIPPED:
            row.result, row.note = "skipped", (REASON.findall(said) or [f"see {shown}"])[-1]
        elif status != 0:
            row.result, row.note = "FAILED", f"see {shown}"
            print(tail_of(log))
        elif left_out := LEFT_OUT.findall(said):
            row.note = f"{len(left_out)} left out: {left_out[0]}" + (f", … (see {shown})" if left_out[1:] else "")
        print(f"   {row.result} after {row.seconds} s", flush=True)
        return row


def table(rows: list[Row]) -> str:
    return "\n".join([f"{'stage':14} {'result':14} {'seconds':>7}", *(row.line() for row in rows)])
