# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""What Tab does: what timectl says may come next, and each shell typed at through a terminal."""

import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import SOURCE, TIMECTL, ScratchRoot, main, timectl

SCRIPTS = SOURCE / "packaging/completions"


def complete(*words):
    """Words that may come next, and whether paths may."""
    result = timectl("complete", "--", *words)
    assert result.status == 0 and result.err == "", result
    return [line.split("\t")[0] for line in result.out.splitlines()]


class Words(unittest.TestCase):
    def test_every_command_of_the_help_completes_and_no_other(self):
        listed = re.findall(r"^  ([a-z]+) ", timectl("--help").out.split("Set up:")[1], re.M)
        self.assertEqual(sorted(listed), sorted(complete("")))
        self.assertGreater(len(listed), 15)

    def test_every_option_of_the_help_completes(self):
        for command in complete(""):
            commands = [[command], *([command, each] for each in complete(command, "")
                                     if re.fullmatch("[a-z]+", each))]
            for words in commands:
                options = re.findall(r"^  (?:-\w,)?(--[a-z-]+)", timectl(*words, "--help").out, re.M)
                self.assertLessEqual(set(options), set(complete(*words, "-")), words)

    def test_options_of_the_program_complete_behind_a_command_too_and_once(self):
        self.assertIn("--json", complete("facts", "--"))
        self.assertNotIn("--json", complete("facts", "--json", "--"))
        self.assertIn("--tools", complete("facts", "--tools", "/a", "--"))

    def test_what_only_programs_use_is_not_offered(self):
        self.assertNotIn("--man", complete("explain", "-"))
        self.assertEqual([], complete("comp"))

    def test_values_are_those_that_the_program_takes(self):
        self.assertEqual(["text", "json", "tap", "junit", "nagios"], complete("verify", "--format", ""))
        self.assertEqual(["client", "server"], sorted(complete("plan", "--profile", "missing-link", "--role", "")))
        self.assertEqual(["--role=server"], complete("plan", "--profile=missing-link", "--role=s"))

    def test_a_word_that_bash_broke_at_its_equals_sign_is_understood(self):
        self.assertEqual(["server"], complete("plan", "--profile", "=", "missing-link", "--role", "=", "s"))
        self.assertEqual(["two-servers", ":files"], complete("plan", "--profile", "=", "two"))
        self.assertIn("nagios", complete("verify", "--format", "="))

    def test_hosts_are_those_of_the_profile_that_was_named(self):
        self.assertEqual(["pi-ntp-2"], complete("plan", "--profile", "two-servers", "--host", "pi-ntp-"))
        self.assertEqual([], complete("plan", "--profile", "missing-link", "--host", "pi-ntp-"))

    def test_probes_complete_by_name_and_in_lists_also_by_group(self):
        self.assertEqual(["ntp.reply"], complete("explain", "ntp.re"))
        self.assertIn("ntp", complete("verify", "--only", "nt"))
        self.assertNotIn("ntp", complete("explain", "nt"))
        self.assertNotIn("ntp.allow", complete("verify", "--only", "ntp.a"))

    def test_findings_of_rehearsal_and_monitor_complete_by_name(self):
        self.assertEqual(["ntp.access", "ntp.allow"], complete("explain", "ntp.a"))
        self.assertEqual(["rtc.drift"], complete("explain", "rtc.dr"))
        self.assertEqual(["rtc,ntp.reply"], complete("verify", "--skip", "rtc,ntp.re"))

    def test_profiles_complete_by_name_and_as_files(self):
        for words in (["--profile"], ["profile", "show"], ["profile", "validate", "one.json"]):
            at = ["plan", *words] if words == ["--profile"] else words
            self.assertEqual(["missing-link", ":files"], complete(*at, "mis"))

    def test_paths_are_for_the_shell_to_complete(self):
        self.assertEqual([":directories"], complete("--root", "/s"))
        self.assertEqual([":files"], complete("history", "--output", ""))

    def test_nonsense_completes_to_nothing_without_a_word(self):
        for words in (["nonsense", "x"], ["plan", "--nonsense=", ""], ["plan", "--host", "--profile", "/none", ""],
                      ["plan", "--profile", "/nonexistent.json", "--host", ""], ["facts", "--json=y"]):
            self.assertEqual([], complete(*words), words)


    def test_a_name_with_a_line_end_makes_no_line(self):
        with tempfile.TemporaryDirectory() as root:
            profiles = Path(root) / "etc/timectl/profiles"
            profiles.mkdir(parents=True)
            for name in ("mine.json", "m\n:files.json", "m\tx.json"):
                (profiles / name).write_text("{}")
            self.assertEqual(["mine", "missing-link", ":files"],
                             sorted(complete("--root", root, "profile", "show", "m"), key=lambda word: word[0] == ":"))


