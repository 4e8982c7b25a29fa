# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What a card, a journal or a command line holds is shown by a terminal and never obeyed by it."""

import contextlib
import fcntl
import json
import os
import pty
import random
import re
import select
import shutil
import struct
import subprocess
import termios
import tty
import unicodedata
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from harness import TIMECTL, Result, ScratchRoot, main, sealed

SERVER = ["--role", "server"]
PROVISION = ["provision", "--yes", "--no-packages", *SERVER]
DROP_IN = "etc/chrony/conf.d/50-timectl.conf"
GENERATIONS = "var/lib/timectl/generations"
OWN_COLOURS = re.compile("\x1b\\[(?:31|32|33|36|1|0)m")

# No sequence of timectl's own colors is among them.
HOSTILE = [b"\x1b]0;pwned\x07", b"\x1b[2J", b"\x9b35m", "\u009b35m".encode(), b"\b\b\b", b"\r",
           b"\x7f", "\u202e".encode(), "\u2066".encode(), "\u200b".encode(), "\ufeff".encode(),
           "\u2028".encode(), "\U000e0041".encode(), b"\xff\xfe", b"\v\f"]
ALL_HOSTILE = b"".join(HOSTILE)
AS_TEXT = "\x1b]0;pwned\x07\u009b35m\b\r\x7f\u202e\u2066\u200b\u2028\U000e0041"
FORGED = "\nok        time.quality  forged\n"

# Commands that read a root, or would change it.
LOOKS = [["facts"], ["plan", *SERVER], ["plan", *SERVER, "--take-over"], ["status", *SERVER],
         ["generations"], ["generations", "1"], ["diff"], ["history"], ["verify", *SERVER],
         ["verify", *SERVER, "--format", "tap"], ["verify", *SERVER, "--format", "junit"],
         ["verify", *SERVER, "--format", "nagios"], ["profile", "list"], ["profile", "validate"],
         ["provision", "--dry-run", *SERVER], ["rollback", "--dry-run"],
         ["uninstall", "--dry-run"]]
# Those that read a journal or the record.
LOOKS_AT_STATE = [["facts"], ["plan"], ["status"], ["generations", "1"], ["diff"],
                  ["rollback", "--dry-run"], ["uninstall", "--dry-run"]]
# Cf, but with a shape of its own: Prepended_Concatenation_Mark of Unicode, and Egyptian joiners.
SEEN = {*range(0x600, 0x606), 0x6dd, 0x70f, 0x890, 0x891, 0x8e2, 0x110bd, 0x110cd,
        *range(0x13430, 0x13460)}


def raw_in(shown):
    """The characters in `shown` that a terminal would act upon, or that are invisible."""
    text = shown.decode(errors="surrogateescape")
    return {f"U+{ord(c):04x}" for c in text
            if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")
            and c not in "\n\t" and ord(c) not in SEEN}


def run(*words, **more):
    """What timectl writes into pipes, in bytes."""
    done = subprocess.run([TIMECTL, *words], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=240, check=False, **more)
    return Result(done)


