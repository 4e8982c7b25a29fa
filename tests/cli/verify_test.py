# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import json
import os
import pty
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from harness import SOURCE, TIMECTL, ScratchRoot, main

try:
    import jsonschema
except ImportError:
    jsonschema = None
try:
    import junitparser
except ImportError:
    junitparser = None


def on_a_terminal(*words, **environment):
    """What timectl shows on a terminal of its own."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **environment}
    with subprocess.Popen([TIMECTL, *map(str, words)], stdin=subprocess.DEVNULL, stdout=follower,
                          stderr=subprocess.DEVNULL, env=environment):
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(leader)
    return shown.decode()


class Verify(ScratchRoot):
    def verify(self, *words):
        return self.run_here("verify", "--role", "server", *words)

    def document(self, name, schema, result):
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        rules = json.loads((SOURCE / "packaging/schema" / schema).read_text())
        jsonschema.Draft7Validator.check_schema(rules)
        jsonschema.validate(result.json, rules)
        return result.json[name]

    def test_the_json_is_as_its_published_schema_says(self):
        findings = self.document("findings", "verify.schema.json", self.verify("--format", "json"))
        self.assertEqual("timectl-probes(7), files.drift", findings[-1]["manual"])
        self.assertEqual(findings, self.verify("--json").json["findings"])

    def test_a_real_tap_parser_counts_the_failures(self):
        if not shutil.which("prove"):
            self.skipTest("prove (perl) is not installed")
        result = self.verify("--format", "tap")
        self.assert_status(3, result)
        script = self.scratch / "verify.t"
        script.write_text(f"cat <<'EOF'\n{result.out}EOF\n")
        done = subprocess.run(["prove", "--exec", "sh", script], capture_output=True, text=True,
                              check=False)
        findings = self.verify("--json").json["findings"]
        bad = [each for each in findings if each["verdict"] in ("failed", "unknown")]
        self.assertIn(f"Failed {len(bad)}/{len(findings)} subtests", done.stdout, done.stderr)
        self.assertNotIn("Parse errors", done.stdout)

    def test_the_junit_file_has_a_case_for_each_probe_and_the_right_sums(self):
        suite = ElementTree.fromstring(self.verify("--format", "junit").out).find("testsuite")
        findings = self.verify("--json").json["findings"]
        cases = suite.findall("testcase")
        self.assertEqual([each["probe"] for each in findings], [case.get("name") for case in cases])
        for attribute, verdict, tag in (("failures", "failed", "failure"),
                                        ("errors", "unknown", "error"),
                                        ("skipped", "skipped", "skipped")):
            expected = sum(each["verdict"] == verdict for each in findings)
            self.assertEqual(expected, int(suite.get(attribute)))
            self.assertEqual(expected, len(suite.findall(f"testcase/{tag}")))
        self.assertEqual(len(findings), int(suite.get("tests")))

    def test_a_reader_of_junit_files_finds_each_result_with_its_words(self):
        if junitparser is None:
            self.skipTest("python3-junitparser is not installed")
        file = self.scratch / "verify.xml"
        file.write_text(self.verify("--format", "junit").out, encoding="utf-8")
        suite = next(iter(junitparser.JUnitXml.fromfile(str(file))))
        findings = self.verify("--json").json["findings"]
        stated = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()  # counts the cases by itself
        self.assertEqual(stated, (suite.tests, suite.failures, suite.errors, suite.skipped))
        kinds = {"failed": junitparser.Failure, "unknown": junitparser.Error,
                 "skipped": junitparser.Skipped}
        for finding, case in zip(findings, suite, strict=True):
            with self.subTest(finding["probe"]):
                self.assertEqual(finding["probe"], case.name)
                kind = kinds.get(finding["verdict"])
                self.assertEqual([kind] if kind else [], [type(each) for each in case.result])
                said = case.result[0].message if kind else case.system_out
                self.assertIn(finding["summary"], said)

    def test_nagios_gets_one_line_and_its_own_exit_status(self):
        result = self.verify("--format", "nagios")
        self.assert_status(2, result)
        self.assertRegex(result.out, r"^TIMECTL CRITICAL - owners: .* \|[^|]*\n$")

    def test_nagios_is_told_unknown_when_nothing_could_be_asked(self):
        for words in (("--profile", self.scratch / "none.json"), ("--only", "ntp.repyl"),
                      ("--wait", "soon")):
            result = self.verify("--format", "nagios", *words)
            self.assert_status(3, result)
            self.assertRegex(result.out, r"^TIMECTL UNKNOWN - [^|\n]+\n$")

    def test_nagios_takes_what_was_skipped_for_no_answer(self):
        for words, said in ((("--only", "rtc", "--skip", "rtc.adjtime"), r"no probe of \S+ was asked \|"),
                            (("--only", "owners", "--skip", "owners"), "nothing is left to ask: only owners")):
            result = self.verify("--format", "nagios", *words)
            self.assert_status(3, result)
            self.assertRegex(result.out, r"^TIMECTL UNKNOWN - " + said)
        result = self.run_here("verify", "--role", "client", "--format", "nagios", "--only",
                               "rtc,owners")
        self.assert_status(0, result)
        self.assertRegex(result.out, r"^TIMECTL OK - 1 probes of ")

    def test_only_and_skip_take_names_and_what_stands_before_the_dot(self):
        result = self.verify("--json", "--only", "rtc,owners", "--skip", "rtc.boot")
        names = [each["probe"] for each in result.json["findings"]]
        self.assertEqual(["rtc.device", "rtc.time", "rtc.kernel", "rtc.battery", "rtc.adjtime", "owners"],
                         names)

    def test_a_probe_that_does_not_exist_is_refused_with_what_was_meant(self):
        for option in ("--only", "--skip"):
            result = self.verify(option, "ntp.repyl")
            self.assert_status(2, result)
            self.assertIn("did you mean ntp.reply?", result.err)

    def test_what_time_does_not_mend_is_not_waited_for(self):
        result = self.verify("--only", "files.drift", "--wait", "1h")
        self.assert_status(3, result)
        self.assertEqual("", result.err.replace("'timectl explain files.drift' explains its verdicts\n", ""))
        self.assertRegex(result.out, r"(?s)^failed +files\.drift .*\n1 failed\n$")

    def test_waiting_for_what_is_fine_does_not_wait(self):
        result = self.run_here("verify", "--role", "client", "--only", "owners", "--wait", "1h")
        self.assert_status(0, result)
        self.assertEqual("", result.err)

    def test_no_time_to_wait_is_a_wrong_command_line(self):
        for span in ("5", "0s", "-1s", "2d", "25h"):
            self.assert_status(2, self.verify(f"--wait={span}"))

    def test_a_terminal_gets_colours_unless_it_asks_for_none_and_a_pipe_gets_none(self):
        words = ("--root", self.root, "verify", "--role", "server")
        self.assertIn("\033[31m", on_a_terminal(*words))
        self.assertNotIn("\033", on_a_terminal(*words, NO_COLOR="1"))
        self.assertNotIn("\033", on_a_terminal(*words, TERM="dumb"))
        self.assertNotIn("\033", self.verify().out)

    def test_the_table_fits_a_page(self):
        for line in self.verify().out.splitlines():
            *_, last = re.split(r"\s+", line)
            self.assertTrue(len(line) <= 80 or len(last) > 40, line)


if __name__ == "__main__":
    main()
