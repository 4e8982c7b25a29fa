# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Every finding that the program can print has a row, and 'timectl explain' knows all of them."""

import functools
import re
import unittest

from harness import SOURCE, main, timectl

PLACES = ("lib/probe", "lib/rehearse", "lib/monitor", "lib/observe", "lib/features", "cli")
# What else in these sources is a word, a dot and a word: units, a package, a file of ours.
OTHERS = re.compile(r"\.(service|target|io|prom|deb)$")


@functools.cache
def explain(*words):
    return timectl("explain", *words)


def code_of(path):
    """Without comments and includes."""
    lines = (line for line in path.read_text().splitlines() if not line.startswith("#include"))
    return re.sub(r"//[^\n]*", "", "\n".join(lines))


SOURCES = {path.relative_to(SOURCE): code_of(path) for place in PLACES
           for path in sorted((SOURCE / place).rglob("*.[ch]pp"))
           # The ntp.* commands are named like findings.
           if not path.stem.startswith("detect") and "aliases" not in path.parts}
ROW = re.compile(r"^inline constexpr (?:probe::)?FindingRow (\w+)\{\n(.*?)^\};", re.S | re.M)


def rows():
    """{identifier: (file, text of the row)}"""
    return {found[1]: (path, found[2]) for path, code in SOURCES.items()
            for found in ROW.finditer(code)}


def name_of(row):
    return re.search(r'\.name = "([^"]+)"', row)[1]


