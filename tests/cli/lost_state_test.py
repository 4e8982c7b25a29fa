# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A card that rots: what timectl remembers is lost or damaged in part, and nothing is lost with it in silence."""

import json
import re
import shutil

from harness import ScratchRoot, main, sealed, snapshot

SERVER = ["--role", "server"]
PROVISION = ["provision", "--yes", "--no-packages", *SERVER]
STATE = "var/lib/timectl"
AS_BEFORE = "this host is as it was before timectl"


def contents(root):
    """Everything but timectl's own state, and times of directories."""
    return {path.removeprefix(str(root)): (mode, uid, gid, content)
            for path, (mode, uid, gid, _, content) in snapshot(root).items()
            if "/var/lib/timectl" not in path}


class LostState(ScratchRoot):
    packages = ["chrony"]

    def setUp(self):
        super().setUp()
        (self.root / "var/lib").mkdir(parents=True, exist_ok=True)
        self.before = contents(self.root)
        self.assert_status(0, self.run_here(*PROVISION))
        self.record = self.root / STATE / "current.json"

    def copy_of(self, name):
        return next((self.root / STATE).glob(f"generations/*/old-*-{name}"))

    def rot(self, path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def lose_record(self, how):
        if how == "gone":
            self.record.unlink()
        elif how == "rotten":
            self.rot(self.record)
        else:
            self.record.write_text("")

    def test_a_lost_record_is_said_and_the_host_is_restored_all_the_same(self):
        for how in ("gone", "rotten", "empty"):
            with self.subTest(how):
                self.lose_record(how)
                for words in (["plan", *SERVER], ["generations"], ["uninstall", "--dry-run"]):
                    done = self.run_here(*words)
                    self.assertIn("current.json", done.err, words)
                    self.assertIn("is used instead", done.err, words)
                self.assert_status(0, self.run_here("plan", *SERVER))
                done = self.run_here("uninstall", "--yes")
                self.assert_status(0, done)
                self.assertIn(AS_BEFORE, done.out)
                self.assertEqual(self.before, contents(self.root))
                self.assert_status(0, self.run_here(*PROVISION))

    def test_what_is_told_to_do_about_a_lost_record_helps(self):
        self.lose_record("rotten")
        told = self.run_here("plan", *SERVER).err
        words = re.search(r"timectl (recover) writes it anew", told)[1].split()
        done = self.run_here(*words)
        self.assert_status(0, done)
        self.assertIn("written anew", done.err)
        self.assertNotIn("current.json", self.run_here("plan", *SERVER).err)

    def test_a_purge_with_a_lost_record_restores_before_it_forgets(self):
        self.lose_record("gone")
        done = self.run_here("uninstall", "--yes", "--purge")
        self.assert_status(0, done)
        self.assertEqual(self.before, contents(self.root))
        self.assertFalse((self.root / STATE).exists())

    def test_where_the_generations_record_is_lost_too_nothing_is_forgotten(self):
        self.lose_record("gone")
        next((self.root / STATE).glob("generations/*/record.json")).unlink()
        before = snapshot(self.root)
        for words in (["uninstall", "--yes", "--purge"], ["rollback", "--yes"], PROVISION):
            done = self.run_here(*words)
            self.assert_status(1, done)
            self.assertIn("record.json", done.err)
        self.assertEqual(before, snapshot(self.root))

    def without_a_copy(self, name, path, *words):
        copy = self.copy_of(name)
        whole = copy.read_bytes()
        self.rot(copy)
        done = self.run_here(*words)
        self.assert_status(5, done)
        self.assertIn(f"/{copy.relative_to(self.root)}", done.err.replace("\n", " "))
        self.assertNotIn(AS_BEFORE, done.out)
        now = contents(self.root)
        self.assertEqual({**self.before, path: now[path]}, now)
        copy.write_bytes(whole)
        return now[path]

    def test_a_copy_that_rotted_ends_a_rollback_with_exit_5_and_all_else_is_restored(self):
        ours = (self.root / "etc/hostname").read_bytes()
        left = self.without_a_copy("hostname", "/etc/hostname", "rollback", "--yes")
        self.assertEqual(ours, left[-1])

    def test_a_copy_that_rotted_ends_an_uninstall_with_exit_5_and_all_else_is_restored(self):
        self.without_a_copy("hostname", "/etc/hostname", "uninstall", "--yes", "--purge")
        # From another backup of the card, say.
        done = self.run_here("uninstall", "--yes")
        self.assert_status(0, done)
        self.assertIn(AS_BEFORE, done.out)
        self.assertEqual(self.before, contents(self.root))

    def test_a_shared_file_whose_copy_rotted_is_rid_of_timectls_lines(self):
        left = self.without_a_copy("hosts", "/etc/hosts", "uninstall", "--yes")
        self.assertEqual(self.before["/etc/hosts"], left)
        done = self.run_here("uninstall", "--yes", "--purge")
        self.assert_status(0, done)
        self.assertFalse((self.root / STATE).exists())

    def test_what_an_undo_could_not_bring_back_is_not_forgotten(self):
        journal = next((self.root / STATE).glob("generations/*/journal.json"))
        journal.write_text(sealed({**json.loads(journal.read_text()), "state": "begun"}))
        self.record.unlink()
        self.rot(self.copy_of("hostname"))
        done = self.run_here("recover")
        self.assert_status(5, done)
        self.assertNotIn("can be run again", done.err)
        for words in (["uninstall", "--yes"], ["uninstall", "--yes", "--purge"]):
            done = self.run_here(*words)
            self.assert_status(5, done)
            self.assertIn("/etc/hostname", done.err)
            self.assertTrue(journal.exists())
        (self.root / "etc/hostname").write_text("mine\n")
        self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))

    def lose_journal(self, how, is_open):
        """Puts the host back where setUp() left it, but for the journal of its only change."""
        state = self.root / STATE
        shutil.rmtree(state)
        shutil.copytree(self.kept / STATE, state, symlinks=True)
        journal = next(state.glob("generations/*/journal.json"))
        if is_open:
            journal.write_text(sealed({**json.loads(journal.read_text()), "state": "begun"}))
            self.record.unlink()
        if how == "gone":
            journal.unlink()
        elif how == "rotten":
            self.rot(journal)
        else:
            journal.write_text("")
        return journal

    def test_what_is_told_to_do_about_a_lost_journal_helps(self):
        self.kept = self.root.parent / "kept"
        shutil.copytree(self.root / STATE, self.kept / STATE, symlinks=True)
        for how in ("gone", "rotten", "empty"):
            for is_open in (True, False):
                with self.subTest(how=how, is_open=is_open):
                    journal = self.lose_journal(how, is_open)
                    before = contents(self.root)
                    for words, status in ((["rollback", "--yes"], 1), (["uninstall", "--yes", "--purge"], 1),
                                          (["plan", *SERVER], 3), (["generations"], 0)):
                        done = self.run_here(*words)
                        self.assert_status(status, done)
                        self.assertIn("journal.json", done.err)
                        told = re.search(r"timectl (recover):? (it )?goes on without", done.err)[1]
                    done = self.run_here(*told.split())
                    self.assert_status(5, done)
                    self.assertIn("/etc/hosts", done.err)
                    self.assertEqual(before, contents(self.root))
                    # What is not known any more is not forgotten either, and ends nothing.
                    done = self.run_here("uninstall", "--yes", "--purge")
                    self.assert_status(5, done)
                    self.assertIn("/etc/hostname", done.err)
                    self.assertTrue(journal.exists())
                    self.assert_status(0, self.run_here(*PROVISION))

    def test_a_purge_never_takes_the_only_copy_of_what_was_edited_since(self):
        conf = self.root / "etc/chrony/conf.d/50-timectl.conf"
        conf.write_text(conf.read_text() + "# mine\n")
        done = self.run_here("uninstall", "--yes", "--purge")
        self.assert_status(3, done)
        self.assertNotIn(AS_BEFORE, done.out)
        self.assertIn("kept: /etc/chrony/conf.d/50-timectl.conf", done.out)
        self.assertTrue((self.root / STATE / "generations").exists())
        told = re.search(r"timectl (uninstall --take-over --purge)", done.err.replace("\n", " "))[1]
        done = self.run_here(*told.split(), "--yes")
        self.assert_status(0, done)
        self.assertFalse((self.root / STATE).exists())
        self.assertEqual(self.before, contents(self.root))

    def test_a_host_that_timectl_never_changed_is_told_so(self):
        self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))
        done = self.run_here("uninstall", "--yes")
        self.assert_status(0, done)
        self.assertIn("not provisioned", done.out)

    def test_the_state_of_a_newer_version_is_refused_by_name_and_left_as_it_is(self):
        document = json.loads(self.record.read_text())
        document.pop("checksum")
        self.record.write_text(json.dumps({**document, "schema": 4}, indent=1) + "\n")
        before, state = contents(self.root), self.record.read_bytes()
        for words in (PROVISION, ["uninstall", "--yes", "--purge"], ["rollback", "--yes"], ["recover"],
                      ["plan", *SERVER]):
            done = self.run_here(*words)
            self.assert_status(1, done)
            self.assertIn("a newer timectl wrote it", done.err)
        self.assertEqual((before, state), (contents(self.root), self.record.read_bytes()))


if __name__ == "__main__":
    main()
