# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Whatever a card's links and its state directory say, not one inode outside of it changes.

    TIMECTL=… python3 -B tests/faults/hostile_cards_test.py --table

prints the same ten cards given to `systemctl --root` and to timectl: inodes changed outside.
"""

import os
import sys
import unittest

import hostile_cards
import operations
from hostile_cards import UNITS, Card

WANTS = f"{UNITS}/timers.target.wants"
TEN = [Card("etc", "absolute"), Card("etc", "proc-self"), Card("etc/systemd", "absolute"),
       Card(UNITS, "absolute"), Card(UNITS, "up"), Card(WANTS, "absolute"), Card(WANTS, "up"),
       Card(WANTS, "proc-self"), Card(UNITS, "proc-1"),
       Card(f"{UNITS}/multi-user.target.wants", "absolute")]


class HostileCards(unittest.TestCase):
    world = None

    def assert_harmless(self, card):
        changed = self.world.changes_by_timectl(card)
        self.assertEqual({}, changed, str(card))

    def assert_all_harmless(self, journal, ways=hostile_cards.WAYS):
        for place in hostile_cards.PLACES:
            for way in ways:
                with self.subTest(place=place, way=way):
                    self.assert_harmless(Card(place, way, journal))

    def test_a_card_whose_links_lead_out_changes_nothing_outside(self):
        self.assert_all_harmless("")

    def test_a_card_with_a_journal_of_its_own_changes_nothing_outside(self):
        self.assert_all_harmless("well-formed")

    def test_each_hostile_value_in_a_cards_journal_changes_nothing_outside(self):
        for journal in hostile_cards.HOSTILE:
            for place, way in (("", ""), (UNITS, "absolute"), ("var", "twin")):
                with self.subTest(journal=journal, place=place):
                    self.assert_harmless(Card(place, way, journal))

    def test_a_journal_without_a_hostile_value_is_carried_out(self):
        """Or nothing would be shown by what the others leave alone."""
        self.world.make_card(Card("", "", "well-formed"))
        root = self.world.root
        done = self.world.run([operations.TIMECTL, "--root", root, "recover"])
        self.assertEqual(0, done.returncode, done.stderr)
        for path in ("etc/hosts", "etc/chrony/conf.d/50-timectl.conf", "boot/firmware/config.txt"):
            self.assertEqual("from the card\n", (root / path).read_text(), path)
        self.assertEqual("/usr/lib/systemd/system/card.timer", os.readlink(root / WANTS / "card.timer"))
        for path in ("chrony.service", "multi-user.target.wants/chrony.service"):
            self.assertEqual("/dev/null", os.readlink(root / UNITS / path), path)
        journal = root / "var/lib/timectl/generations" / hostile_cards.GENERATION / "journal.json"
        self.assertRegex(journal.read_text(), '"state": "undone"')

    def test_a_journal_with_a_hostile_value_is_refused_with_it_or_carried_out_without(self):
        for name, value in hostile_cards.HOSTILE_VALUES.items():
            with self.subTest(journal=name):
                self.world.make_card(Card("", "", name))
                done = self.world.run([operations.TIMECTL, "--root", self.world.root, "recover"])
                if "it is damaged" in done.stderr:
                    self.assertIn(f"'{value}'", done.stderr)
                else:
                    self.assertEqual("from the card\n", (self.world.root / "etc/hosts").read_text())

    def test_the_same_card_without_a_link_is_provisioned_and_comes_back(self):
        """Or nothing would be asked of the others."""
        self.world.make_card(Card("", ""))
        for words in hostile_cards.COMMANDS[1:]:
            done = self.world.run([operations.TIMECTL, "--root", self.world.root, *words])
            self.assertEqual(0, done.returncode, f"{words}: {done.stderr}")
            if words == operations.SERVER:
                self.assertTrue((self.world.root / WANTS / "timectl-monitor.timer").is_symlink())

    def test_the_walk_sees_what_systemctl_does_outside(self):
        """Or the tests above could not fail."""
        self.assertNotEqual({}, self.world.changes_by_systemctl(Card(WANTS, "absolute")))


def print_table(world):
    print("| a link of the card's leads out | systemctl --root | timectl --root |\n|---|---|---|")
    total = [0, 0]
    for card in TEN:
        counts = [len(world.changes_by_systemctl(card)), len(world.changes_by_timectl(card))]
        total = [total[0] + counts[0], total[1] + counts[1]]
        print(f"| {card} | {counts[0]} | {counts[1]} |", flush=True)
    print(f"| inodes changed outside, in all | {total[0]} | {total[1]} |")


def main(words):
    status = hostile_cards.enter(__file__, words)
    if status is not None:
        return status
    HostileCards.world = hostile_cards.world()
    if words == ["--table"]:
        print_table(HostileCards.world)
        return 0
    return not unittest.main(argv=[sys.argv[0], *words], exit=False, verbosity=2).result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
