# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A receiver at a terminal, the real gpsd that reads it, and the real chronyd that follows another source."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import unittest

from harness import SOURCE, TIMECTL, main

TOOLS = [pathlib.Path(each) for each in os.environ.get("TIMECTL_TOOLS", "").split(":") if each]
DELAY_S = 0.12
DEVICE = os.environ.get("TIMECTL_DEVICE", f"/dev/timectl-test-{os.getpid()}")
#: chronyd with a clock of its own, and one that follows it; neither touches this machine's clock (-x).
REFERENCE = "local stratum 1\nport 1230\nallow\ncmdport 0\nbindcmdaddress /\npidfile /run/reference.pid\n"
FOLLOWER = "server 127.0.0.1 port 1230 iburst minpoll 0 maxpoll 2\nport 0\npidfile /run/follower.pid\n"


def program(name):
    for tools in TOOLS:
        for directory in ("usr/sbin", "usr/bin"):
            if (tools / directory / name).exists():
                return str(tools / directory / name)
    return None


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.2)


class Namespace(unittest.TestCase):
    """Runs in namespaces of its own, where /run, /etc/timectl and /var/lib/timectl are empty."""

    def setUp(self):
        if os.environ.get("TIMECTL_INSIDE") != "1":
            self.skipTest("not in its namespaces")
        self.children = []
        pathlib.Path("/etc/timectl/profile.json").write_text(json.dumps({
            "name": "t", "network": {"subnet": "192.168.4.0/24"},
            "hosts": {socket.gethostname().split(".")[0]: {
                "role": "stratum1", "address": "192.168.4.2", "gps": {"device": DEVICE}}}}))

    def tearDown(self):
        for child in self.children:
            child.kill()
            child.wait()

    def start(self, *words):
        self.children.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL))

    def run_gps(self, *words, options=("--json",)):
        tools = [word for each in TOOLS for word in ("--tools", str(each))]
        return subprocess.run([TIMECTL, *tools, *options, "gps", *words], text=True, capture_output=True,
                              timeout=300, check=False)

    def has_fix(self):
        shown = self.run_gps("show", "--for", "3s")
        return shown.returncode == 0 and json.loads(shown.stdout)["satellites_used"] == 9

    def start_receiver(self):
        self.start(sys.executable, "-B", str(SOURCE / "tests/support/receiver.py"), DEVICE, str(DELAY_S))
        until(lambda: os.path.lexists(DEVICE), "the receiver's terminal")
        self.start(program("gpsd"), "-N", "-n", DEVICE)
        until(self.has_fix, "a fix")

    def start_chronyd(self, text, name):
        file = pathlib.Path(f"/run/{name}.conf")
        file.write_text(text)
        self.start(program("chronyd"), "-x", "-d", "-u", "root", "-f", str(file))

    def knows_the_time(self):
        """It follows, and its first seconds are over, in which its dispersion is large."""
        said = subprocess.run([program("chronyc"), "-c", "-n", "tracking"], text=True, capture_output=True, check=False)
        fields = said.stdout.strip().split(",")
        return len(fields) > 11 and fields[1] == "127.0.0.1" and float(fields[11]) < 0.01


def check(document):
    try:
        import jsonschema  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    jsonschema.validate(document, json.loads((SOURCE / "packaging/schema/gps.schema.json").read_text()))


