# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Cards whose own links lead out of them, alone and with a state directory of the card's own making.

All of it happens in mount and process namespaces of its own: /etc, /var, /boot and /run are private
copies there, so that what a card reaches is the copy, and a walk finds everything that it changed.
"""

import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import operations

INSIDE = "TIMECTL_HOSTILE_CARDS"
UNITS = "etc/systemd/system"
PLACES = ["etc", "etc/systemd", UNITS, f"{UNITS}/timers.target.wants",
          f"{UNITS}/sysinit.target.wants", f"{UNITS}/multi-user.target.wants", "etc/chrony",
          "boot/firmware", "var/lib", "var"]
WAYS = ["absolute", "up", "proc-self", "proc-1", "twin", "proc-mounted"]
# What timectl reads of a host wherever it runs.
OF_THE_HOST = ["passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
               "os-release", "hostname", "hosts", "systemd", "chrony", "default"]
GENERATION = "20200101T000000Z-1"
SYSTEMCTL = [["enable", "chrony.service", "card.timer"], ["disable", "systemd-timesyncd.service"],
             ["mask", "systemd-timesyncd.service"], ["unmask", "systemd-timesyncd.service"],
             ["disable", "chrony.service", "card.timer"]]
SERVER = operations.SERVER
COMMANDS = [["plan", "--role", "server"], SERVER, ["generations"], ["recover"], ["rollback", "--yes"],
            ["uninstall", "--yes"]]


@dataclass(frozen=True)
class Card:
    place: str
    way: str
    journal: str = ""  # "", or which one of JOURNALS the card brings

    def __str__(self):
        return f"{self.place} ({self.way}{', ' + self.journal + ' journal' if self.journal else ''})"


def old_unit(name, **more):
    return {"name": name, "existed": True, "enabled": True, "masked": False, "active": True, **more}


def old_link(path, target):
    return {"path": path, "target": target}


def old_file(path, blob, **more):
    return {"path": path, "kind": "owned", "in_place": False, "type": "regular", "mode": 0o644, "uid": 0,
            "gid": 0, "modified_ns": 0, "blob": blob,
            "reactions": [{"kind": "network_reload", "subject": "netplan:eth0"}], **more}


def journal(units, links, files):
    return {"schema": 1, "generation": GENERATION, "previous": "", "state": "begun",
            "started": "2020-01-01T00:00:00Z", "who": {"user": "root", "command": "timectl provision"},
            "purpose": "provision", "profile": "missing-link", "host": "pi-ntp", "role": "server",
            "reason": "", "reached_daemons": True, "files": files, "directories": [],
            "retired_directories": [{"path": f"/{UNITS}/timers.target.wants", "mode": 0o755, "uid": 0,
                                     "gid": 0}],
            "recovery_directories": [], "units": units,
            "links": {"units": [unit["name"] for unit in units], "old": links, "directories": []},
            "reactions": [{"kind": "set_host_name", "subject": "taken-over"}, {"kind": "udev_reload", "subject": ""},
                          {"kind": "network_reload", "subject": "ifupdown:eth0"}],
            "host_name": "taken-over", "packages": {"added": [], "removed": []},
            "network_checkpoint": "/org/freedesktop/NetworkManager/Checkpoint/1"}


OUT = "/../../../../../../../../.."
HOSTILE_NAMES = ["../../../x.service", "-Hroot", "-Hroot.service", "a/b.service", "/etc/x.service", ".",
                 "../timers.target.wants/x.timer"]
HOSTILE_LINKS = [(f"/{UNITS}{OUT}/x.service", "/dev/null"), ("/proc/1/root/x.service", "/dev/null"),
                 (f"/{UNITS}/a/b.service", "/dev/null")]
# Path, copy, and which of them is hostile.
HOSTILE_FILES = [("/etc/chrony/x", f"..{OUT}/etc/shadow", f"..{OUT}/etc/shadow"),
                 (f"/etc{OUT}/etc/x", "old-1", f"/etc{OUT}/etc/x"),
                 ("/proc/self/root/etc/x", "old-1", "/proc/self/root/etc/x")]


def well_formed(units=(), links=(), files=()):
    """A journal that is carried out on a card without links, and what else it is to say."""
    return journal(
        [old_unit("card.timer"), old_unit("chrony.service", masked=True, enabled=False),
         old_unit("systemd-timesyncd.service", enabled=False), *units],
        [old_link(f"/{UNITS}/timers.target.wants/card.timer", "/usr/lib/systemd/system/card.timer"),
         old_link(f"/{UNITS}/multi-user.target.wants/chrony.service", "/dev/null"),
         old_link(f"/{UNITS}/chrony.service", "/dev/null"), *links],
        [old_file("/etc/chrony/conf.d/50-timectl.conf", "old-1"), old_file("/etc/hosts", "old-1"),
         old_file("/boot/firmware/config.txt", "old-1", in_place=True),
         {**old_file("/etc/systemd/system/timectl-rtc.service", ""), "type": None}, *files])


# Name of a journal: its one hostile value, and the journal. One that held several would be damaged,
# and left alone, from the first on.
HOSTILE = {
    **{f"unit {name}": (name, well_formed(units=[old_unit(name)])) for name in HOSTILE_NAMES},
    **{f"masked unit {name}": (name, well_formed(units=[old_unit(name, masked=True, enabled=False)]))
       for name in HOSTILE_NAMES},
    **{f"link {path}": (path, well_formed(links=[old_link(path, target)])) for path, target in HOSTILE_LINKS},
    **{f"file {value}": (value, well_formed(files=[old_file(path, blob)]))
       for path, blob, value in HOSTILE_FILES},
}
HOSTILE_VALUES = {name: value for name, (value, _) in HOSTILE.items()}
JOURNALS = {"well-formed": well_formed(), **{name: what for name, (_, what) in HOSTILE.items()}}


def entry_of(path):
    what = os.lstat(path)
    content = None
    if stat.S_ISREG(what.st_mode):
        content = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    elif stat.S_ISLNK(what.st_mode):
        content = os.readlink(path)
    return (what.st_mode, what.st_uid, what.st_gid, what.st_mtime_ns, content)


class World:
    """The private host, the directory that links lead to, and one card at a time."""

    def __init__(self, scratch):
        self.scratch = pathlib.Path(scratch)
        self.root = self.scratch / "card"
        self.victim = self.scratch / "victim"
        self.host = self.scratch / "host"
        self.base = self.scratch / "base"
        self.make_host()
        self.make_base()

    def make_host(self):
        for name in ("etc", "var/lib", "boot/firmware", "run"):
            (self.host / name).mkdir(parents=True)
        for name in OF_THE_HOST:
            if os.path.lexists(f"/etc/{name}"):
                subprocess.run(["cp", "-a", f"/etc/{name}", self.host / "etc"], check=True)
        (self.host / "boot/firmware/config.txt").write_text("# the host's own\n")
        needed = [pathlib.Path(operations.TIMECTL).resolve(), operations.SOURCE.resolve(), self.scratch]
        for name in ("etc", "var", "boot", "run"):
            hides = any(path.is_relative_to(f"/{name}") for path in needed)
            if not hides and pathlib.Path("/", name).is_dir():
                subprocess.run(["mount", "--bind", self.host / name, f"/{name}"], check=True)

    def make_base(self):
        shutil.copytree(operations.FIXTURES / "debian12-networkd", self.base, symlinks=True)
        for package in ("chrony", "dnsmasq"):
            operations.add_package(self.base, package)
        (self.base / "usr/lib/systemd/system/card.timer").write_text(
            "[Timer]\nOnBootSec=1\n[Install]\nWantedBy=timers.target\n")
        (self.base / "boot/firmware").mkdir(parents=True, exist_ok=True)
        (self.base / "boot/firmware/config.txt").write_text("dtparam=audio=on\n")
        (self.base / "etc/chrony/conf.d").mkdir(parents=True, exist_ok=True)
        for place in PLACES:
            (self.base / place).mkdir(parents=True, exist_ok=True)

    def make_card(self, card):
        self.remove_card()
        subprocess.run(["cp", "-a", self.base, self.root], check=True)
        if card.journal:
            generation = self.root / "var/lib/timectl/generations" / GENERATION
            generation.mkdir(parents=True)
            (generation / "journal.json").write_text(json.dumps(JOURNALS[card.journal]))
            (generation / "old-1").write_text("from the card\n")
        self.victim.mkdir()
        if not card.place:
            return
        place = self.root / card.place
        aim = self.victim / "aim"
        place.rename(aim)
        if card.way == "twin":
            twin = self.root / str(aim).lstrip("/")
            twin.parent.mkdir(parents=True)
            subprocess.run(["cp", "-a", aim, twin], check=True)
        if card.way == "proc-mounted":
            (self.root / "proc").mkdir(exist_ok=True)
            subprocess.run(["mount", "--bind", "/proc", self.root / "proc"], check=True)
        place.symlink_to({"absolute": str(aim), "twin": str(aim),
                          "up": "../" * 16 + str(aim).lstrip("/"),
                          "proc-1": f"/proc/1/root{aim}"}.get(card.way, f"/proc/self/root{aim}"))

    def remove_card(self):
        if (self.root / "proc").is_mount():
            subprocess.run(["umount", self.root / "proc"], check=True)
        for directory in (self.root, self.victim):
            shutil.rmtree(directory, ignore_errors=True)

    def outside(self):
        """Every inode that a card could reach and is not the card's."""
        paths = [self.victim, *self.victim.rglob("*"), self.host, *self.host.rglob("*"), self.scratch]
        walk = {str(path): entry_of(path) for path in paths}
        walk["the host's name"] = os.uname().nodename
        return walk

    def run(self, words):
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "SYSTEMCTL_SKIP_SYSV": "1"}
        return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, text=True, timeout=120,
                              capture_output=True, check=False, env=environment)

    def changes(self, card, commands):
        """What `commands` change outside of the card: {path: the command that was last at it}."""
        self.make_card(card)
        before = self.outside()
        changed = {}
        for words in commands:
            done = self.run(words)
            if done.returncode not in range(6):
                raise RuntimeError(f"{card}: {words}: exit {done.returncode}\n{done.stderr}")
            now = self.outside()
            for path in set(before) | set(now):
                if before.get(path) != now.get(path):
                    changed[path] = " ".join(map(str, words[1:]))
        return changed

    def changes_by_timectl(self, card):
        return self.changes(card, [[operations.TIMECTL, "--root", self.root, *words] for words in COMMANDS])

    def changes_by_systemctl(self, card):
        return self.changes(card, [["systemctl", f"--root={self.root}", "--no-ask-password", *words]
                                   for words in SYSTEMCTL])


def enter(program, words):
    """Runs `program` again in namespaces of its own; its exit status. None when it is there already."""
    if os.environ.get(INSIDE):
        return None
    if os.geteuid() != 0:
        print("skipped: mounts need root")
        return 77
    unshare = ["unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--propagation", "private"]
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode != 0:
        print("skipped: namespaces are not to be had here")
        return 77
    with tempfile.TemporaryDirectory(prefix="timectl-cards-") as scratch:
        done = subprocess.run([*unshare, sys.executable, "-B", program, *words], check=False,
                              env={**os.environ, INSIDE: scratch})
    return done.returncode


def world():
    scratch = os.environ[INSIDE]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", scratch], check=True)
    return World(scratch)
