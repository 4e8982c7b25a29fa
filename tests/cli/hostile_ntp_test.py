# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""'timectl probe ntp' against servers that lie, on real sockets of the loopback."""

import contextlib
import os
import socket
import struct
import threading
import time
import unittest

from harness import main, timectl

SINCE_1900 = 2208988800


def stamp(seconds):
    whole = int(seconds)
    return struct.pack(">II", (whole + SINCE_1900) & 0xFFFFFFFF, int((seconds - whole) * 2**32))


def reply_to(request, *, leap=0, version=4, mode=4, stratum=2, reference=b"\xc0\xa8\x04\x03",
             root_delay=0.001, root_dispersion=0.001, precision=-20, origin=None, receive=None,
             transmit=None):
    now = time.time()
    head = struct.pack(">BBbb", leap << 6 | version << 3 | mode, stratum, 6, precision)
    short = struct.pack(">II", int(root_delay * 65536), int(root_dispersion * 65536))
    return b"".join([head, short, reference, stamp(now - 5),
                     request[40:48] if origin is None else origin,
                     stamp(now) if receive is None else receive,
                     stamp(now) if transmit is None else transmit])


@contextlib.contextmanager
def server(answer, family=socket.AF_INET):
    """Gives each request to `answer(socket, request, peer)`; yields HOST:PORT."""
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family, socket.SOCK_DGRAM) as own:
        own.bind((address, 0))
        own.settimeout(0.05)
        over = threading.Event()

        def serve():
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    request, peer = own.recvfrom(2048)
                    answer(own, request, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            port = own.getsockname()[1]
            yield f"127.0.0.1:{port}" if family == socket.AF_INET else f"[::1]:{port}"
        finally:
            over.set()
            thread.join()


def saying(**claims):
    return lambda own, request, peer: own.sendto(reply_to(request, **claims), peer)


def sending(make):
    return lambda own, request, peer: own.sendto(make(request), peer)


def spoof(own, request, peer):
    """The right reply, by another server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(reply_to(request), peer)


def flood(own, request, peer):
    for _ in range(3000):
        with contextlib.suppress(OSError):
            own.sendto(reply_to(request, origin=os.urandom(8)), peer)


class Replayer:
    """Answers the first request well, and all others with that same reply."""

    def __init__(self):
        self.recorded = None

    def __call__(self, own, request, peer):
        self.recorded = self.recorded or reply_to(request)
        own.sendto(self.recorded, peer)


# What is sent, and what is said of it. None: nothing is accepted as an answer at all.
NOT_ACCEPTED = {
    "another origin": saying(origin=b"\x01" * 8),
    "no origin": saying(origin=bytes(8)),
    "mode 3, as a client": saying(mode=3),
    "mode 5, broadcast": saying(mode=5),
    "version 7": saying(version=7),
    "version 1": saying(version=1),
    "47 bytes": sending(lambda request: reply_to(request)[:47]),
    "no bytes": sending(lambda request: b""),
    "60,000 bytes": sending(lambda request: reply_to(request) + bytes(60000)),
    "the request itself": sending(lambda request: request),
    "the right reply from another port": spoof,
}
NO_TIME = {
    "a kiss-o'-death": (saying(stratum=0, leap=3, reference=b"DENY"), "kiss-o'-death DENY"),
    "a kiss-o'-death that asks for patience": (saying(stratum=0, reference=b"RATE"), "RATE"),
    "leap 3": (saying(leap=3), "not synchronized"),
    "stratum 0": (saying(stratum=0, reference=bytes(4)), "not synchronized"),
    "stratum 16": (saying(stratum=16), "not synchronized"),
    "stratum 255": (saying(stratum=255), "not synchronized"),
    "a root distance of a minute": (saying(root_dispersion=60), "root distance"),
    "a root delay of nine hours": (saying(root_delay=32767.9), "root distance"),
    "a precision of 2^127 seconds": (saying(precision=127), "root distance"),
    "no receive stamp": (saying(receive=bytes(8)), "no timestamps"),
    "no transmit stamp": (saying(transmit=bytes(8)), "no timestamps"),
    "sent before it was received": (saying(transmit=stamp(1000000000)), "before its request"),
}


class HostileServer(unittest.TestCase):
    def ask(self, answer, family=socket.AF_INET, samples=1):
        with server(answer, family) as address:
            result = timectl("probe", "ntp", "--json", "--samples", samples, address)
        self.assertIn(result.status, (0, 3), result)
        return result.json["servers"][0]

    def test_an_honest_server_is_believed_over_both_families(self):
        for family in (socket.AF_INET, socket.AF_INET6):
            answer = self.ask(saying(), family, 4)
            self.assertTrue(answer["usable"], answer)
            self.assertLess(abs(answer["offset_s"]), 0.5)
            self.assertEqual(4, answer["answered"])

    def test_what_is_no_answer_to_the_request_is_turned_away(self):
        for what, answer in NOT_ACCEPTED.items():
            with self.subTest(what):
                said = self.ask(answer)
                self.assertFalse(said["usable"], said)
                self.assertEqual(0, said["answered"], said)
                self.assertNotIn("offset_s", said)

    def test_an_answer_without_time_is_none_to_go_by(self):
        for what, (answer, problem) in NO_TIME.items():
            with self.subTest(what):
                said = self.ask(answer)
                self.assertFalse(said["usable"], said)
                self.assertIn(problem, said["problem"])

    def test_a_reply_that_was_recorded_is_good_once(self):
        said = self.ask(Replayer(), samples=2)
        self.assertEqual(1, said["answered"], said)
        self.assertEqual(1, said["rejected"], said)

    def test_garbage_behind_the_header_is_not_looked_at(self):
        said = self.ask(sending(lambda request: reply_to(request) + os.urandom(200)))
        self.assertTrue(said["usable"], said)

    def test_a_flood_ends_the_exchange_and_is_counted(self):
        start = time.monotonic()
        said = self.ask(flood)
        self.assertFalse(said["usable"], said)
        self.assertGreater(said["rejected"], 100, said)
        self.assertLess(time.monotonic() - start, 20)

    def test_one_hostile_server_takes_nothing_from_the_others(self):
        with server(flood) as bad, server(saying()) as good:
            result = timectl("probe", "ntp", "--json", bad, good)
        self.assertEqual(3, result.status, result)
        self.assertEqual([False, True], [each["usable"] for each in result.json["servers"]])


if __name__ == "__main__":
    main()