class Shell:
    """A shell at a terminal, in which timectl completes and otherwise says what it was given."""

    def __init__(self, name, home):
        self.name, self.home = name, Path(home)
        (self.home / "timectl").symlink_to(TIMECTL)
        argv = getattr(self, name)()
        self.master, slave = pty.openpty()
        environment = {"PATH": f"{home}:/usr/bin:/bin", "HOME": home, "ZDOTDIR": home, "TERM": "xterm",
                       "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, cwd=home,
                                        env=environment, start_new_session=True)
        os.close(slave)
        self.said = ""
        self.wait_for("READY\r")

    def bash(self):
        (self.home / "rc").write_text(
            f"PS1=; . {SCRIPTS}/timectl.bash\n"
            'timectl() { if [ "$1" = complete ]; then command timectl "$@"; else echo "GOT:$*:"; fi; }\n'
            "echo READ''Y\n")
        return ["bash", "--noprofile", "--rcfile", str(self.home / "rc"), "-i"]

    def zsh(self):
        (self.home / ".zshrc").write_text(
            f"PS1=; unsetopt prompt_cr prompt_sp; fpath=({SCRIPTS} $fpath); autoload -Uz compinit\n"
            "compinit -u -D\n"
            'timectl() { if [ "$1" = complete ]; then command timectl "$@"; else echo "GOT:$*:"; fi; }\n'
            "echo READ''Y\n")
        return ["zsh", "-o", "no_global_rcs", "-i"]

    def wait_for(self, pattern, seconds=30):
        """The match, once all of it has come. Byte by byte, as a terminal may hand a line over at any time."""
        deadline = time.monotonic() + seconds
        while (match := re.search(pattern, self.said)) is None:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.master], [], [], left)[0]:
                raise AssertionError(f"{self.name} did not say {pattern!r} but: {self.said!r}")
            self.said += os.read(self.master, 1).decode(errors="replace")
        return match

    def type(self, keys):
        """The line as it was after all Tabs."""
        self.said = ""
        os.write(self.master, keys.encode() + b"\r")
        words = self.wait_for(r"GOT:(.*?):\r\n")[1]
        # zsh takes the slash behind a directory away again when the line ends there.
        return [word.rstrip("/") for word in words.split()]

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


# What is typed, the words it has become when Enter is pressed; and for fish, which says what Tab would
# offer without a terminal, the line so far and the word offered.
LINES = [
    ("timectl prof\tval\t", ["profile", "validate"], "timectl profile val", "validate"),
    ("timectl plan --ta\t", ["plan", "--take-over"], "timectl plan --ta", "--take-over"),
    ("timectl verify --format ju\t", ["verify", "--format", "junit"], "timectl verify --format ju", "junit"),
    ("timectl verify --only rtc,ntp.re\t", ["verify", "--only", "rtc,ntp.reply"],
     "timectl verify --only rtc,ntp.re", "rtc,ntp.reply"),
    ("timectl plan --profile two\t--host pi-ntp-\t", ["plan", "--profile", "two-servers", "--host", "pi-ntp-2"],
     "timectl plan --profile two-servers --host pi-ntp-", "pi-ntp-2"),
    ("timectl plan --profile=missing-link --role=s\t", ["plan", "--profile=missing-link", "--role=server"],
     "timectl plan --profile=missing-link --role=s", "--role=server"),
    ("timectl --root car\t", ["--root", "card"], "timectl --root car", "card/"),
    ("timectl profile show si\t", ["profile", "show", "site.json"], "timectl profile show si", "site.json"),
]


class Shells(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.home = scratch.name
        (Path(self.home) / "card").mkdir()
        (Path(self.home) / "site.json").write_text("{}")

    def need(self, shell):
        if shutil.which(shell) is None:
            self.skipTest(f"no {shell}: packaging/install-deps test")

    def test_tab_in_bash(self):
        self.need("bash")
        self.assert_lines("bash")

    def test_tab_in_zsh(self):
        self.need("zsh")
        self.assert_lines("zsh")

    def assert_lines(self, name):
        shell = Shell(name, self.home)
        self.addCleanup(shell.close)
        for typed, expected, _, _ in LINES:
            self.assertEqual(expected, shell.type(typed), typed)

    def test_tab_in_fish(self):
        self.need("fish")
        (Path(self.home) / "timectl").symlink_to(TIMECTL)
        for _, _, line, expected in LINES:
            offered = subprocess.run(
                ["fish", "--no-config", "-c", f"source {SCRIPTS}/timectl.fish; complete -C '{line}'"],
                env={"PATH": f"{self.home}:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8"},
                cwd=self.home, text=True, capture_output=True, timeout=240, check=True).stdout
            self.assertIn(expected, [each.split("\t")[0] for each in offered.splitlines()], line)


class Generations(ScratchRoot):
    packages = ["chrony"]

    def test_generations_of_the_root_complete_with_their_command(self):
        self.assert_status(0, self.run_here("provision", "--yes", "--no-packages", "--role", "server"))
        generation = self.run_here("generations", "--json").json["generations"][0]["name"]
        for command in ("generations", "diff", "rollback"):
            self.assertEqual([generation], complete("--root", str(self.root), command, generation[:3]))
        said = timectl("complete", "--", "--root", self.root, "diff", "").out
        self.assertIn("\ttimectl --root", said)


if __name__ == "__main__":
    main()
