# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import json
import unittest

from harness import SOURCE, ScratchRoot, main, timectl
from hostile_ntp_test import saying, server

try:
    import jsonschema
except ImportError:
    jsonschema = None


def check(document, schema):
    if jsonschema is None:
        raise unittest.SkipTest("python3-jsonschema is not installed")
    rules = json.loads((SOURCE / "packaging/schema" / schema).read_text())
    jsonschema.Draft7Validator.check_schema(rules)
    jsonschema.validate(document, rules)


class Status(ScratchRoot):
    def test_a_glance_fits_a_page_and_ends_with_the_last_change(self):
        result = self.run_here("status", "--role", "server")
        self.assert_status(0, result)
        lines = result.out.splitlines()
        self.assertTrue(lines[0].startswith("pi-ntp"), result)
        self.assertTrue(lines[-1].startswith("last change  none by timectl"), result)
        self.assertTrue(all(len(line) <= 80 for line in lines), result)

    def test_the_json_is_as_its_published_schema_says(self):
        document = self.run_here("status", "--role", "client", "--json").json
        check(document, "status.schema.json")
        self.assertIsNone(document["last_change"])
        self.assertIsNone(document["clients"])

    def test_after_a_provision_the_last_change_says_who_and_by_what(self):
        self.add_package("chrony")
        self.remove_package("systemd-timesyncd")
        self.assert_status(0, self.run_here("provision", "--role", "server", "--yes"))
        document = self.run_here("status", "--json").json
        check(document, "status.schema.json")
        self.assertIn("provision --role server", document["last_change"]["command"])


class Probe(unittest.TestCase):
    def test_the_answer_of_probe_ntp_is_as_its_published_schema_says(self):
        result = timectl("probe", "ntp", "127.0.0.1:9", "::1", "no.such.host.invalid", "--json")
        self.assertEqual(3, result.status, result)
        check(result.json, "probe-ntp.schema.json")
        self.assertEqual("refused", result.json["servers"][0]["status"])

    def test_so_is_that_of_a_server_which_answers(self):
        with server(saying()) as address:
            answer = timectl("probe", "ntp", address, "--json").json
        check(answer, "probe-ntp.schema.json")
        self.assertAlmostEqual(2**-20, answer["servers"][0]["precision_s"])
        self.assertAlmostEqual(5, answer["servers"][0]["reference_age_s"], delta=1)
        self.assertGreater(answer["servers"][0]["dispersion_s"], 2**-20)


if __name__ == "__main__":
    main()
