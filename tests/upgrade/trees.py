# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Whole roots in git, which keeps neither modes nor times nor empty directories: a list beside them has those."""

import os
import pathlib
import shutil
import stat

LIST = "list"


def record(root, place):
    """Copies `root` to `place`/tree, and what git does not keep to `place`/list."""
    place.mkdir(parents=True)
    shutil.copytree(root, place / "tree", symlinks=True)
    lines = []
    for path in sorted(pathlib.Path(root).rglob("*")):
        what = path.lstat()
        kind = "link" if path.is_symlink() else "directory" if path.is_dir() else "file"
        lines.append(f"{kind} {stat.S_IMODE(what.st_mode):04o} {what.st_mtime_ns} {path.relative_to(root)}\n")
    (place / LIST).write_text("".join(lines))


def lay(place, root):
    """Makes `root` what was recorded, all of it root's."""
    entries = [line.split(" ", 3) for line in (place / LIST).read_text().splitlines()]
    root.mkdir(parents=True)
    for kind, mode, _, name in entries:
        source, target = place / "tree" / name, root / name
        if kind == "directory":
            target.mkdir()
        elif kind == "link":
            target.symlink_to(os.readlink(source))
        else:
            target.write_bytes(source.read_bytes())
        if kind != "link":
            target.chmod(int(mode, 8))
    for _, _, modified, name in reversed(entries):
        os.utime(root / name, ns=(int(modified), int(modified)), follow_symlinks=False)
