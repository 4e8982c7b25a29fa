# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""the program's size as installed, and the libraries it loads at its start (libsystemd comes later)"""
import tempfile
from pathlib import Path

import measure

LIMIT = 3_000_000


def main(settings: measure.Settings) -> None:
    with tempfile.TemporaryDirectory() as directory:
        stripped = Path(directory) / "timectl"
        measure.output_of(["strip", "-o", str(stripped), str(settings.binary)])
        size = stripped.stat().st_size
        text, data, bss = measure.output_of(["size", str(stripped)]).splitlines()[1].split()[:3]
    print(f"stripped {size / 1e6:.2f} MB (aim {LIMIT / 1e6:.1f}), text {text}, data {data}, bss {bss}")
    dynamic = measure.output_of(["objdump", "-p", str(settings.binary)])
    asked = [line.split()[1] for line in dynamic.splitlines() if line.strip().startswith("NEEDED")]
    loaded = [line.split()[0] for line in measure.output_of(["ldd", str(settings.binary)]).splitlines()
              if "=>" in line]
    print(f"needs {len(asked)}: {' '.join(asked)}")
    print(f"loads {len(loaded)}: besides those {' '.join(sorted(set(loaded) - set(asked)))}")