def on_a_terminal(*words, typed=b"", **more):
    """Both streams as a terminal gets them, without timectl's own colors."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, more.pop("columns", 80), 0, 0))
    tty.setraw(follower)  # its line discipline would add a CR to each newline
    environment = {**os.environ, "TERM": "xterm", "TIMECTL_PAGER": "cat", **more.pop("env", {})}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen([TIMECTL, *words], stdin=follower, stdout=follower, stderr=follower,
                          env=environment, **more) as child:
        os.close(follower)
        os.write(leader, typed)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while select.select([leader], [], [], 60)[0] and (part := os.read(leader, 65536)):
                shown += part
        child.kill()
    os.close(leader)
    return OWN_COLOURS.sub("", shown.decode(errors="surrogateescape")).encode(
        errors="surrogateescape")


class Terminal(ScratchRoot):
    packages = ["chrony"]

    def at(self, path):
        """A file below the root, its directory made."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def here(self, words):
        return ["--root", self.root, *words]

    def shown_safely(self, words):
        """All that is said in a pipe and on a terminal, with nothing raw in it."""
        result = run(*words)
        terminal = b"" if "--json" in words else on_a_terminal(*words)
        for where, shown in (("stdout", result.out), ("stderr", result.err), ("tty", terminal)):
            self.assertEqual(set(), raw_in(shown), f"{words} on {where}: {shown!r}")
            for line in shown.decode().splitlines():
                self.assertFalse(line.startswith("ok        time.quality  forged"), shown)
        self.assertGreaterEqual(result.status, 0, result)
        return (result.out + result.err).decode()

    def all_looks_are_safe(self, looks=None):
        said = ""
        for words in looks or LOOKS:
            said += self.shown_safely(self.here(words))
            if "--format" not in words:
                said += self.shown_safely(self.here(["--json", *words]))
        return said

    def provisioned(self):
        self.assert_status(0, self.run_here(*PROVISION))

    def test_escapes_in_a_cards_hosts_and_host_name_are_written_out(self):
        self.at("etc/hosts").write_bytes(
            b"127.0.0.1 localhost" + ALL_HOSTILE + b"\n192.168.4.2 pi-ntp " + ALL_HOSTILE + b"\n")
        self.at("etc/hostname").write_bytes(ALL_HOSTILE + b"\n")
        self.at("etc/os-release").write_bytes(b'PRETTY_NAME="' + ALL_HOSTILE + b'"\nID=debian\n')
        said = self.all_looks_are_safe()
        for escape in (r"\x1b]0;pwned\x07", r"\x9b35m", r"\u009b35m", r"\x08", r"\x7f", r"\u202e",
                       r"\u200b", r"\u2028", r"\U000e0041", r"\xff\xfe"):
            self.assertIn(escape, said)

    def test_names_and_lines_of_existing_configuration_are_written_out(self):
        # The name of a file may hold any byte but these two.
        name = ALL_HOSTILE.replace(b"/", b"") + FORGED.encode()
        for directory in (b"etc/chrony/conf.d", b"etc/chrony/sources.d", b"etc/network/interfaces.d",
                          b"etc/timectl/profiles", b"etc/dnsmasq.d", b"etc/systemd/system"):
            path = os.fsencode(self.root) + b"/" + directory
            os.makedirs(path, exist_ok=True)
            for suffix in (b".conf", b".sources", b".json", b".service", b""):
                with open(path + b"/" + name + suffix, "wb") as file:
                    file.write(b"server 10.0.0.1 " + ALL_HOSTILE + b"\nlocal stratum 5\nrtcsync\n")
        self.at("etc/chrony/chrony.conf").write_bytes(
            b"confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"
            b"local stratum 8 " + ALL_HOSTILE + b"\nallow 1.2.3.4/" + ALL_HOSTILE + b"\n")
        self.assertIn(r"\x1b", self.all_looks_are_safe())

    def test_an_edited_file_is_shown_line_by_line_whatever_it_holds(self):
        self.provisioned()
        chance = random.Random(15)
        lines = [bytes(chance.randrange(256) for _ in range(chance.randrange(60))).replace(b"\n", b"")
                 for _ in range(200)]
        with open(self.root / DROP_IN, "ab") as file:
            file.write(b"\n".join(lines) + b"\n")
        for words in (["plan", *SERVER], ["diff"]):
            said = self.shown_safely(self.here(words))
            changed = re.findall(r"(?m)^[-+](?![-+])", said)
            self.assertGreaterEqual(len(changed), 190, said)
            self.shown_safely(self.here(["--json", *words]))

    def test_tabs_and_letters_of_all_scripts_are_left_as_they_are_in_a_diff(self):
        self.provisioned()
        with open(self.root / DROP_IN, "a", encoding="utf-8") as file:
            file.write("#\tZürich, 時刻, час, \\x1b\n")
        said = self.shown_safely(self.here(["plan", *SERVER]))
        self.assertIn("-#\tZürich, 時刻, час, \\x1b\n", said)

    def test_escapes_in_a_journal_and_in_the_record_are_written_out(self):
        self.provisioned()
        record = self.root / "var/lib/timectl/current.json"
        journal = next((self.root / GENERATIONS).glob("*/journal.json"))
        intact = {path: path.read_text() for path in (record, journal)}
        for state in ("committed", "begun", "waiting", "undone"):
            for path, text in intact.items():
                document = json.loads(text)
                for key, value in document.items():
                    if isinstance(value, str) and key not in ("state", "started"):
                        document[key] = value + AS_TEXT + FORGED
                for key in ("user", "command", "reason", "until", "host", "role", "profile"):
                    document[key] = "x" + AS_TEXT + FORGED
                if "state" in document:
                    document["state"] = state
                path.write_text(sealed(document))
            self.all_looks_are_safe(LOOKS_AT_STATE)
        journal.write_text("{" + AS_TEXT)
        self.all_looks_are_safe([["generations"], ["diff"]])

    def test_errors_show_what_the_command_line_holds(self):
        nasty = os.fsencode(self.scratch) + b"/" + ALL_HOSTILE.replace(b"/", b"")
        bare = nasty + b"bare"
        os.mkdir(bare)
        broken = nasty + b".json"
        with open(broken, "wb") as file:
            file.write(b'{"name": 1, "no' + b"\xe2\x80\xae" + b'pe": "\\u001b]0;pwned\\u0007"}')
        empty = nasty + b"empty.json"
        with open(empty, "wb") as file:
            file.write(ALL_HOSTILE)
        text = ALL_HOSTILE + FORGED.encode()
        for words in ([b"--root", bare, b"facts"], [b"--root", bare, b"plan", *SERVER],
                      [b"--root", bare, b"status"], [b"--root", bare, *PROVISION]):
            self.shown_safely(words)
        for words in ([b"--root", nasty + b"none", b"facts"],
                      [b"profile", b"validate", broken, empty, text],
                      [b"profile", b"show", text], [b"plan", b"--profile", broken],
                      [b"plan", b"--profile", text + b".json"], [b"plan", b"--role", text],
                      [b"plan", b"--host", text], [b"verify", *SERVER, b"--only", text],
                      [b"verify", b"--format", text], [b"verify", *SERVER, b"--wait", text],
                      [b"verify", b"--format", b"nagios", b"--profile", text],
                      [b"explain", text], [b"history", b"--since", text], [b"facts", text],
                      [b"history", b"--output", text], [b"render", b"--output", broken],
                      [b"facts", b"--" + text], [b"generations", text], [b"diff", text, text],
                      [b"rollback", b"--dry-run", text], [b"probe", b"ntp", text + b"x" * 70],
                      [b"--tools", text, b"facts"]):
            said = self.shown_safely(self.here(words) if words[0][:2] != b"--" else words)
            self.assertIn("\\x1b]0;pwned\\x07", said, words)

    def test_each_mistake_of_a_profile_is_a_line_and_a_newline_in_one_is_none(self):
        path = self.scratch / "a\nb.json"
        path.write_text('{"name": 1, "nope": 2}')
        result = run("profile", "validate", path)
        lines = result.err.decode().splitlines()
        self.assertGreater(len(lines), 2, result)
        for line in lines:
            self.assertRegex(line, r"^timectl: (error: .*/a\\nb\.json:\d+:\d+: |hint: )")

    def test_who_and_what_are_recorded_as_they_are_shown(self):
        path = os.fsencode(self.scratch) + b"/" + ALL_HOSTILE.replace(b"/", b"") + b".json"
        with open(path, "wb") as file:
            file.write(run("profile", "show", "missing-link").out)
        environment = {**os.environb, b"SUDO_USER": ALL_HOSTILE, b"USER": ALL_HOSTILE}
        result = run(*self.here([*PROVISION, "--profile", path]), env=environment)
        self.assert_status(0, result)
        journal = json.loads(next((self.root / GENERATIONS).glob("*/journal.json")).read_text())
        recorded = json.dumps(journal, ensure_ascii=False)
        self.assertIn(r"\\x1b]0;pwned\\x07", recorded)
        self.assertEqual(set(), raw_in(recorded.encode()))
        self.assertIn(r"\x1b]0;pwned\x07", self.shown_safely(self.here(["generations"])))

    def test_a_question_is_asked_without_escapes(self):
        self.at("etc/hosts").write_bytes(b"192.168.4.2 pi-ntp " + ALL_HOSTILE + b"\n")
        words = ["provision", "--no-packages", *SERVER]
        shown = on_a_terminal(*self.here(words), typed=b"n\n")
        self.assertIn(b"[y/N]", shown)
        self.assertIn(rb"\x1b]0;pwned\x07", shown)
        self.assertEqual(set(), raw_in(shown))

    def test_json_has_the_same_values_without_a_character_that_hides(self):
        self.provisioned()
        with open(self.root / DROP_IN, "a", encoding="utf-8") as file:
            file.write("# " + AS_TEXT + "\n")
        result = run(*self.here(["--json", "plan", *SERVER]))
        self.assertEqual(set(), raw_in(result.out))
        diffs = [each.get("diff", "") for each in json.loads(result.out)["changes"]]
        self.assertIn("-# " + AS_TEXT + "\n", "".join(diffs))

    def test_a_profile_is_written_byte_for_byte_into_a_file_and_shown_on_a_terminal(self):
        path = self.scratch / "site.json"
        text = b'{"description": "' + ALL_HOSTILE + b'"}\r\n'
        path.write_bytes(text)
        self.assertEqual(text, run("profile", "show", path).out)
        shown = on_a_terminal("profile", "show", path)
        self.assertEqual(set(), raw_in(shown))
        self.assertIn(rb"\x1b]0;pwned\x07", shown)

    def test_formats_for_other_programs_stay_whole(self):
        template = self.at("etc/timectl/templates/" + DROP_IN)
        template.write_bytes("{{a\u202e\uffff<&\\# SKIP}}\n".encode())
        words = self.here(["verify", *SERVER, "--format"])
        suite = ElementTree.fromstring(run(*words, "junit").out)
        messages = [each.get("message", "") for each in suite.iter()]
        self.assertTrue(any(r"\u202e\uffff<&\# SKIP" in each for each in messages), messages)
        tap = run(*words, "tap").out.decode()
        self.assertEqual(set(), raw_in(tap.encode()))
        plan = int(re.search(r"(?m)^1\.\.(\d+)$", tap)[1])
        self.assertEqual(plan, len(re.findall(r"(?m)^(?:not )?ok ", tap)), tap)
        point = re.search(r"(?m)^not ok \d+ - files\.drift.*$", tap)[0]
        # A '#' behind an even number of backslashes is a directive.
        self.assertNotRegex(point, r"(?<!\\)(\\\\)*#", tap)
        self.assertEqual(1, len(run(*words, "nagios").out.splitlines()))

    def test_a_shell_is_offered_no_word_that_it_would_run_or_obey(self):
        profiles = self.at("etc/timectl/profiles/site.json").parent
        text = run("profile", "show", "missing-link").out
        (profiles / "site.json").write_bytes(text)
        for name in (b"s$(reboot)", b"s`reboot`", b"s;reboot", b"s|x", b"s&x", b"s x", b"s'x", b's"x',
                     b"s\\x", b"s>x", b"s*", b"s" + ALL_HOSTILE.replace(b"/", b""), b"s\nok"):
            with open(os.fsencode(profiles) + b"/" + name + b".json", "wb") as file:
                file.write(text)
        result = run("complete", "--", "--root", self.root, "plan", "--profile", "s")
        self.assertEqual(set(), raw_in(result.out))
        words = [line.split("\t")[0] for line in result.out.decode().splitlines()]
        self.assertEqual(["site", ":files"], words, result)

    @unittest.skipIf(shutil.which("chronyc"), "a chronyc that is installed comes first")
    def test_what_a_daemon_says_is_written_out(self):
        chronyc = self.scratch / "tools/usr/bin/chronyc"
        chronyc.parent.mkdir(parents=True)
        words = self.scratch / "words"
        words.write_bytes(ALL_HOSTILE + FORGED.encode())
        chronyc.write_text(f"#!/bin/sh\ncat '{words}'\nexit 1\n")
        chronyc.chmod(0o755)
        said = self.shown_safely(self.here(["--tools", self.scratch / "tools", "clients", *SERVER]))
        self.assertIn(r"\x1b]0;pwned\x07", said)
        self.assertIn(r"\nok ", said)


