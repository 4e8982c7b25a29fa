#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: the timectl authors
"""The daemons themselves read the golden trees.

syntax_test.py CHECK. Tools are looked for in PATH and in the unpacked packages that TIMECTL_TOOLS
names (directories, separated by colons). A tool that is missing is a skip (77), with the reason.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent

# What Debian's chrony.conf has besides comments; the paths are moved into the scratch directory.
STOCK_CHRONY = """confdir {root}/etc/chrony/conf.d
sourcedir {root}/etc/chrony/sources.d
driftfile {scratch}/chrony.drift
dumpdir {scratch}
logdir {scratch}
maxupdateskew 100.0
rtcsync
makestep 1 3
pidfile {scratch}/chronyd.pid
bindcmdaddress {scratch}/chronyd.sock
cmdport 0
"""


class Skip(Exception):
    pass


def tool(name, directories=("usr/sbin", "usr/bin", "sbin", "bin", "usr/lib/systemd")):
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/systemd"])
    for unpacked in filter(None, os.environ.get("TIMECTL_TOOLS", "").split(":")):
        path += os.pathsep + os.pathsep.join(f"{unpacked}/{each}" for each in directories)
    found = shutil.which(name, path=path)
    if not found:
        raise Skip(f"{name} is neither installed nor below TIMECTL_TOOLS")
    return found


def run(*command, environment=None):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False, env={**os.environ, **(environment or {})})


def trees_with(path):
    """Every golden tree that has `path`."""
    found = sorted(tree for tree in (HERE / "trees").glob("*/*/*") if (tree / path).exists())
    if not found:
        sys.exit(f"no golden tree has {path}")
    return found


def require(result, what):
    if result.returncode != 0:
        sys.exit(f"{what}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    print(f"{what}: accepted")


def chrony_conf(tree, scratch):
    conf = scratch / "chrony.conf"
    conf.write_text(STOCK_CHRONY.format(root=tree, scratch=scratch))
    return conf


def check_chrony_syntax(scratch):
    chronyd = tool("chronyd")
    for tree in trees_with("etc/chrony/conf.d/50-timectl.conf"):
        require(run(chronyd, "-p", "-f", chrony_conf(tree, scratch)), f"{tree} chrony.conf")
        # In a sourcedir a wrong line is ignored silently; as a configuration it is not.
        sources = tree / "etc/chrony/sources.d/timectl.sources"
        require(run(chronyd, "-p", "-f", sources), sources)


def own_network():
    """A command that runs another one in an empty network: nothing of the pools is asked."""
    unshare = tool("unshare")
    for words in ([unshare, "-n"], [unshare, "-r", "-n"]):
        if run(*words, "true").returncode == 0:
            return words
    raise Skip("this kernel gives us no network namespace")


def finish(started):
    """What a daemon said, if it was still there; its end otherwise."""
    ended = started.poll()
    if ended is None:
        started.terminate()
    said, _ = started.communicate(timeout=10)
    return ended, said


def check_chrony_start(scratch):
    command = own_network() + [tool("chronyd"), "-x", "-d", "-u", "root", "-f"]
    daemons = {}
    for number, tree in enumerate(trees_with("etc/chrony/conf.d/50-timectl.conf")):
        own = scratch / str(number)
        own.mkdir()
        daemons[tree] = subprocess.Popen(command + [str(chrony_conf(tree, own))], text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(3)
    for tree, (ended, said) in {tree: finish(each) for tree, each in daemons.items()}.items():
        if ended is not None or "Fatal error" in said or "version" not in said:
            sys.exit(f"{tree}: chronyd ended with {ended}\n{said}")
        print(f"{tree}: chronyd runs on it")


def check_dnsmasq(_):
    dnsmasq = tool("dnsmasq")
    for tree in trees_with("etc/dnsmasq.d/timectl.conf"):
        conf = tree / "etc/dnsmasq.d/timectl.conf"
        require(run(dnsmasq, "--test", f"--conf-file={conf}"), conf)


def copy_units(tree, scratch):
    """The tree's units, calling a program that is there, and a chrony.service for its drop-in."""
    units = scratch / "units"
    shutil.rmtree(units, ignore_errors=True)
    shutil.copytree(tree / "etc/systemd/system", units)
    if (units / "chrony.service.d").exists():
        (units / "chrony.service").write_text("[Service]\nExecStart=/bin/true\n")
    for path in units.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/usr/bin/timectl", "/bin/true"))
    return units


def check_units(scratch):
    analyze = tool("systemd-analyze")
    for tree in trees_with("etc/systemd/system"):
        units = copy_units(tree, scratch)
        files = sorted(path for path in units.iterdir() if path.is_file())
        result = run(analyze, "verify", "--man=no", *files,
                     environment={"SYSTEMD_UNIT_PATH": f"{units}:"})
        ours = [line for line in result.stderr.splitlines() if str(units) in line or "timectl" in line]
        if ours:
            sys.exit(f"{tree}:\n" + "\n".join(ours))
        require(result, f"{tree} units")


# A tenth each of systemd's 10. What remains is what each unit is, with its reason beside it: root on D-Bus
# with a network (monitor), who sets the clock at boot (rtc), the one without a sandbox (recover).
EXPOSURES = {"timectl-monitor": 25, "timectl-monitor-stale": 10, "timectl-rtc": 26, "timectl-recover": 85}


