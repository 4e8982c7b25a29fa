#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""Compares the code with the table of arrows in lib/README.md and with the size limits.

usage: layering.py TREE

Fails on: an #include or a CMake USES that the table does not allow, a module that is not in the
table (or a row without a module), an OS header outside system/linux (cli may: it has a terminal
and a user), lib including cli, a cycle in
the table, a file that is too long, a function over 60 lines, a name of the distribution that is
written outside of lib/platform.
"""
import re
import sys
from pathlib import Path

TABLE = "lib/README.md"
# What a module calls in the table, and what it includes for that. fmt comes with every module.
DEPENDENCIES = {
    "fmt": re.compile(r"fmt/"),
    "nlohmann": re.compile(r"nlohmann/"),
    "kainjow": re.compile(r"kainjow/"),
    "dtl": re.compile(r"dtl/"),
    "systemd": re.compile(r"systemd/"),
    "CLI": re.compile(r"CLI/"),
}
# C++ has one directory-less form for its own headers; everything with .h or a directory is not it.
STANDARD = re.compile(r"[a-z_0-9]+$")
OS_MODULE = "system/linux"
# inet_pton and inet_ntop, which read and write addresses without asking the machine anything.
OS_EXCEPTIONS = {"lib/base/address.cpp": {"arpa/inet.h", "sys/socket.h", "netinet/in.h"},
                 "lib/base/regular_expression.cpp": {"regex.h"}}
LIMITS = {"lib": 400, "cli": 400, "tests": 600}
LONGEST_FUNCTION = 60

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
ROW = re.compile(r"^\|\s*`([a-z_/*]+)`\s*\|[^|]*\|\s*([^|]*)\|\s*$", re.MULTILINE)
USES = re.compile(r"timectl_module\(\s*([a-z_/]+)\b([^)]*)\)")
# "features/rtc/probes_kernel.cpp": the folder, and the word that has a row of its own.
FEATURE = re.compile(r"features/([a-z_0-9]+)/([a-z]+)")
ANY_FEATURE = "features/*"
PLATFORM = "lib/platform/"
NAME = re.compile(r'"((?:/|--)?[A-Za-z0-9_./,=-]+)"')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# rows.hpp and findings.hpp are the manual's texts, and a profile's reserved names are of every distribution.
NAMES_FREELY = re.compile(r"/(rows[a-z_]*|findings)\.hpp$|^lib/profile/reserved\.cpp$")
OPENING = re.compile(r"^[A-Za-z~].*[{(,:]\s*$")


def read_table(tree: Path) -> dict[str, set[str]]:
    rows = ROW.findall((tree / TABLE).read_text(encoding="utf-8"))
    return {name: {word.strip() for word in allowed.split(",")} for name, allowed in rows}


def feature_of(path: str) -> str | None:
    """Whose folder `path` (below lib/) lies in."""
    found = FEATURE.match(path)
    return found[1] if found else None


def module_of(path: str, modules: set[str]) -> str | None:
    """The longest module name that `path` (below lib/) lies in; a feature's file goes by its name's first word."""
    if found := FEATURE.match(path):
        row = f"features/*/{found[2]}"
        return row if row in modules else None
    fitting = [name for name in modules if path.startswith(name + "/")]
    return max(fitting, key=len, default=None)


def sources(tree: Path, top: str) -> list[Path]:
    return sorted(p for p in (tree / top).rglob("*") if p.suffix in (".cpp", ".hpp", ".h", ".in"))


def check_table(table: dict[str, set[str]], tree: Path) -> list[str]:
    problems = []
    for name, allowed in table.items():
        for word in sorted(allowed - set(table) - set(DEPENDENCIES) - {ANY_FEATURE}):
            problems.append(f"{TABLE}: '{name}' may include '{word}', which is neither module nor library")
    for name in table:
        if name in reachable(table, name):
            problems.append(f"{TABLE}: '{name}' reaches itself: the arrows make a circle")
    for directory in sorted({p.parent for p in sources(tree, "lib")}):
        inside = directory.relative_to(tree / "lib").as_posix()
        if inside != "." and module_of(inside + "/", set(table)) is None:
            problems.append(f"lib/{inside}: a module that {TABLE} does not list")
    return problems


def reachable(table: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(table[start])
    while ahead:
        name = ahead.pop()
        if name in table and name not in seen:
            seen.add(name)
            ahead.extend(table[name])
    return seen


def check_include(where: str, module: str, quote: str, target: str,
                  table: dict[str, set[str]]) -> str | None:
    if quote == '"':
        return check_own_include(where, module, target, table)
    for name, pattern in DEPENDENCIES.items():
        if pattern.match(target):
            if module == "cli" or name in table[module]:
                return None
            return f"{where}: '{module}' includes <{target}>, the table does not allow it '{name}'"
    if STANDARD.match(target) or module in (OS_MODULE, "cli"):
        return None
    if target in OS_EXCEPTIONS.get(where.split(":")[0], set()):
        return None
    return f"{where}: OS header <{target}> outside {OS_MODULE}"


def check_own_include(where: str, module: str, target: str,
                      table: dict[str, set[str]]) -> str | None:
    used = module_of(target, set(table))
    if module == "cli":
        return None  # cli may use everything, and its own headers have no directory in common
    if (feature := feature_of(target)) is not None:
        own = feature_of(where.removeprefix("lib/"))
        if feature == own or ANY_FEATURE in table[module]:
            return None
        return f"{where}: '{module}' includes \"{target}\" of the feature '{feature}'"
    if used is None:
        return f"{where}: '{module}' includes \"{target}\", which is in no module of lib"
    if used != module and used not in table[module]:
        return f"{where}: '{module}' includes \"{target}\", the table has no arrow to '{used}'"
    return None


def check_includes(table: dict[str, set[str]], tree: Path) -> list[str]:
    problems = []
    for path in sources(tree, "lib") + sources(tree, "cli"):
        name = path.relative_to(tree).as_posix()
        module = "cli" if name.startswith("cli/") else module_of(name[len("lib/"):], set(table))
        if module is None:
            if feature_of(name.removeprefix("lib/")):
                problems.append(f"{name}: a file of a feature whose name is in no row of {TABLE}")
            continue  # else check_table has named it
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            problem = check_include(f"{name}:{line}", module, match[1], match[2], table)
            if problem:
                problems.append(problem)
    return problems


def check_uses(where: str, module: str, rest: str, allowed: set[str]) -> list[str]:
    listed = re.search(r"\bUSES\b(.*?)(\bLIBRARIES\b|\bSOURCES\b|$)", rest, re.DOTALL)
    words = listed[1].split() if listed else []
    return [f"{where}: '{module}' USES '{used}', the table does not allow it" for used in words
            if used not in allowed and not (ANY_FEATURE in allowed and feature_of(used + "/x"))]


def check_cmake(table: dict[str, set[str]], tree: Path) -> list[str]:
    problems = []
    # A feature is one CMake target: it links what any of its files may include.
    features_may = set().union(*(allowed for name, allowed in table.items() if name.startswith(ANY_FEATURE)))
    for path in sorted((tree / "lib").rglob("CMakeLists.txt")):
        where = path.relative_to(tree).as_posix()
        for module, rest in USES.findall(path.read_text(encoding="utf-8")):
            if feature_of(module + "/x") is not None:
                problems += check_uses(where, module, rest, features_may)
                continue
            if module not in table:
                problems.append(f"{where}: module '{module}' is not in {TABLE}")
                continue
            problems += check_uses(where, module, rest, table[module])
    return problems


def check_sizes(tree: Path) -> list[str]:
    problems = []
    for top, limit in LIMITS.items():
        for path in sources(tree, top):
            name = path.relative_to(tree).as_posix()
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) > limit:
                problems.append(f"{name}: {len(lines)} lines, the limit is {limit}")
            if top != "tests" and path.suffix == ".cpp":
                problems += [f"{name}:{start}: a function of {length} lines, the limit is {LONGEST_FUNCTION}"
                             for start, length in long_functions(lines)]
    return problems


def long_functions(lines: list[str]) -> list[tuple[int, int]]:
    """Functions at column 0, as clang-format leaves them: from their first line to a lone '}'.
    Tables of data end in '};' and are none."""
    found = []
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and OPENING.match(line) and not re.match(r"(namespace|enum|struct|class|using)\b", line):
            start = number
        elif line.startswith("}"):
            if start is not None and line == "}" and number - start + 1 > LONGEST_FUNCTION:
                found.append((start, number - start + 1))
            start = None
        elif line.endswith(";") and not line.startswith(" "):
            start = None
    return found


def code_of(line: str) -> str:
    """The line without comments, includes and the character '"'."""
    return "" if line.lstrip().startswith(("//", "#include")) else line.split(" //")[0].replace("'\"'", "")


def platform_names(tree: Path) -> dict[str, str]:
    """Its units and paths, and where they are: words such as "chrony" are also a profile's, and a feature's."""
    return {name: path.relative_to(tree).as_posix() for path in sources(tree, PLATFORM)
            for line in path.read_text(encoding="utf-8").splitlines() for name in NAME.findall(code_of(line))
            if "/" in name or name.endswith((".service", ".timer"))}


def platform_pattern(names: dict[str, str]) -> re.Pattern[str]:
    """Finds the longest name in a text, also as a directory above a path, but not as a part of another name."""
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![\w./@-])({'|'.join(longest_first)})(?![\w@-]|\.\w)")


def check_platform(tree: Path) -> list[str]:
    problems = []
    names = platform_names(tree)
    if not names:
        return []
    pattern = platform_pattern(names)
    for path in sources(tree, "lib") + sources(tree, "cli"):
        where = path.relative_to(tree).as_posix()
        if where.startswith(PLATFORM) or NAMES_FREELY.search(where):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            problems += [f'{where}:{number}: "{name}" is a name of {names[name]}'
                         for text in LITERAL.findall(code_of(line)) for name in pattern.findall(text)]
    return problems


def check(tree: Path) -> list[str]:
    table = read_table(tree)
    if not table:
        return [f"{TABLE}: no table of modules found"]
    return (check_table(table, tree) + check_includes(table, tree) + check_cmake(table, tree)
            + check_sizes(tree) + check_platform(tree))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check(Path(sys.argv[1]))
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "every arrow is in the table")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
