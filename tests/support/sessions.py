# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A command and all that it starts, which ends with it."""
import contextlib
import os
import signal
import subprocess

ENDING_S = 10
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt(*_) -> None:
    raise KeyboardInterrupt


def end(leader: subprocess.Popen) -> None:
    """Its programs clean up if they can, and are killed if they do not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            leader.wait(ENDING_S)


def unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def run(command: list[str], **settings) -> tuple[int, str]:
    """Exit status, and the output where `settings` asks for it. What interrupts the caller ends the session."""
    # A signal while the command is started would leave it running, unknown: it waits for the `try`.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, text=True,
                                   errors="replace", start_new_session=True, preexec_fn=unblock, **settings)
    except BaseException:
        unblock()
        raise
    with process:
        try:
            unblock()
            said, _ = process.communicate()
        except BaseException:
            end(process)
            raise
    return process.returncode, said
