# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What the tests of the built binary share: a scratch root, a runner, a snapshot of a tree."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import zlib

TIMECTL = os.environ["TIMECTL"]
SOURCE = pathlib.Path(os.environ["TIMECTL_SOURCE"])
VERSIONS = {"chrony": "4.3-2+deb12u1", "dnsmasq": "2.90-4~deb12u2",
            "systemd-timesyncd": "252.39-1~deb12u1"}
FIXTURES = SOURCE / "tests/golden/fixtures"


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def timectl(*words, **more):
    """Runs timectl without a terminal; its words and exit status are the result."""
    done = subprocess.run([TIMECTL, *map(str, words)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=240, check=False, **more)
    return Result(done)


def snapshot(root):
    """Every path below `root` with all that a change could touch, atime aside."""
    tree = {}
    for path in [root, *sorted(pathlib.Path(root).rglob("*"))]:
        what = path.lstat()
        content = None
        if stat.S_ISREG(what.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(what.st_mode):
            content = os.readlink(path)
        tree[str(path)] = (what.st_mode, what.st_uid, what.st_gid, what.st_mtime_ns, content)
    return tree


def sealed(document):
    """The text of a document with the checksum that belongs to it (base/checksum.hpp)."""
    document.pop("checksum", None)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    first, rest = text.split("\n", 1)
    return f'{first}\n "checksum": "{zlib.crc32(text.encode()):08x}",\n{rest}'


class ScratchRoot(unittest.TestCase):
    """Each test gets a root made from a fixture; a failed test leaves it and names it."""

    fixture = "debian12-networkd"
    packages = ()  # installed there, in place of the time daemons that the fixture has

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("a root's files belong to root: run as root")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="timectl-cli-"))
        self.root = self.scratch / "root"
        shutil.copytree(FIXTURES / self.fixture, self.root, symlinks=True)
        if self.packages:
            self.remove_package("systemd-timesyncd")
        for package in self.packages:
            self.add_package(package)
        binary = self.root / "usr/bin/timectl"
        if not binary.exists():
            binary.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TIMECTL, binary)

    def tearDown(self):
        failed = any(error for _, error in getattr(self._outcome, "errors", [])) or bool(
            getattr(getattr(self._outcome, "result", None), "failures", None))
        if failed:
            print(f"scratch kept: {self.scratch}", file=sys.stderr)
        else:
            shutil.rmtree(self.scratch)

    def add_package(self, name):
        """A package and its unit, as far as an offline root shows them."""
        with open(self.root / "var/lib/dpkg/status", "a", encoding="ascii") as status:
            status.write(f"Package: {name}\nStatus: install ok installed\n"
                         f"Architecture: amd64\nVersion: {VERSIONS[name]}\n\n")
        unit = self.root / f"usr/lib/systemd/system/{name}.service"
        unit.write_text(f"[Unit]\nDescription={name}\n[Service]\nExecStart=/bin/true\n"
                        "[Install]\nWantedBy=multi-user.target\n")

    def remove_package(self, name):
        status = self.root / "var/lib/dpkg/status"
        stanzas = status.read_text().split("\n\n")
        kept = [each for each in stanzas if each.strip() and f"Package: {name}\n" not in each]
        status.write_text("\n\n".join(kept) + "\n\n")
        (self.root / f"usr/lib/systemd/system/{name}.service").unlink(missing_ok=True)
        for link in self.root.glob(f"etc/systemd/system/*.wants/{name}.service"):
            link.unlink()

    def run_here(self, *words):
        return timectl("--root", self.root, *words)

    def assert_status(self, status, result):
        self.assertEqual(status, result.status, result)


def main():
    program = unittest.main(exit=False)
    result = program.result
    if result.testsRun and len(result.skipped) == result.testsRun:
        print("skipped:", result.skipped[0][1])
        sys.exit(77)
    sys.exit(not result.wasSuccessful())
