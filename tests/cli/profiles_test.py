# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import json
import pathlib
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


if __name__ == "__main__":
    main()
