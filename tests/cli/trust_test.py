# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""State that another user could have written: root refuses it whole and says what to do."""

import json
import os
import shutil
import stat
import subprocess
import zlib

from harness import TIMECTL, Result, ScratchRoot, main, sealed, snapshot

SERVER = ["--role", "server"]
STATE = "var/lib/timectl"
STRANGER = 1000
COMMANDS = [["provision", "--yes", "--no-packages", *SERVER], ["recover"], ["rollback", "--yes"],
            ["uninstall", "--yes"], ["uninstall", "--yes", "--purge"], ["confirm"]]


class State(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        done = self.run_here(*COMMANDS[0])
        self.assertIn(done.status, (0, 3), done)
        self.generation = next((self.root / STATE / "generations").iterdir())

    def rewrite(self, name, change):
        path = self.generation / name if name != "current.json" else self.root / STATE / name
        document = json.loads(path.read_text())
        change(document)
        path.write_text(sealed(document))

    def interrupt(self):
        """The change looks as if it had died before its commit."""
        self.rewrite("journal.json", lambda journal: journal.update(state="begun"))
        (self.root / STATE / "current.json").unlink()

    def assert_refused(self, path, *words):
        before = snapshot(self.root)
        done = self.run_here(*words)
        self.assert_status(1, done)
        self.assertIn(str(path), done.err.replace("\n", " "), words)
        self.assertEqual(before, snapshot(self.root), words)
        return done


class StateOfOthers(State):
    def places(self):
        yield from (self.root, self.root / "var", self.root / "var/lib", self.root / STATE)
        yield from (self.root / STATE / "current.json", self.root / STATE / "generations",
                    self.generation, self.generation / "journal.json",
                    self.generation / "record.json", self.generation / "after.json",
                    next(self.generation.glob("old-*")))

    def test_root_refuses_it_at_every_place_and_changes_nothing(self):
        for place in self.places():
            mode = stat.S_IMODE(place.stat().st_mode)
            os.chown(place, STRANGER, -1)
            for words in COMMANDS[:4]:
                self.assert_refused(place, *words)
            os.chown(place, 0, -1)
            for bits in (0o002, 0o020):
                place.chmod(mode | bits)
                self.assert_refused(place, *COMMANDS[0])
                place.chmod(mode)
        self.assert_status(0, self.run_here(*COMMANDS[0]))

    def test_the_remedy_that_is_told_is_the_one_that_helps(self):
        for spoil in (lambda path: os.chown(path, STRANGER, -1), lambda path: path.chmod(0o777)):
            place = self.root / STATE
            spoil(place)
            told = self.run_here("rollback", "--yes")
            command = told.err.split("if it is right: ")[1].splitlines()[0]
            self.assertRegex(command, "^(chown -h|chmod)")
            subprocess.run(command, shell=True, check=True)
            self.assert_status(0, self.run_here("plan", *SERVER))

    def test_a_link_a_pipe_or_a_device_in_the_state_directory_is_refused(self):
        place = self.root / STATE / "generations" / "x"
        for make in (lambda: place.symlink_to("/etc"), lambda: os.mkfifo(place),
                     lambda: os.mknod(place, 0o600 | stat.S_IFCHR, os.makedev(1, 3))):
            make()
            self.assert_refused(place, *COMMANDS[0])
            place.unlink()

    def test_the_journal_of_another_user_makes_no_set_user_id_file_of_root(self):
        (self.root / "x").mkdir()
        (self.generation / "old-999-shell").write_text("#!/bin/sh\n")
        entry = {"path": "/x/shell", "kind": "owned", "in_place": False, "reactions": [],
                 "type": "regular", "mode": 0o4755, "uid": 0, "gid": 0, "modified_ns": 0,
                 "blob": "old-999-shell", "checksum": f"{zlib.crc32(b'#!/bin/sh' + bytes([10])):08x}"}
        self.interrupt()
        self.rewrite("journal.json", lambda journal: journal["files"].append(entry))
        for each in [self.root / STATE, *(self.root / STATE).rglob("*")]:
            os.chown(each, STRANGER, STRANGER)
        self.assert_refused(STATE, "recover")
        self.assertFalse((self.root / "x/shell").exists())
        # Root's own says so much: the file comes back as one that gives no rights away.
        for each in [self.root / STATE, *(self.root / STATE).rglob("*")]:
            os.chown(each, 0, 0)
        self.assert_status(0, self.run_here("recover"))
        self.assertEqual(0o755, stat.S_IMODE((self.root / "x/shell").stat().st_mode))

    def test_the_same_journal_as_11b9d82_wrote_it_makes_none_either(self):
        (self.root / "x").mkdir()
        (self.generation / "old-999-shell").write_text("#!/bin/sh\n")
        journal = json.loads((self.generation / "journal.json").read_text())
        journal.pop("checksum")
        journal.update(schema=1, state="begun")
        for file in journal["files"]:
            file.pop("checksum", None)
        journal["files"].append({"path": "/x/shell", "kind": "owned", "in_place": False,
                                 "reactions": [], "type": "regular", "mode": 0o4755, "uid": 0,
                                 "gid": 0, "modified_ns": 0, "blob": "old-999-shell"})
        (self.generation / "journal.json").write_text(json.dumps(journal, indent=1) + "\n")
        (self.root / STATE / "current.json").unlink()
        self.assert_status(0, self.run_here("recover"))
        self.assertEqual(0o755, stat.S_IMODE((self.root / "x/shell").stat().st_mode))


class TreeOfAUser(State):
    def as_stranger(self, *words):
        done = subprocess.run([TIMECTL, "--root", self.root, *words], stdin=subprocess.DEVNULL,
                              text=True, capture_output=True, timeout=240, check=False,
                              user=STRANGER, group=STRANGER, extra_groups=[])
        return Result(done)

    def test_its_owner_goes_on_with_it_as_before(self):
        shutil.rmtree(self.root / STATE)
        self.scratch.chmod(0o755)
        for each in [self.root, *self.root.rglob("*")]:
            os.chown(each, STRANGER, STRANGER, follow_symlinks=False)
        done = self.as_stranger("plan", *SERVER)
        self.assertIn(done.status, (0, 3), done)
        self.assertNotIn("trust", done.err)


if __name__ == "__main__":
    main()
