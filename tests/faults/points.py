# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Where a run can be hit: its system calls that change files, found by strace.

A point is "the n-th renameat of timectl" or "the first symlink of the third program it starts".
strace counts for each process by itself, so timectl's children are hit through a stand-in for the
program, bound over /usr/local/sbin in a mount namespace of the run.
"""

import os
import pathlib
import re
import subprocess

CHANGING = re.compile(
    r"(open|openat|openat2|creat)$|(p?writev?|p?write64|writev|f?truncate|fallocate|sendfile"
    r"|copy_file_range|fsync|fdatasync|sync_file_range|syncfs|rename\w*|unlink\w*|rmdir|mkdir\w*"
    r"|f?l?chmod\w*|f?l?chown\w*|utime\w*|futimesat|f?l?setxattr|f?l?removexattr|mknod\w*"
    r"|link|linkat|symlink\w*)$")
OPENS = {"open", "openat", "openat2"}
TRACED = ["open", "openat", "openat2", "creat", "write", "writev", "pwrite64", "pwritev",
          "truncate", "ftruncate", "fallocate", "sendfile", "copy_file_range", "fsync",
          "fdatasync", "sync_file_range", "syncfs", "rename", "renameat", "renameat2", "unlink",
          "unlinkat", "rmdir", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat", "chown",
          "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat", "futimesat",
          "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
          "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat", "execve"]
# Syscalls that only some architectures have: "?" lets strace pass over them.
TRACE = "trace=" + ",".join("?" + name for name in TRACED)
CALL = re.compile(r"^(?:(\d+) +)?(\w+)\((.*)$")
RESUMED = re.compile(r"^(?:\d+ +)?<\.\.\. ")


class Point:
    def __init__(self, child, name, nth, text):
        self.child = child  # 0: timectl; k: the k-th program it starts
        self.name, self.nth = name, nth
        self.text = text    # the call, for people and to see that a run hit the same one
        # A pipe is no file: sanitizers probe memory by writing into one, and never twice the same.
        self.changes = bool(CHANGING.match(name)) and "<pipe:" not in text and (
            name not in OPENS or "O_CREAT" in text or "O_TRUNC" in text)

    def __str__(self):
        who = f"child {self.child}'s " if self.child else ""
        return f"{who}{self.name} {self.nth}: {self.text}"


def plain(text, root):
    """A call without what differs from run to run."""
    text = text.replace(str(root), "ROOT")
    # A document has the time in it, and so another checksum in each run.
    text = re.sub(r'(checksum\\": \\")[0-9a-f]*', r"\1#", text)
    # Where strace cuts a text depends on how long a number in it was.
    text = re.sub(r'"[^"]*"\.\.\.', '"..."', text)
    text = re.sub(r'\.#[^",]*', ".#", re.sub(r"\d+", "#", text))
    return text.split(" = ")[0].split(" <unfinished")[0].rstrip(") ")


def parse(lines, root, child=0):
    """The points of one process, from its lines of a trace."""
    counts, points = {}, []
    for line in lines:
        call = CALL.match(line)
        if not call or RESUMED.match(line):
            continue
        name = call[2]
        counts[name] = counts.get(name, 0) + 1
        points.append(Point(child, name, counts[name], plain(call[3], root)))
    return points


def programs(lines):
    """Names of the programs that were started, in their order, the traced one left out."""
    names = []
    for line in lines:
        if "execve(" in line and "ENOENT" not in line:
            names.append(pathlib.PurePath(re.search(r'execve\("([^"]+)"', line)[1]).name)
    return names[1:]


def strace(trace, *more):
    return ["strace", "-qq", "-y", "-o", str(trace), "-e", TRACE, *more]


def find(command, root, scratch):
    """Runs `command` whole and lists all its points; what it started included."""
    trace = pathlib.Path(scratch) / "trace"
    done = run(strace(trace, "-f") + command)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    lines = trace.read_text().splitlines()
    processes = {}
    for line in lines:
        processes.setdefault(line.split(" ", 1)[0], []).append(line)
    points = []
    for child, own in enumerate(processes.values()):
        # A child's first call of its own is execve; what posix_spawn does before is not the program.
        begins = next((i for i, line in enumerate(own) if "execve(" in line), 0)
        points += parse(own[begins:] if child else own, root, child)
    return points, sorted(set(programs(lines)))


def run(command, **more):
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", **more.pop("env", {})}
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=120, check=False, env=environment, **more)


STAND_IN = """#!/bin/sh
# Counts the programs that timectl starts; the one that is meant runs under strace.
count=$(($(cat "$FAULTS_DIR/count") + 1))
echo $count >"$FAULTS_DIR/count"
program=/usr/bin/${0##*/}
[ $count = "$FAULTS_CHILD" ] || exec "$program" "$@"
strace -qq -y -o "$FAULTS_DIR/trace" -e "$FAULTS_TRACE" -e "$FAULTS_INJECT" "$program" "$@"
status=$?
# The plug is pulled for all at once: timectl must not see how its child ended.
[ "$FAULTS_CRASH" = no ] || kill -KILL $PPID
exit $status
"""


def make_stand_ins(names, scratch):
    directory = pathlib.Path(scratch) / "stand-ins"
    directory.mkdir(exist_ok=True)
    for name in names:
        path = directory / name
        path.write_text(STAND_IN)
        path.chmod(0o755)
    return directory


def hit(command, point, action, root, scratch, stand_ins):
    """Runs `command` with `action` ("signal=KILL", "error=EIO") at `point`. None when the run never
    came there, or came there with another call."""
    trace = pathlib.Path(scratch) / "trace"
    trace.unlink(missing_ok=True)
    inject = f"inject={point.name}:{action}:when={point.nth}"
    if point.child == 0:
        done = run(strace(trace, "-e", inject) + command)
    else:
        (pathlib.Path(scratch) / "count").write_text("0\n")
        bind = f'mount --bind "{stand_ins}" /usr/local/sbin && exec "$@"'
        crash = "yes" if action == "signal=KILL" else "no"
        done = run(["unshare", "--mount", "sh", "-c", bind, "sh", *command],
                   env={"FAULTS_DIR": str(scratch), "FAULTS_CHILD": str(point.child),
                        "FAULTS_TRACE": TRACE, "FAULTS_INJECT": inject, "FAULTS_CRASH": crash})
    lines = trace.read_text().splitlines() if trace.exists() else []
    same = [each for each in parse(lines, root, point.child)
            if (each.name, each.nth) == (point.name, point.nth)]
    if not same or same[0].text != point.text:
        return None
    return done
