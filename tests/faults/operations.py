# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What is interrupted: one line each in OPERATIONS."""

import os
import pathlib
import shutil
import struct
import subprocess
from dataclasses import dataclass

import points
import trees

TIMECTL = os.environ.get("TIMECTL", "timectl")
SOURCE = pathlib.Path(os.environ.get("TIMECTL_SOURCE", pathlib.Path(__file__).parents[2]))
FIXTURES = SOURCE / "tests/golden/fixtures"
PROVISION = ["provision", "--yes", "--no-packages", "--role"]
SERVER = [*PROVISION, "server"]
SERVER_AT_FIRST_BOOT = ["provision", "--yes", "--at-first-boot", "--role", "server"]
TWO_SERVERS = [*SERVER, "--profile", "two-servers", "--host", "pi-ntp"]
# acl(5) as the kernel keeps it: user::rw-, user:1000:r--, group::r--, mask::r--, other::---
EVERY_ID = 0xffffffff
READABLE_BY_1000 = struct.pack("<I" + 5 * "HHI", 2, 1, 6, EVERY_ID, 2, 4, 1000, 4, 4, EVERY_ID,
                               16, 4, EVERY_ID, 32, 0, EVERY_ID)
CLIENT = [*PROVISION, "client", "--host", "main-pi"]


@dataclass(frozen=True)
class Operation:
    name: str
    before: list          # commands that make the old tree
    words: list           # what is interrupted
    fixture: str = "debian12-networkd"
    cut_at: str = ""      # the last of `before` dies at its last rename of this name
    repeats: bool = True  # done twice, it is nothing the second time
    masked: tuple = ()    # units that the operator masked before


OPERATIONS = [
    Operation("install", [], SERVER),
    Operation("change", [SERVER], TWO_SERVERS),
    Operation("role", [SERVER], CLIENT),
    Operation("firmware", [], [*SERVER, "--profile", "PI"], fixture="rpios-bookworm-nm"),
    Operation("recover", [SERVER, TWO_SERVERS], ["recover"], cut_at=".current.json.timectl-new"),
    Operation("rollback", [SERVER, TWO_SERVERS], ["rollback", "--yes"], repeats=False),
    Operation("uninstall", [SERVER, TWO_SERVERS], ["uninstall", "--yes"]),
    Operation("order", [], SERVER_AT_FIRST_BOOT),
    Operation("masked", [], SERVER, masked=("chrony.service", "timectl-monitor.timer")),
]


def available():
    """The operations whose command this timectl has."""
    said = subprocess.run([TIMECTL, "--help"], capture_output=True, text=True, check=True).stdout
    commands = {line.split()[0] for line in said.splitlines() if line.startswith("  ")}
    return [each for each in OPERATIONS if each.words[0] in commands]


def add_package(root, name):
    """As far as an offline root shows it."""
    with open(root / "var/lib/dpkg/status", "a", encoding="ascii") as status:
        status.write(f"Package: {name}\nStatus: install ok installed\n"
                     f"Architecture: amd64\nVersion: 9.0\n\n")
    unit = root / f"usr/lib/systemd/system/{name}.service"
    unit.write_text(f"[Unit]\nDescription={name}\n[Service]\nExecStart=/bin/true\n"
                    "[Install]\nWantedBy=multi-user.target\n")


def lay_traps(root):
    """What a careless restore would get wrong: owners, modes, access lists, old times, links that
    systemctl would not make like this, an empty directory that it would tidy away."""
    hosts = root / "etc/hosts"
    os.chown(hosts, 12, 34)
    hosts.chmod(0o640)
    os.setxattr(hosts, "user.origin", b"the owner's\0own")
    os.setxattr(hosts, "system.posix_acl_access", READABLE_BY_1000)
    os.utime(hosts, ns=(1, 1_234_567_890_123_456_789))
    system = root / "etc/systemd/system"
    link = system / "sysinit.target.wants/systemd-timesyncd.service"
    link.unlink(missing_ok=True)
    link.symlink_to("/lib/systemd/system/systemd-timesyncd.service")
    (system / "sysinit.target.wants").chmod(0o750)
    (system / "dbus-org.freedesktop.timesync1.service").symlink_to(
        "/lib/systemd/system/systemd-timesyncd.service")
    unit = root / "usr/lib/systemd/system/systemd-timesyncd.service"
    if "Alias=" not in unit.read_text():
        unit.write_text(unit.read_text() + "Alias=dbus-org.freedesktop.timesync1.service\n")
    (system / "timers.target.wants").mkdir(exist_ok=True)


