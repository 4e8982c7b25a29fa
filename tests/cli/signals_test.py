# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Whatever signal comes in the middle of a change, the host is as it was before, and this is said."""

import os
import resource
import signal

from harness import ScratchRoot, main, snapshot, timectl
from held_up import HeldUp

PROVISION = ["provision", "--yes", "--no-packages", "--role", "server"]
STATE = "var/lib/timectl"
# signal(7), those that end a process by default. SIGPIPE is ignored, and those that the kernel sends
# for a fault of the program itself are not to be held back.
ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGVTALRM",
          "SIGPROF", "SIGXCPU", "SIGXFSZ", "SIGPOLL", "SIGPWR", "SIGRTMIN", "SIGRTMAX"]
SAID_AS = {"SIGRTMIN": "SIGRTMIN+0", "SIGRTMAX": f"SIGRTMIN+{signal.SIGRTMAX - signal.SIGRTMIN}"}
STOPPING = ["SIGTSTP", "SIGTTIN", "SIGTTOU"]
IGNORED_BY_DEFAULT = ["SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"]


class Signals(ScratchRoot):
    packages = ["chrony"]

    def tree(self):
        """Everything outside of timectl's own directory; a directory's time tells nothing."""
        state = str(self.root / STATE)
        return {path: (what[0], what[1], what[2], what[3] if what[4] is not None else 0, what[4])
                for path, what in snapshot(self.root).items() if not path.startswith(state)}

    def assert_nothing_is_open(self):
        listed = self.run_here("generations")
        self.assert_status(0, listed)
        self.assertNotIn("interrupted: timectl recover", listed.out + listed.err)
        self.assertIn("nothing to recover", self.run_here("recover").out)

    def test_each_signal_that_would_end_timectl_has_the_change_rolled_back(self):
        before = self.tree()
        for name in ENDING:
            with self.subTest(name), HeldUp(self.root, *PROVISION) as held:
                held.process.send_signal(getattr(signal, name))
                status, said = held.finish()
                self.assertEqual(4, status, said)
                self.assertIn(f"interrupted by {SAID_AS.get(name, name)}", said)
                self.assertEqual(before, self.tree())
                self.assert_nothing_is_open()

    def test_a_signal_that_the_caller_ignores_ends_nothing(self):
        def as_under_nohup():
            for name in ("SIGHUP", "SIGUSR1", "SIGRTMIN"):
                signal.signal(getattr(signal, name), signal.SIG_IGN)

        with HeldUp(self.root, *PROVISION, preexec_fn=as_under_nohup) as held:
            for name in ("SIGHUP", "SIGUSR1", "SIGRTMIN"):
                held.process.send_signal(getattr(signal, name))
            status, said = held.finish()
        self.assertEqual(0, status, said)
        self.assert_status(0, self.run_here("plan", "--role", "server"))

    def test_a_signal_that_ends_no_program_ends_no_change(self):
        with HeldUp(self.root, *PROVISION) as held:
            for name in IGNORED_BY_DEFAULT:
                held.process.send_signal(getattr(signal, name))
            status, said = held.finish()
        self.assertEqual(0, status, said)

    def test_a_stop_by_the_terminal_waits_until_the_change_is_made(self):
        for name in STOPPING:
            # A process group of its own, which has a parent in this session: else it is not stopped.
            with self.subTest(name), HeldUp(
                    self.root, *PROVISION, preexec_fn=os.setpgrp) as held:
                held.process.send_signal(getattr(signal, name))
                held.go_on_until_it_stops()
                self.assert_nothing_is_open()
                held.process.send_signal(signal.SIGCONT)
                status, said = held.finish()
                self.assertEqual(0, status, said)
                self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))

    def test_a_limit_of_file_sizes_is_an_error_with_a_name_and_undoes_the_change(self):
        before = self.tree()
        told = 0
        for limit in (0, 100, 1000, 2000, 4000, 8000, 12000, 16000, 24000, 32000, 48000):
            with self.subTest(limit):
                done = timectl("--root", self.root, *PROVISION, preexec_fn=lambda size=limit:
                               resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
                if done.status == 0:
                    self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))
                    continue
                self.assertIn(done.status, (1, 4), done)
                self.assertIn("file too large", done.err)
                self.assertIn("/", done.err)
                self.assertEqual(before, self.tree())
                self.assert_nothing_is_open()
                told += 1
        self.assertGreater(told, 3, "no limit was met")


if __name__ == "__main__":
    main()