class Receiver(Namespace):
    def test_without_gpsd_the_next_step_is_named(self):
        done = self.run_gps("show", options=())
        self.assertEqual(1, done.returncode, done)
        self.assertIn("cannot ask gpsd: Connection refused", done.stderr)
        self.assertIn("systemctl status gpsd.service", done.stderr)

    def test_a_program_of_another_user_at_gpsds_port_is_not_believed(self):
        lie = json.dumps({"class": "TPV", "mode": 3, "time": "2001-01-01T00:00:00.000Z"})
        code = ("import os, socket, time; s = socket.socket(); "
                "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); os.setuid(65534); "
                "s.bind(('127.0.0.1', 2947)); s.listen(); c, _ = s.accept(); "
                f"c.sendall({lie!r}.encode() + b'\\n'); time.sleep(60)")
        self.start(sys.executable, "-c", code)
        done = self.run_gps("show", options=())
        end = time.monotonic() + 60
        while "Connection refused" in done.stderr and time.monotonic() < end:
            done = self.run_gps("show", options=())
        self.assertEqual(1, done.returncode, done)
        self.assertIn("cannot believe what answers at TCP port 2947: it is run by user 65534", done.stderr)

    def test_what_chronyd_gets_depends_on_what_is_there(self):
        refclocks = pathlib.Path("/run/chrony-dhcp/timectl-gps.conf")
        self.assertEqual(0, self.run_gps("enable").returncode)
        self.assertIn("noselect", refclocks.read_text())
        self.assertNotIn("refclock PPS", refclocks.read_text())
        self.assertEqual(0o644, refclocks.stat().st_mode & 0o777)
        # chronyd starts with these lines, and where the directory is not there.
        for directory in ("/run/chrony-dhcp", "/run/nowhere"):
            file = pathlib.Path("/run/some.conf")
            file.write_text(f"confdir {directory}\n")
            read = subprocess.run([program("chronyd"), "-p", "-f", str(file)], text=True, capture_output=True,
                                  check=False)
            self.assertEqual(0, read.returncode, read)
            self.assertEqual(directory.endswith("dhcp"), "refclock SHM 0" in read.stdout)

    def test_a_receiver_is_calibrated_against_another_source_and_never_by_itself(self):
        self.start_receiver()
        refused = self.run_gps("calibrate", "--for", "1s", options=())
        self.assertEqual(1, refused.returncode, refused)
        self.assertIn("cannot calibrate: chronyd does not answer", refused.stderr)
        self.start_chronyd(REFERENCE, "reference")
        self.start_chronyd(FOLLOWER, "follower")
        until(self.knows_the_time, "chronyd follows the reference", 120)
        few = self.run_gps("calibrate", "--for", "3s", options=())
        self.assertEqual(1, few.returncode, few)
        self.assertIn("of 60 samples", few.stderr)
        self.assertFalse(os.path.exists("/var/lib/timectl/gps.json"))
        # A second more or two: on a busy machine some sentences come in the next one.
        done = self.run_gps("calibrate", "--for", "70s")
        self.assertEqual(0, done.returncode, done)
        measured = json.loads(done.stdout)
        # How much later a busy machine writes is not the program's fault; 0.1 s would be another second's.
        self.assertLess(DELAY_S - 0.001, measured["offset_s"])
        self.assertLess(measured["offset_s"], DELAY_S + 0.1)
        self.assertFalse(measured["final"])
        self.assertEqual("127.0.0.1", measured["reference"])
        shown = json.loads(self.run_gps("show").stdout)
        check(measured)
        check(shown)
        self.assertEqual(measured["offset_s"], shown["offset_s"])
        self.assertEqual(0, self.run_gps("enable").returncode)
        self.assertIn(f"offset {measured['offset_s']:.3f}"[:-1],
                      pathlib.Path("/run/chrony-dhcp/timectl-gps.conf").read_text())


INSIDE = """
set -e
ip link set lo up
for directory in /run /etc/timectl /var/lib/timectl; do
    mkdir -p $directory
    mount -t tmpfs -o mode=755 tmpfs $directory
done
exec "$@"
"""


def in_namespaces():
    """Plays this file again where the ports, /run and the state are its own."""
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    missing = [name for name in ("gpsd", "chronyd", "chronyc") if program(name) is None]
    if os.geteuid() != 0 or missing or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        print("skipped: needs root, namespaces, and gpsd and chronyd (packaging/unpack-package)")
        return 77
    made = [path for path in ("/etc/timectl", "/var/lib/timectl") if not os.path.exists(path)]
    environment = {**os.environ, "TIMECTL_INSIDE": "1", "TIMECTL_DEVICE": DEVICE}
    try:
        return subprocess.run([*unshare, "sh", "-c", INSIDE, "inside", sys.executable, "-B", __file__, *sys.argv[1:]],
                              env=environment, check=False).returncode
    finally:
        if os.path.lexists(DEVICE):
            os.unlink(DEVICE)
        for path in made:
            shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    if os.environ.get("TIMECTL_INSIDE") == "1":
        main()
    sys.exit(in_namespaces())