class Prepared:
    """An operation with its old and its new tree, ready to be repeated from the old one."""

    def __init__(self, operation, scratch):
        self.operation = operation
        self.scratch = pathlib.Path(scratch) / operation.name
        self.base = self.scratch / "base"
        self.scratch.mkdir(parents=True)
        shutil.copytree(FIXTURES / operation.fixture, self.base, symlinks=True)
        for package in ("chrony", "dnsmasq"):
            add_package(self.base, package)
        lay_traps(self.base)
        for unit in operation.masked:
            (self.base / "etc/systemd/system" / unit).symlink_to("/dev/null")
        self.profile = self.write_pi_profile()
        for number, words in enumerate(operation.before, 1):
            cut = operation.cut_at if number == len(operation.before) else ""
            self.prepare(words, cut)
        self.old = trees.take(self.base)
        work = self.copy("whole")
        self.points, started = points.find(self.command(work), work, self.scratch)
        self.stand_ins = points.make_stand_ins(started, self.scratch)
        self.new = trees.take(work)
        if not trees.differences(self.old, self.new, set()):
            raise RuntimeError(f"{operation.name} changes nothing")
        self.kept = self.old
        if operation.cut_at:
            self.new = self.kept = self.before_the_cut

    def not_old(self, tree):
        """Why it is not the tree from before; nothing when it is."""
        restored = {path for path in trees.files_of(self.old) if not trees.is_firmware(path)}
        problems = trees.differences(tree, self.old, restored)
        if trees.record_of(tree) != trees.record_of(self.old):
            problems.append(f"{trees.RECORD}: not the old one")
        return problems

    def not_new(self, tree):
        untouched = trees.untouched_files(self.old, self.new)
        wanted = self.new
        if not self.operation.cut_at:
            tree, wanted = trees.without_empty_wants(tree), trees.without_empty_wants(wanted)
        problems = trees.differences(tree, wanted, untouched)
        if trees.record_of(tree) != trees.record_of(self.new):
            problems.append(f"{trees.RECORD}: not the new one")
        return problems

    def write_pi_profile(self):
        """missing-link for a fixture whose interface cannot be found out."""
        text = subprocess.run([TIMECTL, "profile", "show", "missing-link"], text=True, check=True,
                              capture_output=True).stdout
        path = self.scratch / "pi.json"
        address = '"address": "192.168.4.2"'
        if address not in text:
            raise RuntimeError("the profile missing-link has another address")
        path.write_text(text.replace(address, address + ', "interface": "eth0"'))
        return path

    def command(self, root, words=None):
        words = self.operation.words if words is None else words
        return [TIMECTL, "--root", root,
                *(str(self.profile) if word == "PI" else word for word in words)]

    def prepare(self, words, cut_at):
        command = self.command(self.base, words)
        if not cut_at:
            done = points.run(command)
            if done.returncode != 0:
                raise RuntimeError(f"{words}: exit {done.returncode}\n{done.stderr}")
            return
        self.before_the_cut = trees.take(self.base)
        whole = self.copy("uncut")
        found, _ = points.find(self.command(whole, words), whole, self.scratch)
        shutil.rmtree(whole)
        last = [point for point in found if point.name == "renameat" and cut_at in point.text][-1]
        if points.hit(command, last, "signal=KILL", self.base, self.scratch, None) is None:
            raise RuntimeError(f"{words} could not be cut at {last}")

    def copy(self, name):
        work = self.scratch / name
        if work.exists():
            shutil.rmtree(work)
        subprocess.run(["cp", "-a", self.base, work], check=True)
        return work
