# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A change that would cut the host off, on a host of its own: a scratch root in place of this machine's directories,
in a network namespace. Only what refuses or shows is played here; the lab makes such changes."""

import json
import os
import pty
import subprocess
import sys
import unittest

from harness import SOURCE, TIMECTL, Result, ScratchRoot, main, snapshot

# $1 is the root, $2 the address, $3 the gateway; what follows is run there.
BECOME_HOST = """
set -e
root=$1 address=$2 gateway=$3
shift 3
# What is below a directory that is hidden: this tree, say.
for kept in $KEPT; do
    case $kept in /var/* | /etc/*) mkdir -p "$root$kept" && mount --bind "$kept" "$root$kept" ;; esac
done
mount -t overlay overlay -o "lowerdir=$root/usr:/usr" /usr
mount -t tmpfs run /run
mount --rbind "$root/var" /var
mount --rbind "$root/etc" /etc
hostname raspberrypi
ip link set lo up
ip link add eth0 type veth peer name other
ip link set eth0 up
ip link set other up
ip address add "$address" dev eth0
if [ "$gateway" != none ]; then ip route add default via "$gateway" dev eth0; fi
exec "$@"
"""
os.environ["KEPT"] = f"{SOURCE} {os.path.dirname(os.path.abspath(TIMECTL))}"
WITH_SYSTEMD = [sys.executable, SOURCE / "tests/cli/fake_systemd.py"]
# What it installs moves the host into another network.
MOVING_APT = """#!/bin/sh
case "$*" in
*-s*) echo "Inst chrony (4.3)" ;;
*--download-only* | *--print-uris*) ;;
*)
    printf "Package: chrony\\nStatus: install ok installed\\nVersion: 4.3\\n\\n" >>/var/lib/dpkg/status
    ip address flush dev eth0
    ip address add 192.168.1.50/24 dev eth0
    ip route add default via 192.168.1.1
    ;;
esac
"""
UNSHARED = ["unshare", "--mount", "--net", "--uts", "sh", "-c", BECOME_HOST, "host"]
ELSEWHERE = ("192.168.1.50/24", "192.168.1.1")
# It does nothing but have an address: without systemd there are no units to run.
SITE = {"name": "barn", "network": {"subnet": "192.168.4.0/24", "gateway": "192.168.4.1"},
        "hosts": {"pi-ntp": {"role": "server", "address": "192.168.4.2"},
                  "newcomer": {"role": "client", "address": "192.168.4.70", "addressing": "static", "interface": "eth0",
                               "client": False, "monitor": False}}}
NEWCOMER = ["--profile", "/etc/site.json", "--host", "newcomer"]


class CutOffHost(ScratchRoot):
    fixture = "rpios-trixie-netplan"

    def setUp(self):
        super().setUp()
        (self.root / "etc/site.json").write_text(json.dumps(SITE))
        tried = subprocess.run([*UNSHARED, self.root, *ELSEWHERE, "true"], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            self.skipTest(f"no host of its own can be made here: {tried.stderr.strip()}")

    def on_host(self, at, *words, within=(), setup="", **environment):
        prepared = ["sh", "-ec", setup + '\nexec "$@"', "sh", *within, TIMECTL, *words]
        done = subprocess.run([*UNSHARED, self.root, *at, *prepared], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=120, check=False,
                              env={**os.environ, "SSH_CONNECTION": "", **environment})
        return Result(done)


class CutOff(CutOffHost):
    def test_yes_alone_is_refused_and_changes_nothing(self):
        before = snapshot(self.root)
        result = self.on_host(ELSEWHERE, "provision", *NEWCOMER, "--yes", within=WITH_SYSTEMD)
        self.assert_status(1, result)
        self.assertIn("cannot provision 'newcomer' by --yes alone, because it would cut this host off", result.err)
        self.assertIn("eth0 changes from 192.168.1.50/24 (gateway 192.168.1.1) to 192.168.4.70/24 (gateway 192.168.4.1)",
                      result.err)
        self.assertIn("the host's name stays 'raspberrypi'", result.err)
        self.assertIn("the default route loses its local address", result.err)
        self.assertIn("hint: correct the subnet in the profile ('timectl profile init --output site.json' writes one of "
                      "this network), or, if it is right, add '--confirm 10m', log in at 192.168.4.70 and run 'timectl "
                      "confirm', else it is rolled back\n", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_without_a_terminal_the_way_is_that_of_scripts(self):
        result = self.on_host(ELSEWHERE, "provision", *NEWCOMER, within=WITH_SYSTEMD)
        self.assert_status(2, result)
        self.assertIn("warning: this may cut you off: eth0 changes", result.err)
        self.assertIn("use '--yes --confirm 10m', log in at 192.168.4.70", result.err)

    def test_where_systemd_does_not_run_a_confirmation_is_not_offered(self):
        for more in ([], ["--confirm", "10m"]):
            result = self.on_host(ELSEWHERE, "provision", *NEWCOMER, "--yes", *more)
            self.assert_status(1, result)
            self.assertIn("run it without --yes at a terminal and answer the prompt, or give the order at the host's own",
                          result.err)
            self.assertNotIn("10m", result.err)

    def test_what_a_package_does_to_the_address_is_seen_before_more_is_changed(self):
        site = json.loads(json.dumps(SITE))
        site["hosts"]["newcomer"]["client"] = {"daemon": "chrony"}
        (self.root / "etc/site.json").write_text(json.dumps(site))
        apt = self.root / "usr/bin/apt-get"
        apt.write_text(MOVING_APT)
        apt.chmod(0o755)
        network = {path: what for path, what in snapshot(self.root / "etc").items() if "timectl" not in path}
        result = self.on_host(("192.168.4.70/24", "192.168.4.1"), "provision", *NEWCOMER, "--yes",
                              within=WITH_SYSTEMD)
        self.assert_status(4, result)
        self.assertIn("with the packages it would cut this host off, which was not shown: eth0 changes from "
                      "192.168.1.50/24 (gateway 192.168.1.1) to 192.168.4.70/24", result.err)
        self.assertIn("everything is as it was before", result.err)
        self.assertIn("hint: correct the subnet in the profile", result.err)
        self.assertNotIn("writes /etc", result.err)
        now = {path: what for path, what in snapshot(self.root / "etc").items() if "timectl" not in path}
        self.assertEqual({path: what[4] for path, what in network.items()}, {path: what[4] for path, what in now.items()})

    def test_an_uninstall_that_forgets_everything_is_taken_apart(self):
        self.assert_status(0, self.run_here("provision", "--profile", self.root / "etc/site.json", *NEWCOMER[2:], "--yes"))
        before = snapshot(self.root)
        for edits in ([], ["--take-over"]):
            result = self.on_host(("192.168.4.70/24", "192.168.4.1"), "uninstall", "--yes", "--purge", *edits,
                                  within=WITH_SYSTEMD)
            self.assert_status(1, result)
            words = "".join(" " + each for each in edits)
            self.assertIn(f"hint: run 'timectl uninstall --yes{words} --confirm 10m', log in again where the host is then "
                          "(the DHCP server knows its address) and run 'timectl confirm', else it is rolled back; then "
                          f"run 'timectl uninstall --purge{words}'\n", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_a_root_that_is_this_host_is_no_way_round(self):
        (self.root / "etc/here").symlink_to("/")
        (self.root / "etc/bound").mkdir()
        mounted = ["sh", "-c", 'mount --bind / /etc/bound && exec "$@"', "mounted"]
        before = snapshot(self.root)
        for root in ("/", "//", "/./", "/../", "/etc/here", "/etc/bound"):
            result = self.on_host(ELSEWHERE, "--root", root, "provision", *NEWCOMER, "--yes", within=mounted)
            self.assert_status(1, result)
            self.assertIn("because it would cut this host off", result.err)
        self.assertEqual(before, snapshot(self.root))

    def test_another_subnet_alone_is_reason_enough(self):
        result = self.on_host(("192.168.1.50/24", "none"), "provision", *NEWCOMER, "--yes")
        self.assert_status(1, result)
        self.assertIn("192.168.4.70/24 does not fit the subnet that eth0 has", result.err)
        self.assertNotIn("default route", result.err)

    def test_where_the_login_came_from_is_said(self):
        result = self.on_host(ELSEWHERE, "provision", *NEWCOMER, "--yes",
                              SSH_CONNECTION="192.168.1.7 50000 192.168.1.50 22")
        self.assert_status(1, result)
        self.assertIn("the login from 192.168.1.7 ends", result.err)

    def test_the_plan_shows_it_in_words_and_as_a_document(self):
        result = self.on_host(ELSEWHERE, "plan", *NEWCOMER, "--json")
        self.assert_status(3, result)
        self.assertIn("warning: this may cut you off: eth0 changes from 192.168.1.50/24", result.err)
        [cut_off] = result.json["cut_offs"]
        self.assertEqual(["192.168.1.50/24"], cut_off["addresses_before"])
        self.assertEqual(["192.168.4.70/24"], cut_off["addresses_after"])
        self.assertEqual(("192.168.1.1", "192.168.4.1"), (cut_off["gateway_before"], cut_off["gateway_after"]))
        self.assertEqual(("raspberrypi", "raspberrypi"), (cut_off["host_name_before"], cut_off["host_name_after"]))

    def test_an_address_that_stays_is_no_reason(self):
        result = self.on_host(("192.168.4.70/24", "192.168.4.1"), "plan", *NEWCOMER, "--json")
        self.assert_status(3, result)
        self.assertEqual([], result.json["cut_offs"])
        self.assertNotIn("cut you off", result.err)

    def test_the_prompt_comes_after_the_warning_and_no_is_no(self):
        before = snapshot(self.root)
        parent, child = pty.openpty()
        os.write(parent, b"n\n")
        done = subprocess.run([*UNSHARED, self.root, *ELSEWHERE, TIMECTL, "provision", *NEWCOMER], stdin=child, text=True,
                              capture_output=True, timeout=120, check=False)
        os.close(child)
        os.close(parent)
        self.assert_status(1, Result(done))
        warning = done.stderr.index("warning: this may cut you off: eth0 changes")
        self.assertLess(warning, done.stderr.index("Apply these changes to newcomer? [y/N]"))
        self.assertEqual(before, snapshot(self.root))

    def test_at_a_terminal_the_prompt_is_offered(self):
        parent, child = pty.openpty()
        done = subprocess.run([*UNSHARED, self.root, *ELSEWHERE, *WITH_SYSTEMD, TIMECTL, "provision", *NEWCOMER, "--yes"],
                              stdin=child, text=True, capture_output=True, timeout=120, check=False)
        os.close(child)
        os.close(parent)
        self.assert_status(1, Result(done))
        self.assertIn("else it is rolled back; or leave out --yes and answer the prompt\n", done.stderr)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
