# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""On a host that timectl never changed each command says so and what comes next, and leaves nothing there."""

import os

from harness import ScratchRoot, main, snapshot, timectl


class Unprovisioned(ScratchRoot):
    packages = ("chrony",)

    def setUp(self):
        super().setUp()
        (self.root / "etc/hostname").write_text("somewhere\n")

    def asked(self, status, *words):
        before = snapshot(self.root)
        result = self.run_here(*words)
        self.assert_status(status, result)
        self.assertEqual(before, snapshot(self.root), words)
        return result

    def test_commands_about_a_hosts_own_state_say_that_it_has_none_and_what_comes_next(self):
        for status, words in ((1, ["status"]), (1, ["status", "--short"]), (1, ["verify"]), (1, ["rollback", "--yes"]), 
                              (0, ["uninstall", "--yes"]), (0, ["uninstall", "--yes", "--purge"]), (1, ["diff"]),
                              (0, ["generations"]), (1, ["confirm"]), (1, ["confirm", "--reject"])):
            result = self.asked(status, *words)
            self.assertIn("not provisioned", result.out + result.err, words)
            self.assertIn("timectl plan", result.out + result.err, words)
            self.assertNotIn("--host", result.err, words)

    def test_a_monitor_that_was_left_behind_says_so_too(self):
        # On this host, which the tests never provision; it would write nothing before it knows its profile.
        if os.path.exists("/var/lib/timectl") or os.path.exists("/etc/timectl"):
            self.skipTest("timectl is in use here")
        result = timectl("monitor", "--dry-run")
        self.assert_status(1, result)
        self.assertIn("not provisioned", result.err)

    def test_recover_has_nothing_to_do_and_leaves_nothing(self):
        for words in ([], ["--boot"], ["--wait"]):
            self.assertIn("nothing to recover", self.asked(0, "recover", *words).out)
        self.assertFalse((self.root / "var/lib/timectl").exists())

    def test_a_role_or_host_that_is_named_is_asked_about_all_the_same(self):
        self.assertNotIn("not provisioned: timectl", self.asked(3, "verify", "--role", "server").err)
        (self.root / "etc/hostname").write_text("pi-ntp\n")
        self.assertIn("not provisioned", self.asked(0, "status").out)

    def test_the_next_step_that_it_names_works(self):
        self.assertIn("in all:", self.asked(3, "plan", "--role", "server").out)
        self.assert_status(0, self.run_here("provision", "--yes", "--role", "server"))
        self.assertNotIn("not provisioned", self.asked(0, "status").out)

    def test_after_an_uninstall_it_is_one_again(self):
        self.assert_status(0, self.run_here("provision", "--yes", "--role", "server"))
        self.assert_status(0, self.run_here("uninstall", "--yes"))
        (self.root / "etc/hostname").write_text("somewhere\n")
        self.assertIn("not provisioned", self.asked(1, "status").err)
        self.assert_status(0, self.run_here("uninstall", "--yes", "--purge"))
        self.assertIn("not provisioned", self.asked(1, "verify").err)


class FirstProfile(ScratchRoot):
    """profile init below --root, where nothing runs that could be asked."""
    fixture = "rpios-bookworm-wifi"

    def test_a_fresh_card_gets_a_server_whose_profile_can_be_planned(self):
        result = self.run_here("profile", "init", "--role", "server", "--address", "10.1.2.3/24", "--yes")
        self.assert_status(0, result)
        self.assertIn('"interface": "eth0"', result.out)
        self.assertIn('"$schema": "file:///usr/share/timectl/profiles/schema/profile.schema.json"', result.out)
        path = self.scratch / "site.json"
        path.write_text(result.out)
        shown = self.run_here("--json", "profile", "show", path).json
        (name, host), = shown["hosts"].items()
        self.assertEqual(("server", "10.1.2.3", "static"), (host["role"], host["address"], host["addressing"]))
        self.assert_status(3, self.run_here("plan", "--profile", path, "--host", name))

    def test_what_cannot_be_found_below_a_root_is_named_with_its_option(self):
        result = self.run_here("profile", "init", "--role", "server", "--yes")
        self.assert_status(1, result)
        self.assertIn("--address", result.err)
        for address in ("10.1.2.3", "fe80::1/64", "x"):
            self.assertIn(self.run_here("profile", "init", "--yes", "--address", address).status, (1, 2))
        self.assert_status(2, self.run_here("profile", "init", "--role", "sevrer", "--yes"))


if __name__ == "__main__":
    main()
