# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors

import json
import math
import shutil
import socket
import struct
import subprocess
import time
import unittest
import zlib

from harness import SOURCE, TIMECTL, ScratchRoot, main, timectl
from hostile_ntp_test import saying, server, stamp

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

    def test_one_line_for_scripts_ends_as_ntpstat_does(self):
        result = self.run_here("status", "--role", "server", "--short")
        self.assert_status(2, result)  # nothing runs below a root
        self.assertEqual("pi-ntp: not known\n", result.out)
        result = timectl("status", "--role", "client", "--short", "--profile", "missing-link")
        self.assertIn(result.status, (0, 1, 2))
        self.assertRegex(result.out, r"^main-pi: [^\n]+\n$")
        self.assertEqual(2, self.run_here("status", "--short", "--watch", "5s").status)

    def test_it_is_shown_again_until_it_is_interrupted(self):
        for words, said in [(["--watch", "0s"], "--watch: '0s' is no time"),
                            (["--watch", "5s", "--json"], "--watch shows a screen")]:
            result = self.run_here("status", "--role", "server", *words)
            self.assert_status(2, result)
            self.assertIn(said, result.err)
        watching = subprocess.Popen([TIMECTL, "--root", self.root, "status", "--role", "server", "--watch", "1s"],
                                    stdout=subprocess.PIPE, text=True)
        try:
            seen = [watching.stdout.readline() for _ in range(20)]
        finally:
            watching.terminate()
            watching.wait(20)
            watching.stdout.close()
        self.assertLess(1, sum(line.startswith("pi-ntp ") for line in seen), seen)

    def test_the_table_of_clients_fits_a_page_with_the_longest_address(self):
        if shutil.which("chronyc", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"):
            self.skipTest("a chronyc that is installed comes before the test's own")
        chronyc = self.scratch / "tools/usr/bin/chronyc"
        chronyc.parent.mkdir(parents=True)
        longest = "2001:db8:1234:5678:9abc:def0:1234:5678"
        chronyc.write_text("#!/bin/sh\n"
                           f"echo {longest},99999999,9999999,10,127,1434,0,0,127,4294967295\n"
                           "echo 192.168.4.1,12,0,6,127,32,0,0,127,4294967295\n")
        chronyc.chmod(0o755)
        result = self.run_here("--tools", self.scratch / "tools", "clients", "--role", "server")
        self.assert_status(0, result)
        self.assertIn(longest, result.out)
        self.assertRegex(result.out, r"12 +0 +64 s +32 s  192\.168\.4\.1 main-pi\n")
        self.assertTrue(all(len(line) <= 80 for line in result.out.splitlines()), result)

    def test_the_json_is_as_its_published_schema_says(self):
        document = self.run_here("status", "--role", "client", "--json").json
        check(document, "status.schema.json")
        self.assertIsNone(document["last_change"])
        self.assertIsNone(document["last_day"])
        self.assertIsNone(document["clients"])

    def test_what_the_last_check_measured_is_in_the_json_and_null_without_one(self):
        document = self.run_here("status", "--role", "client", "--json").json
        self.assertEqual({None}, {each["value"] for each in document["measures"].values()})
        measured = self.root / "run/timectl/measures.json"
        measured.parent.mkdir(parents=True, exist_ok=True)
        measured.write_text(json.dumps({"schema": 1, "measures": {
            "state": {"value": "holdover", "unit": ""}, "bound_s": {"value": 0.25, "unit": "s"},
            "acted": {"value": True, "unit": ""}, "of_another_version": {"value": 1, "unit": "s"}}}))
        document = self.run_here("status", "--role", "client", "--json").json
        check(document, "status.schema.json")
        self.assertEqual({"value": 0.25, "unit": "s"}, document["measures"]["bound_s"])
        self.assertEqual("holdover", document["measures"]["state"]["value"])
        self.assertIs(True, document["measures"]["acted"]["value"])
        self.assertNotIn("of_another_version", document["measures"])

    def test_the_last_day_is_a_letter_for_each_half_hour_and_a_dot_for_none(self):
        seen = [(60 * minute, 0 if minute < 10 else 1) for minute in range(20)]
        rest = struct.pack("<QH6x", int(time.time()) - 2 * 3600, len(seen))
        rest += b"".join(struct.pack("<HBBfff", after, state, 0, 0.01, 0, math.nan)
                         for after, state in seen)
        rest = rest.ljust(504, b"\0")
        latest = self.root / "run/timectl/history"
        latest.parent.mkdir(parents=True, exist_ok=True)
        latest.write_bytes(b"TCH1" + struct.pack("<I", zlib.crc32(rest)) + rest)
        document = self.run_here("status", "--role", "server", "--json").json
        check(document, "status.schema.json")
        states = document["last_day"]["states"]
        self.assertRegex(states, r"^\.{43}\.?T?H\.{2,3}$")
        self.assertEqual(48, len(states))
        self.assertIn(f"last day     {states}\n", self.run_here("status", "--role", "server").out)

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
        # The loopback's driver always says when it sent.
        self.assertGreater(answer["servers"][0]["kernel_transmit_delay_s"], 0)

    def test_the_text_fits_a_page_whatever_the_host_and_however_many(self):
        with server(saying()) as v4, server(saying(), socket.AF_INET6) as v6, \
                server(saying(transmit=stamp(1000000000))) as liar, server(saying(leap=3)) as unset:
            long_v6 = v6.replace("::1", "0000:0000:0000:0000:0000:0000:0000:0001")
            missing = "a-host-of-a-longer-name-than-fits.invalid"
            hosts = [v4, v6, long_v6, liar, unset, "127.0.0.1:9", missing]
            for asked in (hosts, hosts[:1], hosts[2:3]):
                with self.subTest(asked):
                    out = timectl("probe", "ntp", *asked).out
                    for line in out.splitlines():
                        self.assertLessEqual(len(line), 80, out)
                        self.assertEqual(line.rstrip(), line, out)
                    for phrase in ("offset ", "bound ", "delay ", "jitter ", "kernel sent after "):
                        usable = sum(each in asked for each in (v4, v6, long_v6))
                        self.assertEqual(usable, out.count(phrase), out)
                    for each in asked:
                        self.assertIn(each.strip("[").rsplit("]:" if "]" in each else ":", 1)[0], out)

    def test_an_offset_of_years_fits_too(self):
        past = stamp(1000000000)
        with server(saying(receive=past, transmit=past)) as address:
            out = timectl("probe", "ntp", address).out
        self.assertRegex(out, r"offset -[\d.e+]+ d ")
        self.assertLessEqual(max(map(len, out.splitlines())), 80, out)

    def test_of_many_servers_the_kernel_is_not_asked_when_it_sent(self):
        with server(saying()) as address:
            answer = timectl("probe", "ntp", *[address] * 17, "--samples", 1, "--json").json
        check(answer, "probe-ntp.schema.json")
        for each in answer["servers"]:
            self.assertIn("offset_s", each)
            self.assertNotIn("kernel_transmit_delay_s", each)


if __name__ == "__main__":
    main()
