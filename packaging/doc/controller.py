#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A controller that reads the variables which timectl sets: see controller.md."""

import os
import signal
from typing import Mapping, Optional


def may_save_power(environment: Mapping[str, str]) -> bool:
    """Compares with exactly "1": no other value allows it."""
    return environment.get("CONSERVE_POWER") == "1"


def time_server(environment: Mapping[str, str]) -> Optional[str]:
    """The address of the server that this host follows, while the time can be trusted."""
    if environment.get("NTP_SYNCED") != "true":
        return None
    return environment.get("NTP_SERVER")


def main() -> None:
    if may_save_power(os.environ):
        print(f"saves power, by the time of {time_server(os.environ)}", flush=True)
    else:
        print("saves no power: the time is not to be trusted", flush=True)
    # Here the controller does its work. timectl restarts it when the variables change: there is nothing to poll.
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
