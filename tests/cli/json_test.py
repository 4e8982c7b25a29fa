# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""With --json each command prints one document, also when it fails, and a published schema describes it."""

import json
import os
import subprocess
import unittest

from harness import FIXTURES, SOURCE, TIMECTL, Result, ScratchRoot, main, timectl

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMAS = SOURCE / "packaging/schema"
SERVER = ("--role", "server")


def check(name, document):
    """Throws where the document is not what the schema `name` says."""
    if jsonschema is None:
        raise unittest.SkipTest("python3-jsonschema is not installed")
    jsonschema.validate(document, json.loads((SCHEMAS / f"{name}.schema.json").read_text()))


def fed(text, *words):
    """timectl with `text` on standard input."""
    return Result(subprocess.run([TIMECTL, *map(str, words)], input=text, text=True, capture_output=True,
                                 timeout=240, check=False))


class Schemas(unittest.TestCase):
    def test_each_schema_is_one_and_says_what_it_is_for(self):
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        for path in SCHEMAS.glob("*.json"):
            rules = json.loads(path.read_text())
            jsonschema.Draft7Validator.check_schema(rules)
            self.assertTrue(rules["title"].startswith(("What timectl", "Findings")), path)


class Documents(ScratchRoot):
    packages = ("chrony",)

    def one(self, status, schema, *words):
        result = self.run_here("--json", *words)
        self.assert_status(status, result)
        check(schema, result.json)
        return result.json

    def test_provision_prints_the_same_document_however_it_ends(self):
        dry = self.one(3, "provision", "provision", "--dry-run", *SERVER)
        self.assertEqual((False, None, []), (dry["changed"], dry["generation"], dry["findings"]))
        self.assertEqual(self.one(3, "plan", "plan", *SERVER), dry["plan"])
        unclear = self.one(2, "provision", "provision", "--yes", "--role", "nobody-is-this")
        self.assertEqual(("usage", None), (unclear["error"]["kind"], unclear["plan"]))
        refused = self.one(2, "provision", "provision", *SERVER)  # no --yes, and no terminal
        self.assertEqual((False, "usage"), (refused["changed"], refused["error"]["kind"]))
        self.assertEqual(dry["plan"], refused["plan"])
        done = self.one(0, "provision", "provision", "--yes", *SERVER)
        self.assertEqual((True, None), (done["changed"], done["error"]))
        self.assertEqual(self.one(0, "generations", "generations")["generations"][-1]["name"], done["generation"])
        again = self.one(0, "provision", "provision", "--yes", *SERVER)
        self.assertEqual((False, None, []), (again["changed"], again["generation"], again["plan"]["changes"]))

    def test_a_package_that_is_missing_is_an_error_in_the_document(self):
        self.remove_package("chrony")
        document = self.one(1, "provision", "provision", "--yes", *SERVER)
        self.assertEqual(("missing", False), (document["error"]["kind"], document["changed"]))
        self.assertIn("apt-get install chrony", document["error"]["hint"])

    def test_commands_about_a_host_print_what_their_schemas_say(self):
        self.one(0, "recover", "recover")
        self.one(0, "generations", "generations")
        self.one(0, "provision", "provision", "--yes", *SERVER)
        self.one(0, "plan", "plan", *SERVER)
        self.one(0, "facts", "facts")
        self.one(0, "render", "render", *SERVER)
        self.one(0, "diff", "diff")
        drifted = self.root / "etc/timectl/profile.json"
        self.assertFalse(drifted.exists())
        (self.root / "etc/chrony/conf.d/50-timectl.conf").write_text("# mine\n")
        self.one(3, "diff", "diff")
        self.one(3, "verify", "verify", *SERVER)
        self.one(0, "status", "status", *SERVER)  # nothing of what it shows is known below a root
        self.one(3, "plan", "rollback", "--dry-run", "--take-over")
        self.one(0, "rollback", "rollback", "--yes", "--take-over")
        self.one(0, "uninstall", "uninstall", "--yes")
        self.one(1, "error", "confirm")

    def test_commands_about_profiles_and_findings_print_what_their_schemas_say(self):
        self.one(0, "profiles", "profile", "list")
        self.one(0, "profiles", "profile", "validate", "missing-link")
        wrong = self.scratch / "wrong.json"
        wrong.write_text('{"xname": 1}')
        self.assertFalse(self.one(2, "profiles", "profile", "validate", wrong)["profiles"][0]["valid"])
        self.one(0, "explain", "explain")
        self.one(0, "explain", "explain", "chrony.sync")

    def test_an_error_is_a_document_on_standard_output_and_a_sentence_on_the_other(self):
        for status, words in ((2, ["verify", "--role", "sevrer"]), (2, ["plan", "--unknown"]), (2, ["nothing"]), (2, []),
                              (2, ["verify", "--role", "server", "--only", "no.such"]), (1, ["diff"]), (2, ["profile", "show", "no-such"])):
            result = self.run_here(*words, "--json")
            self.assert_status(status, result)
            check("error", result.json)
            self.assertEqual(status, result.json["error"]["exit_status"], result)
            first = result.json["error"]["problems"][0]
            self.assertIn(first.split()[0], result.err)
            self.assertIn("error: ", result.err)
        result = self.run_here("verify", "--format", "json", "--role", "sevrer")
        check("error", result.json)

    def test_what_follows_the_end_of_options_is_no_wish_for_json(self):
        result = self.run_here("diff", "--", "--json")
        self.assertEqual("", result.out, result)

    def test_a_profile_may_come_on_standard_input(self):
        text = self.run_here("profile", "show", "missing-link").out
        given = fed(text, "--root", self.root, "--json", "plan", "--profile", "-", *SERVER)
        self.assert_status(3, given)
        named = self.scratch / "named.json"
        named.write_text(text)
        self.assertEqual(self.one(3, "plan", "plan", "--profile", named, *SERVER), given.json)
        done = fed(text, "--root", self.root, "provision", "--yes", "--profile", "-", *SERVER)
        self.assert_status(0, done)
        self.assertEqual(text, (self.root / "etc/timectl/profile.json").read_text())
        self.assertIn("/dev/stdin: ok", fed(text, "profile", "validate", "-").out)

    def test_bad_input_on_standard_input_is_refused_with_its_place(self):
        wrong = fed('{"xname": 1}', "--root", self.root, "plan", "--profile", "-", *SERVER)
        self.assert_status(2, wrong)
        self.assertIn("/dev/stdin:1:", wrong.err)
        self.assert_status(2, fed("", "--root", self.root, "plan", "--profile", "-", *SERVER))
        text = self.run_here("profile", "show", "missing-link").out
        both = fed(text, "plan", "--profile", "-", "--facts", "-", *SERVER)
        self.assert_status(2, both)
        self.assertIn("put one of them into a file", both.err)
        long = fed("x" * (1 << 21), "--root", self.root, "plan", "--profile", "-", *SERVER)
        self.assert_status(2, long)
        self.assertIn("larger than 1 MiB", long.err)


