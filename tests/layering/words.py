#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Finds words that timectl does not use any more, in what git has of TREE and in subjects of commits to come.

usage: words.py TREE
A line that needs one (a former name that is still read) says so: it stands in EXCEPTIONS.
Without git nothing is read: ctest counts it as skipped.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

# The word, and what is said instead.
FORMER = [
    (r"vouch\w*|unvouched", "validate"),
    (r"(?:dis|un)?arm(?:s|ed|ing)?(?![\w-]*(?:hf|el|64))", "enable, disable (island mode)"),
    (r"whose(?: time (?:it|is|does)|_time)", "state of the time"),
    (r"way[ _]back", "rollback"),
    (r"authorit(?:y|ies)", "network back end"),
    (r"leftovers", "existing configuration"),
    (r"(?:un)?synchronis\w*|recognis\w*|unauthoris\w*|behaviour", "American spelling"),
]
# The same, in code, templates and documents alone: tests name scenarios and quote other people's sentences by these.
FORMER_IN_OURS = [
    (r"nobody|somebody|anybody|whoever", "the user, the operator, the process, the file"),
    (r"gate[sd]?", "allow, withdraw (power saving)"),
    (r"sane", "plausible, trusted"),
    (r"undone", "rolled back"),
    (r"left over", "existing"),
]
OURS = re.compile(r"^(lib|cli|templates|packaging|profiles|README\.md)")
WORD = re.compile("|".join(rf"\b(?:{word})\b" for word, _ in FORMER), re.IGNORECASE)
# Other people's words, recorded hosts and what is generated from them.
LEFT_OUT = re.compile(r"^(LICENSE|packaging/CHANGELOG\.md|packaging/debian/changelog|tests/(upgrade|fuzz/corpus|golden/(fixtures|trees))/"
                      r"|tests/layering/words)")
EXCEPTIONS = [
    re.compile(line) for line in (
        r"\barm(?:-|_boost|1176|v\d)|qemu(?:-system)?-arm|dtparam=i2c_arm|i2c_arm|arch/arm|CMAKE_SYSTEM_PROCESSOR arm",
        r"system-arm|processor.*\barm\b|\(ARM\b|\bARM1176|\bARM\b",
        r"Not synchronised",                                    # chronyc(1)
        r'"arm"|rtc arm|^\.B arm$|armed_invocation|vouched_(by|at)|whose_time|"authority"|may_arm|chrony\.unarmed|network\.authority|find\(.vouched',
        r"open a watchdog is to arm it|is to arm it\.",
        r"`trust: sane`|`undone`|\"undone\"",
        r"dhcp-authoritative|evidence `authority`|`authority`",
    )
]


def git(tree: Path, *words: str) -> str:
    done = subprocess.run(["git", "-c", f"safe.directory={tree}", "-C", str(tree), *words], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


WORD_IN_OURS = re.compile("|".join(rf"\b(?:{word})\b" for word, _ in FORMER_IN_OURS), re.IGNORECASE)


def instead_of(word: str) -> str:
    return next(better for former, better in FORMER + FORMER_IN_OURS if re.fullmatch(former, word, re.IGNORECASE))


def found_in(text: str, where: str) -> list[str]:
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if any(exception.search(line) for exception in EXCEPTIONS):
            continue
        found = [*WORD.finditer(line), *(WORD_IN_OURS.finditer(line) if OURS.search(where) else ())]
        problems += [f"{where}:{number}: '{word[0]}', say: {instead_of(word[0])}" for word in found]
    return problems


def check(tree: Path) -> list[str]:
    problems = []
    for name in filter(None, git(tree, "ls-files", "-z").split("\0")):
        path = tree / name
        if LEFT_OUT.search(name) or path.is_symlink() or not path.is_file():
            continue
        try:
            problems += found_in(path.read_text(encoding="utf-8"), name)
        except UnicodeDecodeError:
            continue
    base = git(tree, "merge-base", "HEAD", "origin/HEAD").strip()
    if base:
        subjects = git(tree, "log", "--format=%s", f"{base}..HEAD").splitlines()
        # A commit that gives a word up names it.
        problems += found_in("\n".join(each for each in subjects if not each.startswith("words: ")), "subjects of commits")
    return problems


if __name__ == "__main__":
    if not shutil.which("git"):
        print("skipped: no git")
        sys.exit(77)
    found = check(Path(sys.argv[1]).resolve())
    print("\n".join(found))
    print(f"{len(found)} former words")
    sys.exit(1 if found else 0)
