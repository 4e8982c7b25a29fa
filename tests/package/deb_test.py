# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The Debian package as packaging/build-deb makes it: its bytes, its contents, and what lintian says."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["TIMECTL_SOURCE"])
BUILD = Path(os.environ["TIMECTL_BUILD"])
# With libstdc++ and fmt in it (lib/monitor/README.md, "What a tick costs"). A bound on unintended growth: each larger
# one is a commit with its reason.
LIMIT = 3_250_000
LIBRARIES = {"libc.so.6", "libm.so.6"}


def said_by(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE,
                          **more).stdout


def build(directory, *options):
    log = directory.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as output:
        done = subprocess.run([SOURCE / "packaging/build-deb", *options, directory], stdout=output,
                              stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise AssertionError("".join(log.read_text().splitlines(True)[-40:]))
    return next(directory.glob("timectl_*.deb"))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The lab's hosts of this suite get the same package: who comes second finds it built.
        cls.deb = build(SOURCE / "build/deb", "--unless-built")
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.tree = Path(scratch.name)
        said_by("dpkg-deb", "-x", cls.deb, cls.tree)
        cls.binary = cls.tree / "usr/bin/timectl"

    def field(self, name):
        return said_by("dpkg-deb", "-f", self.deb, name).strip()

    def test_built_again_elsewhere_it_has_the_same_bytes(self):
        with tempfile.TemporaryDirectory(prefix="timectl-elsewhere-") as elsewhere:
            again = build(Path(elsewhere) / "a-longer-path")
            self.assertTrue(self.deb.read_bytes() == again.read_bytes(), "diffoscope tells what differs")

    def test_lintian_has_nothing_to_say(self):
        # Overrides (packaging/debian) carry their reasons. It takes machine code for words, too (tests/cross).
        done = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--display-info", "--tag-display-limit=0",
                               "--suppress-tags=spelling-error-in-binary", self.deb], text=True, capture_output=True,
                              check=False)
        self.assertEqual("", done.stdout + done.stderr)

    def test_it_has_what_people_look_for_and_nothing_outside_of_usr(self):
        files = {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if not path.is_dir()}
        self.assertEqual(set(), {name for name in files if not name.startswith("usr/")})
        share = "usr/share/"
        for name in ("usr/bin/timectl", "usr/lib/systemd/catalog/timectl.catalog",
                     share + "bash-completion/completions/timectl", share + "zsh/vendor-completions/_timectl",
                     share + "fish/vendor_completions.d/timectl.fish", share + "man/man1/timectl.1.gz",
                     share + "man/man1/timectl-provision.1.gz", share + "man/man5/timectl-profile.5.gz",
                     share + "man/man7/timectl-probes.7.gz", share + "timectl/profiles/missing-link.json",
                     share + "timectl/profiles/schema/profile.schema.json",
                     share + "timectl/schema/verify.schema.json", share + "timectl/prometheus/timectl.rules.yml",
                     share + "timectl/grafana/timectl.json", share + "doc/timectl/controller.py",
                     share + "timectl/templates/etc/chrony/conf.d/50-timectl.conf",
                     share + "doc/timectl/changelog.gz", share + "doc/timectl/copyright"):
            self.assertIn(name, files)
        for page in (SOURCE / "packaging/man").glob("*.[157]"):
            self.assertIn(f"{share}man/man{page.suffix[1]}/{page.name}.gz", files)

    def test_it_asks_for_no_time_daemon_and_is_in_the_way_of_none(self):
        needed = {word.split()[0] for word in self.field("Depends").split(", ")}
        self.assertEqual({"libc6", "libsystemd0"}, needed)
        self.assertEqual("systemd-timesyncd | time-daemon", self.field("Recommends"))
        for name in ("Conflicts", "Breaks", "Replaces", "Provides", "Pre-Depends"):
            self.assertEqual("", self.field(name), name)

    def test_the_program_is_small_and_loads_what_it_must(self):
        self.assertLess(self.binary.stat().st_size, LIMIT)
        asked = re.findall(r"NEEDED +(\S+)", said_by("objdump", "-p", self.binary))
        self.assertEqual(set(), {name for name in asked if not name.startswith("ld-")} - LIBRARIES)

    def test_the_program_is_hardened(self):
        header, dynamic, symbols = (said_by("readelf", "-W", option, self.binary)
                                    for option in ("-hl", "-d", "--dyn-syms"))
        self.assertRegex(header, r"Type: +DYN \(Position-Independent Executable")
        self.assertIn("GNU_RELRO", header)
        self.assertRegex(header, r"GNU_STACK .* RW +0x")
        self.assertRegex(dynamic, r"FLAGS.* NOW")
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__\w+_chk@")
        self.assertNotRegex(dynamic, "RPATH|RUNPATH")

    def test_its_stack_cannot_grow_over_the_guard_and_its_jumps_end_at_marks(self):
        if self.field("Architecture") != "amd64":
            self.skipTest("read from amd64's instructions; tests/cross has arm64's")
        code = said_by("objdump", "-d", "--no-show-raw-insn", self.binary)
        # How g++ touches each page of a large frame.
        self.assertRegex(code, r"\tor[ql] +\$0x0,\(%rsp\)")
        self.assertGreater(len(re.findall(r"\tendbr64\n", code)), 1000)

    def test_nothing_of_the_builder_is_in_the_program(self):
        text = self.binary.read_bytes()
        for place in (SOURCE, BUILD):
            self.assertNotIn(str(place).encode(), text)

    def test_the_version_is_the_programs_and_the_changelogs(self):
        version = re.search(r"project\(timectl VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text()).group(1)
        self.assertRegex(self.field("Version"), rf"^{re.escape(version)}~deb\d+$")
        self.assertIn(f"\n## {version}", (SOURCE / "packaging/CHANGELOG.md").read_text())


if __name__ == "__main__":
    for tool in ("dpkg-buildpackage", "dh", "lintian"):
        if shutil.which(tool) is None:
            print(f"skipped: no {tool}: packaging/install-deps build package")
            sys.exit(77)
    unittest.main()