class SetUpScript(ScratchRoot):
    """packaging/doc/setup-site.sh, with a root for the host and a systemctl that only notes what it is told."""
    packages = ("chrony",)

    def run_script(self, *words):
        programs = self.scratch / "bin"
        programs.mkdir(exist_ok=True)
        for name, line in (("timectl", f'exec "{TIMECTL}" --root "{self.root}" "$@"'),
                           ("systemctl", f'echo "$@" >>"{self.scratch}/told"')):
            (programs / name).write_text(f"#!/bin/sh\n{line}\n")
            (programs / name).chmod(0o755)
        return Result(subprocess.run([SOURCE / "packaging/doc/setup-site.sh", *words], capture_output=True, text=True,
                                     check=False, stdin=subprocess.DEVNULL, timeout=240, cwd=self.scratch,
                                     env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}))

    def test_it_sets_a_host_up_twice_and_says_what_went_wrong(self):
        (self.scratch / "site.json").write_text(self.run_here("profile", "show", "missing-link").out)
        for _ in range(2):
            done = self.run_script("server")
            self.assert_status(0, done)
            self.assertIn("is set up as server", done.out)
        self.assertTrue((self.root / "etc/timectl/profile.json").exists())
        self.assertFalse((self.scratch / "told").exists())  # a root is not rebooted
        wrong = self.run_script("sevrer")
        self.assert_status(2, wrong)
        self.assertIn("sevrer", wrong.err)