def recover_unit(scratch):
    """Of no tree: it is there while a change is open."""
    unit = scratch / "timectl-recover.service"
    template = HERE.parents[1] / "templates/etc/systemd/system" / unit.name
    unit.write_text(template.read_text().replace("{{timectl}}", "/bin/true"))
    return unit


def check_security(scratch):
    analyze = tool("systemd-analyze")
    if "--offline" not in run(analyze, "--help").stdout:
        raise Skip("this systemd-analyze has no security --offline (250 has)")
    units = {"timectl-recover": [("its template", recover_unit(scratch))]}
    for tree in trees_with("etc/systemd/system"):
        own = scratch / "-".join(tree.parts[-3:])
        own.mkdir()
        for unit in copy_units(tree, own).glob("timectl-*.service"):
            units.setdefault(unit.stem, []).append((tree, unit))
    if units.keys() != EXPOSURES.keys():
        sys.exit(f"units {sorted(units)}, limits for {sorted(EXPOSURES)}")
    for name, places in units.items():
        for place, unit in places:
            result = run(analyze, "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURES[name]}", unit)
            require(result, f"{place} {unit.name}")
            print(next(line for line in result.stdout.splitlines() if "Overall exposure" in line))


def check_timesyncd(_):
    timesyncd = pathlib.Path(tool("systemd-timesyncd")).read_bytes()
    library = b"".join(path.read_bytes() for path in
                       pathlib.Path("/usr/lib").glob("*/systemd/libsystemd-shared-*.so"))
    for tree in trees_with("etc/systemd/timesyncd.conf.d/50-timectl.conf"):
        conf = tree / "etc/systemd/timesyncd.conf.d/50-timectl.conf"
        for key in re.findall(r"^(\w+)=", conf.read_text(), re.MULTILINE):
            if f"Time.{key}".encode() not in timesyncd + library:
                sys.exit(f"{conf}: systemd-timesyncd does not know {key}=")
        print(f"{conf}: every key is known")


def check_udev(_):
    udevadm = tool("udevadm")
    for tree in trees_with("etc/udev/rules.d/85-timectl-rtc.rules"):
        rules = tree / "etc/udev/rules.d/85-timectl-rtc.rules"
        require(run(udevadm, "verify", rules), rules)


def check_netplan(scratch):
    generate = tool("generate", ("usr/libexec/netplan", "usr/lib/netplan", "lib/netplan"))
    for number, tree in enumerate(trees_with("etc/netplan/90-timectl.yaml")):
        # Over the files of its host, as netplan reads them.
        root = scratch / str(number)
        fixture = HERE / "fixtures" / tree.parent.name
        shutil.copytree(fixture / "etc/netplan", root / "etc/netplan")
        for directory in filter(pathlib.Path.exists, [fixture / "usr/lib/netplan"]):
            shutil.copytree(directory, root / "lib/netplan")
        shutil.copy(tree / "etc/netplan/90-timectl.yaml", root / "etc/netplan")
        libraries = ":".join(str(path) for unpacked in
                             filter(None, os.environ.get("TIMECTL_TOOLS", "").split(":"))
                             for path in pathlib.Path(unpacked).glob("usr/lib/*-linux-gnu*"))
        require(run(generate, "--root-dir", root, environment={"LD_LIBRARY_PATH": libraries}),
                f"{tree} netplan")
        rendered = (tree / "etc/netplan/90-timectl.yaml").read_text()
        name = re.search(r'^    "(.+)":$', rendered, re.M)[1]
        # Of Wi-Fi the network's name is behind it.
        connections = root.glob(f"run/NetworkManager/system-connections/netplan-{name}*.nmconnection")
        text = next(connections).read_text()
        address = re.search(r"\d+(?:\.\d+){3}/\d+", rendered)[0]
        if "method=manual" not in text or not re.search(rf"^address1={re.escape(address)}\b", text, re.M):
            sys.exit(f"{tree}: not the connection that was meant\n{text}")
        if "wifis:" in rendered and not ("ssid=" in text and "psk=" in text):
            sys.exit(f"{tree}: the network or its password is gone\n{text}")


def check_ifupdown(scratch):
    ifup = tool("ifup")
    for tree in trees_with("etc/network/interfaces.d"):
        for stanza in sorted((tree / "etc/network/interfaces.d").iterdir()):
            interface = stanza.name.removeprefix("timectl-")
            main = scratch / "interfaces"
            main.write_text(f"source {stanza.parent}/*\n")
            result = run(ifup, "--no-act", "--verbose", "--no-scripts", "--force", "-i", main,
                         f"--state-dir={scratch}", interface)
            require(result, f"{stanza}")
            address = re.search(r"^\s*address (\d+(?:\.\d+){3})", stanza.read_text(), re.M)[1]
            if not re.search(rf"addr add {re.escape(address)}/\S+ .*dev {interface}", result.stderr):
                sys.exit(f"{stanza}: no address\n{result.stderr}")


CHECKS = {"netplan": check_netplan, "ifupdown": check_ifupdown,
          "chrony-syntax": check_chrony_syntax, "chrony-start": check_chrony_start,
          "dnsmasq": check_dnsmasq, "units": check_units, "security": check_security,
          "timesyncd": check_timesyncd, "udev": check_udev}


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"usage: syntax_test.py {'|'.join(CHECKS)}")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            CHECKS[sys.argv[1]](pathlib.Path(scratch))
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
