#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""fake_systemd.py COMMAND...: runs it where a systemd answers that has chrony's unit, inactive, and does nothing
(sd_booted(3), and the D-Bus messages of its private socket). /run must be the test's own."""

import pathlib
import socket
import struct
import subprocess
import sys
import threading

CALL, RETURN = 1, 2
REPLY_SERIAL, SIGNATURE = 5, 8
KNOWN_UNIT = b"/chrony_2eservice"


def padded(data, to):
    return data + bytes(-len(data) % to)


def text(value):
    return struct.pack("<I", len(value)) + value + b"\0"


def field(code, kind, value):
    return struct.pack("<BB2s", code, 1, kind + b"\0") + value


def message(kind, serial, fields, body=b""):
    header = b"".join(padded(each, 8) for each in fields[:-1]) + fields[-1]
    return padded(struct.pack("<BBBBIII", ord("l"), kind, 1, 1, len(body), serial, len(header)) + header, 8) + body


# The properties that timectl asks for, as variants; the first is that of units which there are.
LOADED, NOT_FOUND = (b"\x01s\0\0" + text(each) for each in (b"loaded", b"not-found"))
PROPERTIES = {b"MainPID": b"\x01u\0\0" + bytes(4), b"Environment": b"\x02as\0" + bytes(4),
              b"Result": b"\x01s\0\0" + text(b"success")}


def answer(serial, call):
    def reply(signature, body):
        of = field(SIGNATURE, b"g", bytes([len(signature)]) + signature + b"\0")
        return message(RETURN, serial, [answers, of], body)

    answers = field(REPLY_SERIAL, b"u", struct.pack("<I", serial))
    if b"LoadState\0" in call:
        return reply(b"v", LOADED if KNOWN_UNIT in call else NOT_FOUND)
    if b"GetAll\0" in call:
        return reply(b"a{sv}", bytes(8))
    for name, value in PROPERTIES.items():
        if name + b"\0" in call:
            return reply(b"v", value)
    return message(RETURN, serial, [answers])


def read(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve(peer):
    stream = peer.makefile("rb")
    try:
        while (line := stream.readline()) and not line.startswith(b"BEGIN"):
            if b"AUTH" in line:
                peer.sendall(b"DATA\r\nOK " + b"1" * 32 + b"\r\nAGREE_UNIX_FD\r\n")
        while True:
            start = read(stream, 16)
            body, serial, header = struct.unpack("<III", start[4:])
            rest = read(stream, header + -header % 8 + body)
            if start[1] == CALL:
                peer.sendall(answer(serial, rest))
    except (EOFError, OSError):
        pass  # it has hung up


def accept(server):
    while True:
        threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()


if __name__ == "__main__":
    pathlib.Path("/run/systemd/system").mkdir(parents=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("/run/systemd/private")
    listening.listen()
    threading.Thread(target=accept, args=[listening], daemon=True).start()
    sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