def names_in_sources():
    """The dotted literals: a finding's name is one, with or without a row."""
    found = {name for code in SOURCES.values()
             for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', code)}
    return {name for name in found if not OTHERS.search(name)} | {"owners"}


class EveryFinding(unittest.TestCase):
    def test_timectl_explains_every_name_that_the_sources_have(self):
        names = names_in_sources()
        self.assertLess(25, len(names))
        unknown = [name for name in sorted(names) if explain(name).status != 0]
        self.assertEqual([], unknown, "these have no row (rows.hpp, findings.hpp)")

    def test_a_rehearsal_names_all_findings_that_it_prints(self):
        """What it does not name could not be read back from the sandbox."""
        written = re.compile(r"^(?:constinit const (?:rehearse::)?Rehearsal|constexpr probe::FindingName) .*?;", re.S | re.M)
        files = [(path, code) for path, code in SOURCES.items() if re.search(r"^constinit const .*Rehearsal ", code, re.M)]
        self.assertLess(4, len(files))
        for path, code in files:
            named = {name for found in written.finditer(code) for name in re.findall(r"row::(\w+)", found[0])}
            self.assertEqual(set(re.findall(r"row::(\w+)", code)), named, path)

    def test_every_row_is_listed_once(self):
        written = sorted(name_of(row) for _, row in rows().values())
        self.assertLess(25, len(written))
        listed = sorted(each["probe"] for each in explain("--json").json["probes"])
        self.assertEqual(written, listed)

    def test_a_name_is_written_in_its_row_alone(self):
        names = {name_of(row) for _, row in rows().values()}
        self.assertIn("owners", names)
        for path, code in SOURCES.items():
            beside_rows = re.sub(r'\.name = "[^"]+"', "", code)
            again = names & set(re.findall(r'"([a-z_.]+)"', beside_rows))
            self.assertEqual(set(), again, f"{path}: use the row's constant")

    def test_a_remedy_asks_verify_only_for_what_it_knows(self):
        known = {name for _, row in rows().values() if "verify = true" in row for name in [name_of(row)]}
        known |= {name.split(".")[0] for name in known}
        texts = [re.sub(r'"\s*"', "", code) for code in SOURCES.values()]
        texts += [path.read_text().replace("\\-", "-") for place in ("README.md", "packaging/man", "packaging/doc")
                  for path in ([SOURCE / place] if place.endswith(".md") else sorted((SOURCE / place).iterdir()))
                  if path.is_file()]
        asked = {name for text in texts for words in re.findall(r"--only[ =]([a-z_.,]+)", text)
                 for name in words.strip(".,").split(",")}
        self.assertLess(3, len(asked))
        self.assertEqual(set(), asked - known)

    def test_a_verdict_that_is_given_beside_a_name_is_explained(self):
        explained = {each["probe"]: each["verdicts"]
                     for each in explain("--json").json["probes"]}
        names = {identifier: name_of(row) for identifier, (_, row) in rows().items()}
        beside = re.compile(r"\brow::(\w+),\s*(?:probe::)?Verdict::(\w+)")
        given = {(names[found[1]], found[2]) for code in SOURCES.values()
                 for found in beside.finditer(code)}
        self.assertLess(15, len(given))
        for name, verdict in sorted(given):
            if verdict != "skipped":
                self.assertIn(verdict, explained[name], name)


class Explain(unittest.TestCase):
    def setUp(self):
        self.findings = explain("--json").json["probes"]

    def test_every_finding_of_the_list_is_explained(self):
        names = [line.split()[0] for line in explain().out.splitlines()
                 if not line.startswith(" ")]
        self.assertEqual([each["probe"] for each in self.findings], names)
        for each in self.findings:
            result = explain(each["probe"])
            self.assertEqual(0, result.status, result)
            for words in ("asks: ", "why: ", "remedy: ", "printed by: " + each["printed_by"][0],
                          f"timectl-probes(7), {each['probe']}"):
                self.assertIn(words, result.out)
            for verdict in each["verdicts"]:
                self.assertIn(f"{verdict}: ", result.out)

    def test_an_explanation_is_whole_and_in_sentences(self):
        for each in self.findings:
            with self.subTest(finding=each["probe"]):
                self.assertTrue(each["question"].endswith("?"))
                self.assertTrue(each["verdicts"])
                self.assertTrue(each["printed_by"])
                for text in (each["asks"], each["why"], each["remedy"], *each["verdicts"].values()):
                    self.assertRegex(text, r"[.?]$")

    def test_only_what_a_check_after_a_change_prints_may_roll_it_back(self):
        for each in self.findings:
            text = explain(each["probe"]).out
            said = "timectl rolls the change back" in " ".join(text.split())
            self.assertEqual(each["may_roll_back"], said)
            if each["may_roll_back"]:
                self.assertIn("verify", each["printed_by"])
                self.assertIn("failed", each["verdicts"])

    def test_the_manual_page_is_made_of_the_same_words_in_three_groups(self):
        page = explain("--man").out
        self.assertEqual((SOURCE / "packaging/man/timectl-probes.7").read_text(), page,
                         "timectl explain --man > packaging/man/timectl-probes.7")
        groups = re.split(r"^\.SH FINDINGS OF ", page, flags=re.M)[1:]
        self.assertEqual(["VERIFY", "A REHEARSAL", "THE MONITOR"],
                         [group.splitlines()[0] for group in groups])
        for group, printer in zip(groups, ("verify", "rehearse", "monitor")):
            inside = [name.replace("\\-", "-") for name in re.findall(r"^\.SS (\S+)", group, re.M)]
            first = [each["probe"] for each in self.findings if each["printed_by"][0] == printer]
            self.assertEqual(first, inside)

    def test_a_finding_is_known_by_the_name_that_it_had(self):
        for former, name in (("controller.calm", "controller.hold_off"), ("chrony.unarmed", "island.disabled_at_start")):
            self.assertEqual(explain(name).out, explain(former).out)
            self.assertIn(name, explain(former).out)

    def test_a_finding_that_does_not_exist_is_refused_with_what_was_meant(self):
        result = explain("rtc.tme")
        self.assertEqual(2, result.status, result)
        self.assertIn("did you mean rtc.time?", result.err)
        self.assertIn("did you mean ntp.allow?", explain("ntp.allw").err)


if __name__ == "__main__":
    main()
