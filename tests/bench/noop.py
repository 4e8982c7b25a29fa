# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""a second 'timectl provision' on a provisioned server beside a shell script that checks the same

The script asks dpkg for the packages, compares the checksums of the files and asks systemctl for the
units: what a careful hand-written set-up does to find out that there is nothing to do.
"""
import json
from pathlib import Path

import lab
import measure

CHECK = """#!/bin/sh
set -e
dpkg-query --show --showformat '${{Status}}\\n' {packages} | grep -q '^install ok installed$'
sha256sum --check --status /root/checksums
systemctl is-enabled --quiet {enabled}
systemctl is-active --quiet {active}
"""


def write_check() -> str:
    """What timectl put there, by its own record."""
    record = json.loads(Path("/var/lib/timectl/current.json").read_text(encoding="utf-8"))
    paths = [file["path"] for file in record["files"] if file["kind"] in ("owned", "block")]
    Path("/root/checksums").write_text(measure.output_of(["sha256sum", *paths]), encoding="utf-8")
    check = Path("/root/check")
    check.write_text(CHECK.format(packages="chrony",
                                  enabled="chrony.service timectl-rtc.service timectl-monitor.timer",
                                  active="chrony.service timectl-monitor.timer"), encoding="utf-8")
    check.chmod(0o755)
    return str(check)


def on_host(settings: measure.Settings) -> None:
    rivals = {"timectl provision": [str(settings.binary), "provision", "--role", "server", "--yes"],
              "shell script": ["/bin/sh", write_check()]}
    print(measure.output_of(rivals["timectl provision"]).strip())
    measure.show(measure.take_turns(rivals, settings.runs(200)), than="shell script")


def main(settings: measure.Settings) -> None:
    lab.run("noop", settings)
