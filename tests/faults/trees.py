# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Whole trees: taken, told apart, and what timectl promises of its own state directory."""

import os
import pathlib
import re
import stat

STATE = "var/lib/timectl"
RECORD = f"{STATE}/current.json"
# The only names below the state directory whose content may change when nothing was committed.
OWN_NOTES = {f"{STATE}/lock", f"{STATE}/lock.holder", f"{STATE}/.lock.holder.timectl-new",
             f"{STATE}/.lock.timectl-new", f"{STATE}/.current.json.timectl-new"}
CHECKSUM = re.compile(r'^ "checksum": "[0-9a-f]{8}",\n', re.M)
GENERATION = re.compile(r"\d{8}T\d{6}Z-\d+")


class Entry:
    """One path with all that a change could touch."""

    def __init__(self, path):
        what = os.lstat(path)
        self.kind = stat.S_IFMT(what.st_mode)
        self.mode = stat.S_IMODE(what.st_mode)
        self.owner = (what.st_uid, what.st_gid)
        self.modified = what.st_mtime_ns
        self.content = None
        if stat.S_ISREG(what.st_mode):
            self.content = pathlib.Path(path).read_bytes()
        elif stat.S_ISLNK(what.st_mode):
            self.content = os.readlink(path).encode()
        attributes = os.listxattr(path, follow_symlinks=False)
        self.attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                           for name in attributes}

    def is_file(self):
        return stat.S_ISREG(self.kind)

    def differences(self, other):
        """The names of what is different, times aside."""
        names = ("kind", "mode", "owner", "content", "attributes")
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def take(root):
    """Every path below `root`, the root itself as ".", with its Entry."""
    root = pathlib.Path(root)
    return {str(path.relative_to(root)): Entry(path) for path in [root, *root.rglob("*")]}


def is_state(path):
    return path == STATE or path.startswith(STATE + "/")


def is_firmware(path):
    """VFAT: written in place, outside the promise about times."""
    return path.startswith("boot/firmware/")


def without_empty_wants(tree):
    """systemctl tidies up behind the last link of a directory if it can, and does not mind if not."""
    parents = {str(pathlib.PurePath(path).parent) for path in tree}
    return {path: entry for path, entry in tree.items()
            if not path.endswith(".wants") or path in parents}


def differences(tree, wanted, untouched):
    """How `tree` differs from `wanted` outside the state directory. Files in `untouched` must have
    kept their time as well: no change had a reason to write them."""
    found = []
    for path in sorted(set(tree) | set(wanted)):
        if is_state(path):
            continue
        if path not in tree:
            found.append(f"{path}: missing")
        elif path not in wanted:
            found.append(f"{path}: should not be there")
        else:
            found += [f"{path}: {what}" for what in tree[path].differences(wanted[path])]
            if path in untouched and tree[path].modified != wanted[path].modified:
                found.append(f"{path}: mtime")
    return found


def untouched_files(old, new):
    """Files that a change leaves alone."""
    return {path for path in set(old) & set(new)
            if old[path].is_file() and old[path].modified == new[path].modified
            and not old[path].differences(new[path])}


def files_of(tree):
    return {path for path in tree if tree[path].is_file()}


def record_of(tree):
    """The commit record without the name of its generation, which holds the time, and so without its checksum."""
    entry = tree.get(RECORD)
    text = GENERATION.sub("GENERATION", entry.content.decode()) if entry else None
    return CHECKSUM.sub("", text) if entry else None


def state_problems(tree, old):
    """What the state directory promises whatever happened: earlier generations stay as they are,
    everybody can look, and nothing of a file's old content is for everybody to read."""
    found = []
    for path, entry in old.items():
        if not is_state(path) or path == RECORD or path in OWN_NOTES or not entry.is_file():
            continue
        if path not in tree:
            found.append(f"{path}: an earlier generation lost it")
        elif tree[path].differences(entry):
            found.append(f"{path}: an earlier generation changed")
    for path, entry in tree.items():
        if not is_state(path):
            continue
        if stat.S_ISDIR(entry.kind) and entry.mode != 0o755:
            found.append(f"{path}: mode {entry.mode:o}")
        name = pathlib.PurePath(path).name
        is_index = name in ("current.json", "record.json", "journal.json")
        is_contents = name.startswith("old-") or name == "after.json"
        if (is_index and entry.mode != 0o644) or (is_contents and entry.mode != 0o600):
            found.append(f"{path}: mode {entry.mode:o}")
    return found
