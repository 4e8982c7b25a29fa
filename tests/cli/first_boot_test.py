# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""provision --at-first-boot: a card that was only just written is prepared, and comes back byte for byte."""

import os
import resource
import shutil
import subprocess

from harness import TIMECTL, Result, ScratchRoot, main, snapshot

UNIT = "etc/systemd/system/timectl-first-boot.service"
WANTS = "etc/systemd/system/multi-user.target.wants/timectl-first-boot.service"
ORDERS = "var/lib/timectl/first-boot"


class Card(ScratchRoot):
    """As its image has it: without timectl and chrony."""

    fixture = "rpios-bookworm-nm"
    architecture = "arm64"

    def setUp(self):
        if not shutil.which("dpkg-deb"):
            self.skipTest("no dpkg-deb here")
        super().setUp()
        (self.root / "usr/bin/timectl").unlink()

    def package(self, name, architecture=None, version="1:2.0+x~1", depends="", content=b"x\n"):
        tree = self.scratch / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "usr/bin").mkdir(parents=True)
        (tree / "usr/bin" / name).write_bytes(content)
        (tree / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: {architecture or self.architecture}\n"
            f"Maintainer: x <x@x.org>\n" + (f"Depends: {depends}\n" if depends else "") + "Description: x\n")
        path = self.scratch / f"{name}-{architecture or self.architecture}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, path], check=True,
                       capture_output=True)
        shutil.rmtree(tree)
        return path

    def prepare(self, *packages, words=("--role", "server", "--yes"), more=()):
        given = [word for each in packages for word in ("--package", each)]
        return self.run_here("provision", "--at-first-boot", *words, *given, *more)

    def order(self):
        orders = list((self.root / ORDERS).iterdir())
        self.assertEqual(1, len(orders), orders)
        return orders[0]

    def tree(self):
        """But for timectl's records, which stay after a rollback."""
        return {path: each[:3] + each[4:] for path, each in snapshot(self.root).items()
                if "/var/lib/timectl" not in path}

    def assert_refused(self, result, words):
        self.assert_status(1, result)
        self.assertEqual("", result.out)
        self.assertRegex(" ".join(result.err.split()), words)


