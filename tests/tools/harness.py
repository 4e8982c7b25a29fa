# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""A build tree of ctest without a build: its tests are shell commands."""
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "support"))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add_test(build: Path, name: str, script: str, **properties: str) -> None:
    """`properties` as CMake has them: TIMEOUT, LABELS, ..."""
    lines = [f'add_test([==[{name}]==] "sh" "-c" [==[{script}]==])\n']
    for key, value in {"SKIP_RETURN_CODE": "77", **properties}.items():
        lines.append(f'set_tests_properties([==[{name}]==] PROPERTIES {key} "{value}")\n')
    build.mkdir(parents=True, exist_ok=True)
    with (build / "CTestTestfile.cmake").open("a", encoding="utf-8") as file:
        file.writelines(lines)


def run(*words: str | Path, **settings) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, **settings)
