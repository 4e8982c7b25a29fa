#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Has the compiler look at each file of a build tree by itself, without making code of it.

usage: each_alone.py BUILD    (a tree configured with CMAKE_EXPORT_COMPILE_COMMANDS=ON)

In a unity build a file may live on what the one before it includes; here it cannot."""
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def look_at(entry):
    words = shlex.split(entry["command"])
    if Path(words[0]).name == "ccache":
        del words[0]
    output = words.index("-o")
    del words[output:output + 2]
    done = subprocess.run([*words, "-fsyntax-only"], cwd=entry["directory"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


def main():
    entries = json.loads((Path(sys.argv[1]) / "compile_commands.json").read_text())
    # What the build itself writes (embedded files) is not there yet.
    entries = [entry for entry in entries if Path(entry["directory"], entry["file"]).exists()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        good = list(pool.map(look_at, entries))
    print(f"{good.count(True)} of {len(good)} files can be compiled alone")
    return 0 if good and all(good) else 1


sys.exit(main())
