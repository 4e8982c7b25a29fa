# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""'timectl history' of blocks that were not written by timectl, but by what their format says."""

import csv
import io
import json
import shutil
import re
import struct
import sys
import time
import zlib

from harness import SOURCE, ScratchRoot, main, sealed
from status_test import check

sys.path.insert(0, str(SOURCE / "tests/support"))
import history_blocks as blocks  # noqa: E402  (found only now)

BOOT = bytes(range(16))


def old_block(first):
    """As versions before 0.2.0 wrote it."""
    body = struct.pack("<qH6x", first, 1) + struct.pack("<HBBfff", 0, 1, 0, 0.5, 0.25, 1)
    body = body.ljust(504, b"\0")
    return b"TCH1" + struct.pack("<I", zlib.crc32(body)) + body


class History(ScratchRoot):
    def setUp(self):
        super().setUp()
        self.first = int(time.time()) - 3600
        directory = self.root / "var/lib/timectl/history"
        directory.mkdir(parents=True)
        (directory / "00000001").write_bytes(old_block(self.first - 60))
        columns = {blocks.TIME: [0, 60, 120], blocks.STATE: [0, 0, 5], blocks.SAVING: [1, 1, 0],
                   blocks.BOUND: [10000, 20000, blocks.INFINITE], blocks.OFFSET: [-1500, 2500, blocks.MISSING],
                   99: [1, 2, 3], blocks.FREQUENCY: [-23456] * 3, blocks.CLIENTS: [blocks.MISSING, 7, blocks.MISSING],
                   blocks.SOC_TEMPERATURE: [4825, 4850, 4900]}
        (directory / "00000001.tch2").write_bytes(blocks.block(self.first, columns, BOOT))

    def test_where_nothing_is_recorded_it_says_so_and_what_to_ask(self):
        shutil.rmtree(self.root / "var/lib/timectl/history", ignore_errors=True)
        result = self.run_here("history", "--since", "2h")
        self.assert_status(0, result)
        self.assertIn("nothing was recorded since", result.out)
        self.assertIn("--only monitor.timer", result.err)

    def test_the_csv_has_each_check_with_what_it_saw_and_nothing_where_it_saw_nothing(self):
        result = self.run_here("history", "--since", "2h", "--csv")
        self.assert_status(0, result)
        rows = list(csv.DictReader(io.StringIO(result.out)))
        self.assertEqual(4, len(rows))
        self.assertEqual(["", BOOT.hex()], [rows[0]["boot_id"], rows[1]["boot_id"]])
        self.assertEqual(["holdover", "traceable", "traceable", "wrong"], [row["state"] for row in rows])
        self.assertEqual(["0.5", "0.001", "0.002", "inf"], [row["bound_s"] for row in rows])
        self.assertEqual(["0.25", "-1.5e-06", "2.5e-06", ""], [row["offset_s"] for row in rows])
        self.assertEqual(["", "-23.456", "-23.456", "-23.456"], [row["frequency_ppm"] for row in rows])
        self.assertEqual(["", "", "7", ""], [row["clients"] for row in rows])
        self.assertEqual(["", "48.25", "48.5", "49"], [row["soc_temperature_c"] for row in rows])
        self.assertEqual(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.first)), rows[1]["time"])

    def test_the_json_is_as_its_published_schema_says_and_has_every_channel(self):
        document = self.run_here("history", "--since", "2h", "--json").json
        check(document, "history.schema.json")
        # One of old blocks only has nothing of the rest.
        (self.root / "var/lib/timectl/history/00000001.tch2").unlink()
        slot = self.run_here("history", "--since", "2h", "--json").json["slots"][0]
        self.assertIsNone(slot["boot_id"])
        self.assertEqual([0.5, None], [slot["bound_s"], slot["soc_temperature_c"]])
        check(document, "history.schema.json")

    def test_what_was_learned_of_the_clocks_is_said(self):
        document = self.run_here("history", "--since", "2h", "--json").json
        self.assertEqual([15, 5, None], [document[key] for key in ("clock_wander_ppm", "rtc_wander_ppm",
                                                                     "frequency_recorded_s")])
        self.assertNotIn("ppm", self.run_here("history", "--since", "2h").out)
        learned = {"schema": 1, "looked_at": "2026-11-30T12:00:00Z",
                   "clock": {"ppm": 6.25, "recorded_s": 864000, "at": "2026-11-30T12:00:00Z"},
                   "rtc": {"ppm": 4.0, "recorded_s": 604800, "at": "2026-11-01T12:00:00Z"}}
        (self.root / "var/lib/timectl/learned.json").write_text(sealed(learned))
        self.assertIn("without sources bounds grow by 6.2 ppm, that of the RTC's time by 4.0 ppm\n",
                      self.run_here("history", "--since", "2h").out)
        document = self.run_here("history", "--since", "2h", "--json").json
        self.assertAlmostEqual(6.25, document["clock_wander_ppm"])
        self.assertEqual(864000, document["frequency_recorded_s"])
        check(document, "history.schema.json")

    def test_the_schema_has_the_channels_of_the_csv(self):
        rules = json.loads((SOURCE / "packaging/schema/history.schema.json").read_text())
        slot = rules["properties"]["slots"]["items"]
        heading = self.run_here("history", "--csv").out.splitlines()[0].split(",")
        expected = {*heading, "worst_state", "from", "observations", "least_offset_s", "most_offset_s"}
        self.assertEqual(expected - {"time", "state"}, set(slot["properties"]))
        self.assertEqual(set(slot["required"]), set(slot["properties"]))

    def test_a_channel_is_documented_with_its_unit(self):
        page = (SOURCE / "packaging/man/timectl-history.1").read_text()
        channels = re.findall(r"^\\fB(\w+)\\fR(?: \((\S+)\))?$", page.split("made: channels")[1], re.M)
        heading = self.run_here("history", "--csv").out.splitlines()[0].split(",")
        self.assertEqual(heading[2:], [name for name, _ in channels])
        self.assertEqual("ppm", dict(channels)["skew_ppm"])

    def test_csv_json_and_drawings_are_asked_for_one_at_a_time(self):
        self.assert_status(2, self.run_here("history", "--csv", "--json"))
        self.assert_status(2, self.run_here("history", "--csv", "--output", self.scratch / "x.svg"))
        self.assertFalse((self.scratch / "x.svg").exists())


if __name__ == "__main__":
    main()