class FreshCard(Card):
    def test_without_timectl_and_its_package_it_is_refused_before_anything_is_shown(self):
        before = snapshot(self.root)
        self.assert_refused(self.prepare(), r"timectl is not installed there, and its package was not given.*"
                                            r"hint: add --package timectl_VERSION_arm64\.deb")
        self.assertEqual(before, snapshot(self.root))

    def test_it_gets_a_unit_and_the_packages_and_nothing_of_the_site(self):
        before = self.tree()
        result = self.prepare(self.package("timectl"), self.package("chrony"))
        self.assert_status(0, result)
        self.assertIn("the first boot provisions pi-ntp", result.out)
        order = self.order()
        unit = (self.root / UNIT).read_text()
        self.assertIn(f"ConditionPathExists=/{ORDERS}/{order.name}/order\n", unit)
        self.assertRegex(unit, rf"(?m)^ExecStartPre=/usr/bin/apt-get .* -- /{ORDERS}/{order.name}/timectl\.deb$")
        self.assertRegex(unit, rf"(?m)^ExecStart=/usr/bin/timectl provision --order {order.name} --host pi-ntp$")
        self.assertNotIn("network-online", unit)
        self.assertEqual(f"/{UNIT}", os.readlink(self.root / WANTS))
        self.assertEqual(["chrony_1%3a2.0+x~1_arm64.deb"], os.listdir(order / "packages"))
        for path in (order / "timectl.deb", self.root / UNIT):
            self.assertEqual((0o100644, 0, 0), path.stat()[0:1] + path.stat()[4:6])
        made = {path for path in self.tree() if path not in before}
        self.assertEqual({str(self.root / UNIT), str(self.root / WANTS)}, made)

    def test_systemd_accepts_the_unit(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze here")
        self.assert_status(0, self.prepare(self.package("timectl")))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", self.root / UNIT], capture_output=True,
                              text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "first-boot" in line and "is not executable" not in line]
        self.assertEqual([], ours)

    def test_what_is_missing_is_fetched_when_the_network_is_there(self):
        result = self.prepare(self.package("timectl"))
        self.assert_status(0, result)
        self.assertIn("the first boot fetches chrony", " ".join(result.err.split()))
        self.assertIn("After=network-online.target", (self.root / UNIT).read_text())

    def test_a_dependency_that_is_not_there_is_named(self):
        chrony = self.package("chrony", depends="systemd (>= 999), fake-hwclock | x, none | systemd")
        result = self.prepare(self.package("timectl"), chrony)
        self.assert_status(0, result)
        self.assertIn("chrony needs systemd (>= 999), which neither", " ".join(result.err.split()))
        self.assertIn("After=network-online.target", (self.root / UNIT).read_text())

    def test_a_second_time_is_nothing_and_another_order_takes_the_first_ones_place(self):
        packages = [self.package("timectl"), self.package("chrony")]
        self.assert_status(0, self.prepare(*packages))
        before = snapshot(self.root)
        result = self.prepare(*packages)
        self.assert_status(0, result)
        self.assertIn("nothing to do", result.out)
        self.assertEqual(before, snapshot(self.root))
        first = self.order().name
        self.assert_status(0, self.prepare(packages[0]))
        self.assertNotEqual(first, self.order().name)
        self.assertIn(self.order().name, (self.root / UNIT).read_text())

    def test_rollback_and_uninstall_take_all_of_it_away(self):
        before = self.tree()
        packages = [self.package("timectl"), self.package("chrony")]
        for command in (["rollback"], ["uninstall"], ["uninstall", "--purge"]):
            self.assert_status(0, self.prepare(*packages))
            self.assert_status(0, self.run_here(*command, "--yes"))
            self.assertEqual(before, self.tree())
            self.assertFalse((self.root / ORDERS).exists())
        self.assertFalse((self.root / "var/lib/timectl").exists())

    def test_a_profile_of_the_sites_own_goes_with_it(self):
        profile = self.scratch / "site.json"
        profile.write_text('{ "name": "barn", "extends": "missing-link" }')
        result = self.prepare(self.package("timectl"), words=["--profile", profile, "--role", "server", "--yes"])
        self.assert_status(0, result)
        self.assertEqual(profile.read_text(), (self.root / "etc/timectl/profile.json").read_text())

    def test_bad_input_is_refused_whole(self):
        timectl = self.package("timectl")
        text = self.scratch / "text.deb"
        text.write_text("no package\n")
        cut = self.scratch / "cut.deb"
        cut.write_bytes(self.package("chrony", content=bytes(9999)).read_bytes()[:5000])
        directory = self.scratch / "directory.deb"
        directory.mkdir()
        before = snapshot(self.root)
        for package, words in ((self.package("chrony", "armhf"), "made for armhf, and the card's system is arm64"),
                               (text, "not a whole Debian package"), (cut, "not a whole Debian package"),
                               (timectl, "is of timectl, too"), (directory, "not a regular file|is a directory"),
                               (self.scratch / "none.deb", "there is no such file")):
            self.assert_refused(self.prepare(timectl, package), words)
        for words in (["--role", "clint"], ["--profile", "none"], ["--host", "none"]):
            self.assert_status(2, self.prepare(timectl, words=[*words, "--yes"]))
        for words in (["--confirm", "10m"], ["--no-packages"], ["--wait", "1m"], ["--order", "1"]):
            self.assert_status(2, self.prepare(timectl, more=words))
        self.assert_status(2, self.run_here("provision", "--package", timectl, "--role", "server"))
        self.assertEqual(before, snapshot(self.root))

    def test_a_package_for_all_architectures_fits(self):
        self.assert_status(0, self.prepare(self.package("timectl"), self.package("tzdata", "all")))

    def test_a_disk_that_is_full_leaves_the_card_as_it_was(self):
        timectl = self.package("timectl", content=bytes(1_000_000))
        before = self.tree()
        done = subprocess.run(
            [TIMECTL, "--root", self.root, "provision", "--at-first-boot", "--role", "server", "--yes", "--package",
             timectl], stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=60, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)))
        self.assert_status(1, Result(done))
        self.assertEqual(before, self.tree())
        self.assertFalse((self.root / ORDERS).exists())

    def test_links_of_the_card_lead_nowhere(self):
        outside = self.scratch / "outside"
        outside.mkdir()
        (outside / "order").write_text("x\n")
        (self.root / "var/lib/timectl").mkdir(parents=True)
        for place in (ORDERS, "var/lib/timectl/generations"):
            link = self.root / place
            link.symlink_to(outside)
            result = self.prepare(self.package("timectl"))
            self.assertNotEqual(0, result.status, result)
            self.assertEqual(["order"], os.listdir(outside))
            link.unlink()
        (self.root / UNIT).symlink_to(outside / "unit")
        self.assertNotEqual(0, self.prepare(self.package("timectl")).status)
        self.assertEqual(["order"], os.listdir(outside))

    def test_a_dry_run_and_no_answer_write_nothing(self):
        before = snapshot(self.root)
        self.assert_status(3, self.prepare(self.package("timectl"), words=["--role", "server", "--dry-run"]))
        self.assert_status(2, self.prepare(self.package("timectl"), words=["--role", "server"]))
        self.assertEqual(before, snapshot(self.root))

    def test_a_card_that_is_provisioned_is_not_prepared(self):
        shutil.copy(TIMECTL, self.root / "usr/bin/timectl")
        self.add_package("chrony")
        self.assert_status(0, self.run_here("provision", "--role", "server", "--yes", "--no-rehearsal"))
        self.assert_refused(self.prepare(), "it is provisioned already, as pi-ntp.* provision changes it")

    def test_a_directory_that_is_no_card_is_said_to_be_none(self):
        (self.root / "var/lib/dpkg/status").unlink()
        self.assert_refused(self.prepare(self.package("timectl")), "there is no Debian system below it")

    def test_a_running_host_is_provisioned_now(self):
        for words in (["--at-first-boot"], ["--order", "00000000"], ["--order", "../../.."]):
            result = self.run_here("provision", *words, "--role", "server", "--yes")
            if words[0] == "--order":
                self.assert_status(2, result)
                self.assertIn("carries no order", result.err)

    def test_what_makes_a_plan_impossible_is_said_before_the_plan(self):
        hint = r"provision --host pi-ntp --at-first-boot --package timectl_VERSION_ARCH\.deb"
        self.assert_refused(self.run_here("provision", "--role", "server", "--yes"),
                            rf"timectl is not installed there.* {hint} has its first boot install it")
        for words in (["plan"], ["provision", "--dry-run"]):
            done = subprocess.run([TIMECTL, "--root", self.root, *words, "--role", "server"], text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=60, check=False)
            self.assertEqual(3, done.returncode, done.stdout)
            self.assertLess(done.stdout.index("timectl is not installed there"), done.stdout.index("\n+++ "))
        shutil.copy(TIMECTL, self.root / "usr/bin/timectl")
        self.assert_refused(self.run_here("provision", "--role", "server", "--yes"),
                            r"package 'chrony' is not installed.*provision --host pi-ntp --at-first-boot has its first")

    def test_the_interface_of_a_raspberry_pi_is_assumed_and_said(self):
        result = self.run_here("plan", "--role", "server")
        self.assert_status(3, result)
        self.assertIn("eth0 is assumed, because a card does not show its board", " ".join(result.out.split()))


class OtherCards(Card):
    def test_every_kind_of_card_is_prepared_for_either_role(self):
        for fixture, architecture in (("rpios-bookworm-wifi", "armhf"), ("rpios-trixie-nm", "arm64"),
                                      ("rpios-trixie-netplan", "arm64"), ("rpios-trixie-wifi", "arm64"),
                                      ("debian12-networkd", "amd64"), ("debian12-ifupdown", None),
                                      ("debian13-networkd", None)):
            for role in ("server", "client"):
                with self.subTest(fixture=fixture, role=role):
                    shutil.rmtree(self.scratch)
                    self.fixture = fixture
                    self.setUp()
                    if architecture:
                        self.assertIn(architecture, self.run_here("facts").out)
                    package = self.package("timectl", architecture or "all")
                    before = self.tree()
                    self.assert_status(0, self.prepare(package, words=["--role", role, "--yes"]))
                    self.assertTrue((self.root / UNIT).exists())
                    self.assert_status(0, self.run_here("uninstall", "--yes"))
                    self.assertEqual(before, self.tree())


if __name__ == "__main__":
    main()
