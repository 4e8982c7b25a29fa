# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A root that an attacker prepared: whatever lies where a file is to be, what is outside of the root is
neither changed nor read, nothing hangs, and a refusal leaves the tree as it was."""

import os
import pathlib
import re
import shutil
import sys
import time
import unittest

import faults
import operations
import points
import trees

CONF_D = "etc/chrony/conf.d"
CONF = f"{CONF_D}/50-timectl.conf"
SECRET = "this stands outside of the root"
# What programs and their libraries read wherever they run, and who it is that runs this one; nothing
# of it is a host's configuration.
OF_THE_PROGRAM = re.compile(
    r"/(proc/(self|\d+/(maps|environ|cmdline|loginuid|stat)$|filesystems|cmdline|sys/kernel/(cap_last_cap|random))|sys/fs/|dev/(null|urandom)"
    r"|usr/(lib(?!/systemd/(system|user)(/|$))|lib64|share/(locale|zoneinfo)|bin|sbin|local/(bin|sbin))(/|$)|lib(64)?/"
    r"|etc/(ld\.so|locale|nsswitch|localtime|passwd$)|bin/|sbin/|run/(systemd|host|dbus)|$)")
OPENED = re.compile(r'^\d+ +\w+\((?:(?:\d+|AT_FDCWD)(?:<([^>]*)>)?, )?"([^"]*)".* = \d+<([^>]*)>')


class HostileTree(unittest.TestCase):
    def setUp(self):
        self.scratch = faults.scratch_directory()
        install = operations.Operation("hostile", [], operations.SERVER)
        self.prepared = operations.Prepared(install, self.scratch)
        self.root = self.prepared.copy("root")
        self.outside = self.scratch / "outside"
        self.outside.mkdir()
        (self.outside / "50-timectl.conf").write_text(SECRET)
        (self.outside / "hosts").write_text(SECRET)

    def tearDown(self):
        shutil.rmtree(self.scratch)

    def plant(self, path, target):
        link = self.root / path
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        else:
            link.unlink(missing_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    def provision(self):
        """The result, once it is sure that nothing outside was changed or repeated."""
        outside = trees.take(self.outside)
        begun = time.monotonic()
        done = points.run(self.prepared.command(self.root))
        self.assertLess(time.monotonic() - begun, 60, "it hung")
        self.assertIn(done.returncode, (0, 1, 2, 4), done.stderr)
        now = trees.take(self.outside)
        self.assertEqual([], trees.differences(now, outside, trees.files_of(outside)))
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return done

    def refused(self, name):
        before = trees.take(self.root)
        done = self.provision()
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertIn(name, done.stderr)
        after = trees.take(self.root)
        self.assertEqual([], trees.differences(after, before, trees.files_of(before)))

    def test_a_link_in_a_files_place_is_refused_by_name(self):
        for target in (self.outside / "50-timectl.conf", "/dev/null", "nowhere", CONF):
            self.plant(CONF, target)
            self.refused("50-timectl.conf")

    def test_a_link_in_place_of_a_file_with_a_block_is_not_read(self):
        self.plant("etc/hosts", self.outside / "hosts")
        self.refused("/etc/hosts")

    def test_links_above_a_managed_path_never_lead_out(self):
        up = "../" * 12 + str(self.outside).lstrip("/")
        for path in (CONF_D, "etc/chrony", "etc/systemd/system", "etc"):
            for target in (self.outside, up):
                self.root = self.prepared.copy("root")
                self.plant(path, target)
                self.provision()

    def test_a_state_directory_that_is_a_link_never_leads_out(self):
        for path in ("var/lib/timectl", "var/lib", "var"):
            self.root = self.prepared.copy("root")
            self.plant(path, self.outside)
            self.provision()

    def test_a_lock_or_record_that_is_a_link_is_not_followed(self):
        for name in ("lock", "lock.holder", ".lock.timectl-new", "current.json", "generations"):
            self.root = self.prepared.copy("root")
            self.plant(f"var/lib/timectl/{name}", self.outside / "hosts")
            self.provision()

    def test_a_ring_of_links_is_told_and_does_not_hang(self):
        self.plant("etc/chrony", "chrony-2")
        self.plant("etc/chrony-2", "chrony")
        done = self.provision()
        self.assertNotEqual(0, done.returncode)

    def test_a_fifo_a_socket_or_a_directory_in_a_files_place_is_refused(self):
        for path in (CONF, "etc/hosts", "etc/hostname"):
            for make in (os.mkfifo, os.mkdir):
                self.root = self.prepared.copy("root")
                place = self.root / path
                place.unlink(missing_ok=True)
                place.parent.mkdir(parents=True, exist_ok=True)
                make(place)
                self.refused(pathlib.PurePath(path).name)

    def test_a_file_where_a_directory_must_be_is_refused(self):
        (self.root / "etc/chrony").write_text("not a directory\n")
        self.refused("/etc/chrony")

    def test_a_staged_name_that_is_taken_by_a_link_is_not_written_through(self):
        for name in (f"{CONF_D}/.50-timectl.conf.timectl-new", "etc/.hosts.timectl-new"):
            self.plant(name, self.outside / "hosts")
        self.assertEqual(0, self.provision().returncode)

    def test_a_link_among_timectls_own_state_is_refused_by_name(self):
        self.plant("var/lib/timectl/.current.json.timectl-new", self.outside / "hosts")
        self.refused(".current.json.timectl-new")

    def test_below_a_root_nothing_of_the_host_is_opened_or_started(self):
        trace = self.scratch / "trace"
        done = points.run(["strace", "-f", "-qq", "-y", "-o", trace, "-e",
                           "trace=open,openat,openat2,creat,execve"] + self.prepared.command(self.root))
        self.assertEqual(0, done.returncode, done.stderr)
        started = [line for line in trace.read_text().splitlines() if "execve(" in line]
        self.assertEqual(1, len(started), "timectl started a program")
        opened = [OPENED.match(line) for line in trace.read_text().splitlines()]
        paths = {each[3] for each in opened if each}
        self.assertGreater(len(paths), 50)
        # A search for modules or the root's own ancestors opens directories on the way down.
        above = {str(each) for each in pathlib.Path(self.root).parents} | {str(self.root)}
        foreign = {each for each in paths - above
                   if not each.startswith(f"{self.root}/") and each.startswith("/")
                   and not OF_THE_PROGRAM.match(each)}
        self.assertEqual(set(), foreign)


if __name__ == "__main__":
    faults.require_what_it_takes()
    sys.exit(not unittest.main(exit=False, verbosity=2).result.wasSuccessful())
