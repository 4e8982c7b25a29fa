# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import json
import pathlib
import re
import tempfile
import unittest

from harness import SOURCE, main, timectl


class Profiles(unittest.TestCase):
    def test_the_built_in_profile_is_listed_shown_and_valid(self):
        self.assertIn("missing-link", timectl("profile", "list").out)
        shown = timectl("profile", "show", "missing-link")
        self.assertEqual((SOURCE / "profiles/missing-link.json").read_text(), shown.out)
        result = timectl("profile", "validate", SOURCE / "profiles/missing-link.json")
        self.assertEqual(0, result.status, result)

    def test_the_schema_is_json_and_names_its_draft(self):
        schema = json.loads(timectl("profile", "schema").out)
        self.assertIn("$schema", schema)
        self.assertIn("hosts", schema["properties"])

    def test_a_mistake_is_named_with_its_place_and_what_was_meant(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "site.json"
            text = (SOURCE / "profiles/missing-link.json").read_text()
            path.write_text(text.replace('"gateway"', '"gatway"'))
            result = timectl("profile", "validate", path)
            self.assertEqual(2, result.status, result)
            self.assertRegex(result.err, rf"{path}:\d+:\d+: .*gatway")
            self.assertIn("gateway", result.err)

    def test_a_profile_or_host_that_is_not_there_is_answered_with_what_to_do(self):
        for words, hint in ((("--profile", "/nowhere.json"), "timectl profile init --output FILE"),
                            (("--host", "nobody"), "name one of these with --host"),
                            (("--role", "sever"), "choose one of these roles")):
            with self.subTest(words=words):
                result = timectl("plan", *words)
                self.assertEqual(2, result.status, result)
                self.assertIn(f"hint: {hint}", result.err)

    def test_a_site_with_two_networks_is_shown_and_rendered_for_each_host(self):
        shown = json.loads(timectl("profile", "show", "hotspot-hub", "--json").out)
        self.assertEqual(["lan", "hotspot"], list(shown["networks"]))
        self.assertNotIn("network", shown)
        card = SOURCE / "tests/golden/fixtures/debian12-networkd"
        for host, address in (("workshop-pi", "192.168.1.5"), ("sensor-pi", "10.3.141.1")):
            with tempfile.TemporaryDirectory() as scratch:
                result = timectl("render", "--root", card, "--profile", "hotspot-hub", "--host", host,
                                 "--output", scratch)
                self.assertEqual(0, result.status, result)
                hosts = (pathlib.Path(scratch) / "etc/hosts").read_text().splitlines()
                self.assertEqual([f"{address} hub"], [line for line in hosts if line.endswith(" hub")])

    def test_a_mistake_about_networks_is_refused_before_anything_is_written(self):
        text = (SOURCE / "profiles/hotspot-hub.json").read_text()
        mistakes = {
            ('"10.3.141.0/24", "gateway": "10.3.141.1"', '"192.168.0.0/16"'): "overlaps",
            ('"lan": "192.168.1.20"', '"lam": "192.168.1.20"'): 'did you mean "lan"',
            ('"lan": "192.168.1.20"', '"lan": "192.168.1.5"'): "which hub has",
            (', "interface": "eth0"', ""): 'no "interface"',
        }
        for (right, wrong), said in mistakes.items():
            with self.subTest(said), tempfile.TemporaryDirectory() as scratch:
                root = pathlib.Path(scratch) / "root"
                root.mkdir()
                path = pathlib.Path(scratch) / "site.json"
                self.assertIn(right, text)
                path.write_text(text.replace(right, wrong))
                result = timectl("provision", "--root", root, "--profile", path, "--host", "hub", "--yes")
                self.assertEqual(2, result.status, result)
                self.assertRegex(result.err, rf"{path}:\d+:\d+: /.*{re.escape(said)}")
                self.assertEqual([], list(root.iterdir()))

    def test_steps_of_power_saving_are_shown_as_written_and_refused_with_their_place(self):
        steps = [{"environment": ["CPU=fast"]}, {"bound_s": 0.05, "after_s": 3600, "environment": ["CPU=slow"]}]
        site = {"extends": "missing-link",
                "hosts": {"main-pi": {"controller": {"levels": {"traceable": steps}}}}}
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "site.json"
            path.write_text(json.dumps(site, indent=1))
            levels = timectl("profile", "show", path, "--json").json["hosts"]["main-pi"]["controller"]["levels"]
            self.assertEqual([{"after_s": 0, "environment": ["CPU=fast"]},
                              {"bound_s": 0.05, "after_s": 3600, "environment": ["CPU=slow"]}], levels["traceable"])
            self.assertEqual(["CONSERVE_POWER=1", "NTP_SYNCED=true"], levels["island"])
            path.write_text(json.dumps(site | {"hosts": {"main-pi": {"controller": {"levels": {
                "traceable": list(reversed(steps))}}}}}, indent=1))
            result = timectl("profile", "validate", path)
            self.assertEqual(2, result.status, result)
            self.assertRegex(result.err, rf"{path}:\d+:\d+: /hosts/main-pi/controller/levels/traceable/1: "
                                         "found step 2 with no bound_s, expected at most 0.05, that of step 1")


if __name__ == "__main__":
    main()
