#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks an NTP server as any client would, and prints the reply: a second opinion beside timectl's.

usage: ask_ntp.py ADDRESS
prints: leap=0 mode=4 stratum=2 refid=47505300 root_delay_s=0.000 root_dispersion_s=0.000 offset_s=0.000
exits 1 when no server answers.
"""
import os
import socket
import struct
import sys
import time

UNIX_EPOCH = 2208988800  # seconds from 1900 to 1970


def main() -> None:
    cookie = os.urandom(8)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(1.0)
    try:
        client.connect((sys.argv[1], 123))
        sent = time.time()
        client.send(bytes([4 << 3 | 3]) + bytes(39) + cookie)  # version 4, mode 3
        reply = client.recv(2048)
        received = time.time()
    except OSError as error:
        sys.exit(f"no reply from {sys.argv[1]}: {error}")
    if len(reply) < 48 or reply[24:32] != cookie:
        sys.exit(f"{sys.argv[1]} sent something that answers no request of ours")
    delay, dispersion = struct.unpack(">iI", reply[4:12])
    seconds, fraction = struct.unpack(">II", reply[40:48])
    offset = seconds - UNIX_EPOCH + fraction / 2**32 - (sent + received) / 2
    print(f"leap={reply[0] >> 6} mode={reply[0] & 7} stratum={reply[1]} refid={reply[12:16].hex()}"
          f" root_delay_s={delay / 65536:.6f} root_dispersion_s={dispersion / 65536:.6f}"
          f" offset_s={offset:.6f}")


main()
