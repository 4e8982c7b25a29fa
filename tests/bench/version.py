# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""starting timectl (--version) beside starting /bin/true

What is between the two is mostly the dynamic linker's. libsystemd is not loaded for it.
"""
import measure


def main(settings: measure.Settings) -> None:
    rivals = {"timectl --version": [str(settings.binary), "--version"], "true": ["/bin/true"]}
    measure.show(measure.take_turns(rivals, settings.runs(300)), than="true")
