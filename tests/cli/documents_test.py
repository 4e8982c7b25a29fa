# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""README.md and packaging/doc: their links lead somewhere, and what they tell to type exists."""

import re
import shlex
import unittest

from harness import SOURCE, main, timectl

DOCUMENTS = [SOURCE / "README.md", *sorted((SOURCE / "packaging/doc").glob("*.md"))]
# Options whose next word is a value.
WITH_VALUE = ("--root", "--tools")


def anchors(text):
    """As the forges make them of headings."""
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def typed(text):
    """What stands in shell blocks and in code spans, a command each."""
    lines = [line for block in re.findall(r"^ *```(?:sh|console)\n(.*?)^ *```", text, re.M | re.S)
             for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S))
    for line in lines + spans:
        yield from re.split(r" && | \| |;", line.removeprefix("$ "))


def words_for_timectl(command):
    try:
        words = shlex.split(command, comments=True)
    except ValueError:  # a sentence with an apostrophe
        return None
    if words[:1] == ["sudo"]:
        words = words[1:]
    return words[1:] if words[:1] == ["timectl"] else None


def split(words):
    """The subcommand's words, and the options."""
    named, options, skip = [], [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            options.append(word.split("=")[0])
            skip = word in WITH_VALUE
        else:
            named.append(word)
    return named, options


class Documents(unittest.TestCase):
    def help_of(self, named):
        """Of each word that is a subcommand; where one has to stand, one does."""
        path, texts = [], [timectl("--help").out]
        for word in named:
            if not re.search(r"^Usage: .* \[?COMMAND", texts[-1], re.M):
                break
            self.assertRegex(texts[-1], rf"\n  {re.escape(word)} ")
            path.append(word)
            texts.append(timectl(*path, "--help").out)
        return "".join(texts)

    def test_every_link_leads_somewhere(self):
        for document in DOCUMENTS:
            for name, target in re.findall(r"\[([^]]+)\]\(([^)]+)\)", document.read_text()):
                path, _, anchor = target.partition("#")
                with self.subTest(document=document.name, link=name):
                    place = (document.parent / path).resolve() if path else document
                    self.assertTrue(place.exists(), target)
                    if anchor:
                        self.assertIn(anchor, anchors(place.read_text()))

    def test_every_command_that_is_told_exists_with_its_options(self):
        found = 0
        for document in DOCUMENTS:
            for words in filter(None, map(words_for_timectl, typed(document.read_text()))):
                with self.subTest(document=document.name, words=" ".join(words)):
                    named, options = split(words)
                    help_text = self.help_of(named)
                    for option in options:
                        self.assertRegex(help_text, rf"(?<![\w-]){re.escape(option)}(?![\w-])")
                    found += 1
        self.assertGreater(found, 60, "the documents are read")

    def test_each_test_that_the_security_page_names_is_there(self):
        """[file](path): "a sentence", "another": each in that file, as a sentence or a function's name."""
        text = re.sub(r"\s+", " ", (SOURCE / "packaging/doc/security.md").read_text())
        named = re.findall(r'\[([\w.]+)\]\(\.\./\.\./(tests/[^)]+)\): ((?:"[^"]+"(?:, )?)+)', text)
        self.assertGreater(len(named), 12)
        for name, path, sentences in named:
            lines = re.sub(r"\s+", " ", (SOURCE / path).read_text().replace("_", " "))
            for sentence in re.findall(r'"([^"]+)"', sentences):
                with self.subTest(file=name, test=sentence):
                    self.assertTrue(sentence in lines, f"{path} has no test of that name")


if __name__ == "__main__":
    main()
