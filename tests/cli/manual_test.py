# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The manual against the program: nothing is undocumented, nothing is documented that is not there."""

import json
import os
import re
import shutil
import subprocess
import unittest

from harness import SOURCE, TIMECTL, main, timectl

PAGES = SOURCE / "packaging/man"


def commands():
    return [line.split("\t")[0] for line in timectl("complete", "--", "").out.splitlines()]


def plain(page):
    """Without fonts and escapes, as far as words are looked for."""
    return re.sub(r"\\f[BIR]", "", (PAGES / page).read_text()).replace("\\-", "-")


class Manual(unittest.TestCase):
    @unittest.skipIf(timectl("manual", "history").status != 0, "what ships does not write its manual")
    def test_what_the_pages_have_of_options_is_what_the_program_takes(self):
        done = subprocess.run([PAGES / "update", "--check", TIMECTL], text=True, capture_output=True, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr + done.stdout),
                         "packaging/man/update TIMECTL writes these pages")

    def test_there_is_a_page_for_each_command_and_for_nothing_else(self):
        pages = {page.name for page in PAGES.glob("*.1")}
        self.assertEqual({"timectl.1", *(f"timectl-{name}.1" for name in commands())}, pages)

    def test_every_option_of_the_help_is_in_the_page(self):
        for name in commands():
            page = plain(f"timectl-{name}.1")
            parts = re.findall(r"^\.SS timectl " + name + r" (\w+)", page, re.M)
            for words in ([name], *([name, part] for part in parts)):
                for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", timectl(*words, "--help").out, re.M):
                    if option not in ("--help", "--root", "--json", "--tools", "--version"):
                        self.assertIn(option, page, words)

    def test_options_of_the_program_are_in_its_page(self):
        page = plain("timectl.1")
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", timectl("--help").out, re.M):
            self.assertIn(option, page)

    def test_every_page_says_how_it_exits_and_shows_how_it_is_used(self):
        for page in sorted(PAGES.glob("*.1")):
            text = page.read_text()
            for section in ("DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
                self.assertIn(f"\n.SH {section}\n", text, page.name)

    def test_every_example_is_a_command_line_that_is_understood(self):
        for page in sorted(PAGES.glob("*.1")):
            examples = re.search(r"^\.SH EXAMPLES\n\.nf\n(.*?)^\.fi", plain(page.name), re.M | re.S).group(1)
            for words in re.findall(r"^(?:sudo )?timectl ([^&|>\n]*)", examples, re.M):
                # Help is said once the words before it were read; where they mean nothing, that is.
                result = timectl(*words.replace("/mnt/card", "/").replace("build/tools", "/").split(), "--help")
                self.assertEqual(0, result.status, f"{page.name}: {words}: {result}")

    def test_pages_refer_to_pages_that_there_are(self):
        ours = {page.name for page in PAGES.glob("*.[157]")}
        for page in PAGES.glob("*.[157]"):
            for name, section in re.findall(r"^\.BR (timectl[a-z-]*) \((\d)\)", plain(page.name), re.M):
                self.assertTrue(f"{name}.{section}" in ours or name == "timectl-COMMAND", f"{page.name}: {name}")

    def test_every_key_of_a_profile_is_in_its_page(self):
        schema = json.loads(timectl("profile", "schema").out)
        keys = plain("timectl-profile.5").split("\n.SH KEYS\n")[1]
        sections = dict(re.findall(r"^\.SS (.*?)\n(.*?)(?=^\.S[SH] |\Z)", keys, re.M | re.S))
        objects = {"The document": schema, "network": schema["properties"]["network"],
                   "A host": schema["definitions"]["host"]}
        objects |= {name: each for name, each in schema["definitions"].items()
                    if name != "host" and "properties" in each}
        for section, each in objects.items():
            for key, rule in each["properties"].items():
                expected = rf"former name is {key}\." if rule.get("deprecated") else rf"(?m)^\.B {re.escape(key)}$"
                self.assertRegex(sections[section], expected, section)

    def test_man_reads_every_page_without_a_warning(self):
        if shutil.which("man") is None:
            self.skipTest("no man: packaging/install-deps test")
        for page in sorted(PAGES.glob("*.[157]")):
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
                                  env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
            self.assertEqual("", done.stderr, page.name)


if __name__ == "__main__":
    main()
