# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""'timectl verify' on a provisioned server beside its slowest probe alone (--only)

The probes run side by side: the whole should cost little more than the slowest of them.
"""
import json
import statistics
import subprocess

import lab
import measure

# An RTC is missing in the lab, so the answer is no.
ANSWERS = (0, 3)


def on_host(settings: measure.Settings) -> None:
    command = [str(settings.binary), "verify", "--role", "server"]
    said = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False).stdout
    probes = [finding["probe"] for finding in json.loads(said)["findings"]]
    rivals = {"timectl verify": command}
    rivals.update({f"--only {probe}": [*command, "--only", probe] for probe in probes})
    results = measure.take_turns(rivals, settings.runs(20), ANSWERS)
    alone = {name: samples for name, samples in results.items() if name != "timectl verify"}
    slowest = max(alone, key=lambda name: statistics.median(alone[name].wall))
    measure.show(results, than=slowest)


def main(settings: measure.Settings) -> None:
    lab.run("verify", settings)