class OtherHosts(ScratchRoot):
    """Of another host there are its facts alone."""
    packages = ("chrony",)

    def facts(self):
        path = self.scratch / "facts.json"
        path.write_text(self.run_here("facts", "--json").out)
        return path

    def test_facts_that_are_read_back_are_the_same_facts(self):
        for fixture in sorted(FIXTURES.iterdir()):
            printed = timectl("--root", fixture, "facts", "--json")
            check("facts", printed.json)
            here = timectl("--root", fixture, "--json", "render", *SERVER)
            path = self.scratch / f"{fixture.name}.json"
            path.write_text(printed.out)
            there = timectl("--json", "render", "--facts", path, *SERVER)
            self.assertEqual(here.status, there.status, f"{fixture.name}: {there}")
            if here.status != 0:
                continue
            names = [[each["name"] for each in document["units"]] for document in (here.json, there.json)]
            self.assertEqual(names[0], names[1], fixture.name)
            for key in ("packages", "host", "role"):
                self.assertEqual(here.json[key], there.json[key], fixture.name)

    def test_the_files_of_a_host_without_others_are_what_it_renders_itself(self):
        here = self.run_here("--json", "render", *SERVER).json
        there = timectl("--json", "render", "--facts", self.facts(), *SERVER).json
        piped = fed(self.facts().read_text(), "--json", "render", "--facts", "-", *SERVER).json
        self.assertEqual(there, piped)
        for document in (here, there):
            document.pop("notes")  # of chrony.conf, which facts do not have
        self.assertEqual(here, there)

    def test_a_plan_from_facts_says_what_it_was_compared_with(self):
        plan = timectl("--json", "plan", "--facts", self.facts(), *SERVER)
        self.assert_status(3, plan)
        check("plan", plan.json)
        self.assertTrue(any("facts alone" in note for note in plan.json["notes"]), plan)
        here = self.run_here("--json", "plan", *SERVER).json
        files = [[(each["path"], each["diff"]) for each in document["changes"]
                  if each["type"] == "file" and each["action"] == "create"] for document in (here, plan.json)]
        self.assertLessEqual(set(files[0]), set(files[1]))
        # In a /tmp of its own: other tests that run now have directories there, too.
        alone = subprocess.run(["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /tmp && "$@" >/dev/null; ls -A /tmp', "sh",
                                TIMECTL, "plan", "--facts", "-", *SERVER], input=self.facts().read_text(), text=True,
                               capture_output=True, check=True, timeout=240)
        self.assertEqual("", alone.stdout, alone)
        self.assertIn("facts alone", " ".join(alone.stderr.split()) + " ".join(plan.json["notes"]))
        compared = self.run_here("--json", "plan", "--facts", self.facts(), *SERVER)
        self.assertEqual(here["changes"], compared.json["changes"])

    def test_facts_that_are_none_are_refused_with_their_place(self):
        good = json.loads(self.facts().read_text())
        path = self.scratch / "bad.json"
        for key, value, word in (("packages", [], "packages"), ("interfaces", [{"addresses": ["x"]}], "interfaces[0].addresses[0]"),
                                 ("host_name", 7, "host_name"), ("schema", 2, "is not what"), ("boot_config", "/../etc", "boot_config"),
                                 ("network", {"backend": "wicd"}, "network.backend"),
                                 ("time_daemons", [{"enabled": "yes"}], "time_daemons[0].enabled")):
            path.write_text(json.dumps({**good, key: value}))
            for command in ("render", "plan"):
                result = timectl("--json", command, "--facts", path, *SERVER)
                self.assert_status(2, result)
                self.assertIn(word, result.err)
        for text in ("", "[]", "{", '{"schema": 1}', "\0", "[" * 100000):
            path.write_text(text)
            self.assert_status(2, timectl("plan", "--facts", path, *SERVER))
        self.assert_status(2, timectl("plan", "--facts", self.scratch / "none.json", *SERVER))

    def test_names_of_facts_become_no_paths(self):
        bad = json.loads(self.facts().read_text())
        bad["time_daemons"] = [{"package": "x", "unit": "../../../../../../tmp/evil.service", "enabled": True, "active": True}]
        bad["packages"]["a/../../b\nPackage: c"] = "1"
        path = self.scratch / "bad.json"
        path.write_text(json.dumps(bad))
        self.assertIn(timectl("plan", "--facts", path, *SERVER).status, (1, 2, 3))
        self.assertFalse(os.path.exists("/tmp/evil.service"))

    def test_without_a_network_back_end_render_leaves_out_the_address_alone(self):
        facts = json.loads(self.facts().read_text())
        with_address = timectl("--json", "render", "--facts", self.facts(), *SERVER).json
        facts["network"] = {"backend": "unknown", "evidence": []}
        path = self.scratch / "builder.json"
        path.write_text(json.dumps(facts))
        result = timectl("--json", "render", "--facts", path, *SERVER)
        self.assert_status(0, result)
        self.assertIn("left out what gives", result.err)
        gone = {each["path"] for each in with_address["files"]} - {each["path"] for each in result.json["files"]}
        self.assertTrue(all("network" in path for path in gone), gone)
        self.assertEqual(1, timectl("plan", "--facts", path, *SERVER).status)


if __name__ == "__main__":
    main()