class Help(unittest.TestCase):
    def test_the_answer_to_help_comes_through_the_same_layer(self):
        for words in (["--help"], ["--version"], ["plan", "--help"]):
            result = run(*words)
            self.assertEqual((0, b""), (result.status, result.err))
            self.assertEqual(set(), raw_in(result.out))
            self.assertIn(b"timectl", result.out)


class OneLayer(unittest.TestCase):
    """No other code may write to the standard streams."""

    WRITES = re.compile(r"fputs|fwrite|[^sn]printf|fmt::print|std::c(?:out|err|log)\b|[^s]puts\(|"
                        r"STD(?:OUT|ERR)_FILENO")
    ALLOWED = {
        "cli/report.cpp", "cli/progress.cpp",    # the layer
        "cli/page.cpp", "cli/pager.cpp",         # ask whether it is a terminal, and how wide
        "cli/commands/island.cpp",               # a constant, in a signal handler
        "lib/system/linux/processes_child.cpp",  # the child's own streams, which are pipes
    }

    def test_nothing_but_report_writes_to_the_standard_streams(self):
        source = Path(os.environ["TIMECTL_SOURCE"])
        writers = {str(file.relative_to(source))
                   for top in ("cli", "lib") for file in (source / top).rglob("*.[ch]pp")
                   if self.WRITES.search(file.read_text(encoding="utf-8"))}
        self.assertEqual(set(), writers - self.ALLOWED)


if __name__ == "__main__":
    main()
