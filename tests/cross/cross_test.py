# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The package for another architecture, in the chroot it was built in.

usage: cross_test.py ARCH [UNIT]     UNIT: a build tree with the unit tests

The program runs under qemu-user as the weakest processor that the architecture is meant for.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
ARCHITECTURE = sys.argv.pop(1)
UNIT_TESTS = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None
# What readelf calls the machine, and the processor to run on.
MACHINES = {"arm64": ("AArch64", ["qemu-aarch64", "-cpu", "cortex-a53"]),
            "armhf": ("ARM", ["qemu-arm", "-cpu", "cortex-a7"]),
            "armel": ("ARM", ["qemu-arm", "-cpu", "arm1176"])}
ARM1176 = MACHINES["armel"][1]
# These ask for nothing that an emulator has not: no network, no D-Bus, no kernel of its own.
PROGRAM_TESTS = ["words", "profiles", "profile_init", "bad_input", "offline_root", "rollback", "take_over"]
# qemu-user hands on neither the stamps nor the refusals that datagrams ask sockets for, and leaves them waiting; it
# knows no mount_setattr(2) and, for 32 bits, no limit of memory; and any program is the emulator, which opens files,
# can be started and has a name.
NOT_EMULATED = {"probe_test": ['~"a probe for which no thread is to be had*"'],
                "system_linux_test": ["~[datagrams]", "~[sandbox]",
                                      '~"a program that was started under the lock does not keep it"',
                                      '~"a program that is no program is an error and not a crash"',
                                      '~"a bound UDP socket is found with its program"']}
SIGILL = -4


def said_by(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE,
                          **more).stdout


class Cross(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.deb = next((SOURCE / f"build/deb-{ARCHITECTURE}").glob(f"timectl_*_{ARCHITECTURE}.deb"))
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.place = Path(scratch.name)
        # Some tests run as another user than root.
        cls.place.chmod(0o755)
        said_by("dpkg-deb", "-x", cls.deb, cls.place / "tree")
        cls.binary = cls.place / "tree/usr/bin/timectl"
        cls.machine, cls.emulator = MACHINES[ARCHITECTURE]

    def on(self, emulator, *words):
        return subprocess.run([*emulator, self.binary, *words], text=True, capture_output=True, check=False)

    def test_its_dependencies_are_to_be_had(self):
        plan = said_by("apt-get", "-s", "--no-install-recommends", "install", self.deb)
        self.assertIn(f"Inst timectl:{ARCHITECTURE}", plan)

    def test_lintian_has_nothing_to_say(self):
        # It takes bytes of machine code for misspelled words, too; codespell reads the words where they are written.
        done = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--display-info", "--tag-display-limit=0",
                               "--suppress-tags=spelling-error-in-binary", self.deb], text=True, capture_output=True,
                              check=False)
        self.assertEqual("", done.stdout + done.stderr)

    def test_the_program_is_hardened(self):
        header, dynamic, symbols = (said_by("readelf", "-W", option, self.binary)
                                    for option in ("-hl", "-d", "--dyn-syms"))
        self.assertRegex(header, rf"Machine: +{self.machine}\n")
        self.assertRegex(header, r"Type: +DYN \(Position-Independent Executable")
        self.assertIn("GNU_RELRO", header)
        self.assertRegex(header, r"GNU_STACK .* RW +0x")
        self.assertRegex(dynamic, r"FLAGS.* NOW")
        self.assertRegex(symbols, r"__stack_chk_(fail|guard)")
        self.assertRegex(symbols, r"__\w+_chk@")

    @unittest.skipUnless(ARCHITECTURE == "arm64", "ARMv8.3 has signed return addresses")
    def test_return_addresses_are_signed(self):
        code = said_by("aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", self.binary)
        self.assertGreater(len(re.findall(r"\tpaciasp\n", code)), 1000)

    def test_the_program_runs_on_its_weakest_processor(self):
        done = self.on(self.emulator, "--version")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, r"^timectl \d+\.\d+\.\d+")

    @unittest.skipUnless(ARCHITECTURE == "armel", "armel is the one for ARMv6")
    def test_the_program_asks_for_no_more_than_an_arm1176_has(self):
        said = re.search(r"Tag_CPU_arch: v(\d+)(\w*)", said_by("readelf", "-A", self.binary))
        self.assertLessEqual(int(said.group(1)), 6, said.group(0))

    @unittest.skipUnless(ARCHITECTURE == "armhf", "armhf is the one for ARMv7")
    def test_on_a_pi_zero_w_this_package_does_not_run(self):
        # packaging/doc/raspberry-pi.md says so. Debian's own libraries for armhf end there too.
        self.assertIn("Tag_CPU_arch: v7", said_by("readelf", "-A", self.binary))
        self.assertEqual(SIGILL, self.on(ARM1176, "--version").returncode)

    def test_what_is_tested_of_the_program_here_holds_there(self):
        wrapper = self.place / "timectl"
        wrapper.write_text(f'#!/bin/sh\nexec {" ".join(self.emulator)} "{self.binary}" "$@"\n')
        wrapper.chmod(0o755)
        for topic in PROGRAM_TESTS:
            with self.subTest(topic):
                done = subprocess.run([sys.executable, "-B", SOURCE / f"tests/cli/{topic}_test.py"], text=True,
                                      capture_output=True, check=False,
                                      env={**os.environ, "TIMECTL": str(wrapper), "TIMECTL_SOURCE": str(SOURCE)})
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    @unittest.skipUnless(UNIT_TESTS, "asked for the package only")
    def test_what_is_tested_of_the_modules_here_holds_there(self):
        programs = sorted((UNIT_TESTS / "tests/unit").glob("*/*_test"))
        self.assertGreater(len(programs), 10)
        for program in programs:
            with self.subTest(program.name):
                done = subprocess.run([*self.emulator, program, *NOT_EMULATED.get(program.name, [])], text=True,
                                      capture_output=True, check=False, timeout=1800)
                self.assertEqual(0, done.returncode, done.stdout[-5000:] + done.stderr)
                print(f"{program.name}: {done.stdout.splitlines()[-2]}", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
