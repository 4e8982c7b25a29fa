# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What a power cut may take: a kill keeps the page cache, so the order of the syncs is read from a
trace. Content is durable before it gets its name, everything that restores before the first change,
every change before the record that says it is done.
"""

import re
import shutil
import sys

import faults
import operations
import points
import trees

CALL = re.compile(r"^(\d+) +(\w+)\((.*?)\) += (-?\d+)")
UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*?)\) += (-?\d+)")
PLACE = re.compile(r'(?:\d+|AT_FDCWD)<([^>]*)>')
AT = re.compile(r'(?:\d+|AT_FDCWD)<([^>]*)>, "([^"]*)"')
RECORD = "var/lib/timectl/current.json"
# Locking is for the living.
LOCK = re.compile(r"var/lib/timectl/\.?lock(\.holder)?(\.timectl-new)?$")
JOURNAL = re.compile(r"var/lib/timectl/generations/[^/]+/journal\.json$")


def calls(lines):
    """(name, arguments) of the calls that succeeded, in the order they ended."""
    begun = {}
    for line in lines:
        if match := UNFINISHED.match(line):
            begun[match[1]] = match[3]
        elif match := RESUMED.match(line):
            if not match[4].startswith("-"):
                yield match[2], begun.pop(match[1], "") + match[3]
        elif (match := CALL.match(line)) and not match[4].startswith("-"):
            yield match[2], match[3]


class Disk:
    """What of the tree below `root` would not survive a power cut now."""

    def __init__(self, root):
        self.root = str(root) + "/"
        self.unsynced_files, self.unsynced_directories = set(), set()
        self.problems, self.journalled = [], False

    def inside(self, path):
        return path[len(self.root):] if path.startswith(self.root) else None

    def named(self, arguments):
        """Paths that a call names, relative to the root; absolute ones stand for themselves."""
        found = []
        for directory, name in AT.findall(arguments):
            found.append(name if name.startswith("/") else f"{directory}/{name}")
        if not found:
            found = re.findall(r'"(/[^"]*)"', arguments)
        return [each for each in map(self.inside, found) if each is not None]

    def entry_changes(self, path):
        parent = path.rpartition("/")[0] or "."
        if not trees.is_state(path):
            self.require_journal(path)
        if not LOCK.match(path):
            self.unsynced_directories.add(parent)

    def require_journal(self, path):
        if not self.journalled:
            self.problems.append(f"{path} changes before there is a journal")
        lost = [each for each in self.unsynced_directories
                if trees.is_state(each) or each in ("var", "var/lib")]
        if lost:
            self.problems.append(f"{path} changes while {lost} could lose the journal")

    def rename(self, source, target):
        if source in self.unsynced_files:
            self.problems.append(f"{target} gets its name before its content is durable")
        if target == RECORD or (JOURNAL.search(target) and self.journalled):
            lost = [each for each in self.unsynced_files | self.unsynced_directories
                    if not trees.is_state(each)]
            if lost:
                self.problems.append(f"{target} is written while {lost} could be lost")
        self.entry_changes(source)
        self.entry_changes(target)
        self.journalled |= bool(JOURNAL.search(target))

    def sync(self, arguments):
        path = self.inside(PLACE.search(arguments)[1] + "/")
        path = path.rstrip("/") if path else None
        self.unsynced_files.discard(path)
        self.unsynced_directories.discard(path)

    def see(self, name, arguments):
        if name in ("fsync", "fdatasync"):
            return self.sync(arguments)
        if name in ("write", "pwrite64", "ftruncate", "fchmod", "fchown", "utimensat"):
            place = PLACE.search(arguments)
            path = self.inside(place[1]) if place else None
            if path and not LOCK.match(path) and name in ("write", "pwrite64"):
                self.unsynced_files.add(path)
            return None
        paths = self.named(arguments)
        if not paths:
            return None
        if name.startswith("rename"):
            return self.rename(*paths)
        if name.startswith("open") and "O_CREAT" in arguments:
            return self.entry_changes(paths[0])
        if name == "rmdir" or "AT_REMOVEDIR" in arguments:
            self.unsynced_directories.discard(paths[-1])
        if name.startswith(("mkdir", "rmdir", "unlink", "symlink", "link")):
            return self.entry_changes(paths[-1])
        return None


def check(operation, scratch):
    prepared = operations.Prepared(operation, scratch)
    root = prepared.copy("traced")
    trace = prepared.scratch / "durability"
    done = points.run(points.strace(trace, "-f") + prepared.command(root))
    disk = Disk(root)
    # What recovers has its journal already.
    disk.journalled = operation.name == "recover"
    seen = 0
    for name, arguments in calls(trace.read_text().splitlines()):
        disk.see(name, arguments)
        seen += name in ("fsync", "fdatasync")
    if done.returncode != 0:
        disk.problems.append(done.stderr)
    if disk.unsynced_files or disk.unsynced_directories:
        disk.problems.append(f"in the end {disk.unsynced_files | disk.unsynced_directories} "
                             "could be lost")
    print(f"{operation.name}: {seen} syncs, {len(disk.problems)} too late", flush=True)
    for problem in dict.fromkeys(disk.problems):
        print(f"  {problem}")
    return seen > 10 and not disk.problems


def main():
    faults.require_what_it_takes()
    scratch = faults.scratch_directory()
    good = all([check(operation, scratch) for operation in operations.available()])
    if good:
        shutil.rmtree(scratch)
    else:
        print(f"scratch kept: {scratch}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
