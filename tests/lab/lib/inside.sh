#!/bin/bash
# One scenario in namespaces of its own (mounts, processes, control group): called by tests/lab/run,
# which cleans up from outside. Whatever happens here, nothing outlives this process.
#
# usage: inside.sh SCENARIO   (suite, scratch, lab_cgroup, timectl_binary, timectl_package, shell_host in the environment)
set -eEuo pipefail

# shellcheck source=tests/lab/lib/settings.sh
. "$(dirname "$0")/settings.sh"
for part in image network machine words backends legacy; do
    # shellcheck disable=SC1090
    . "$lab_dir/lib/$part.sh"
done

scenario_name=$1
die_status=99

# A tmpfs: quick, gone at the end, and able to carry an overlay even where /var is one itself.
work=/run/timectl-lab
mkdir -p "$work"
mount -t tmpfs -o mode=755 timectl-lab "$work"
# nspawn keeps locks and propagation directories here; it insists on a tmpfs, and ours alone.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 timectl-lab /run/systemd/nspawn

# keep_evidence: what is needed to see why a scenario failed, and the changed part of every disk.
keep_evidence() {
    local host
    for host in $all_hosts $spare_hosts; do
        [ -d "$work/$host/upper" ] || continue
        mkdir -p "$scratch/$host"
        if is_on "$host"; then
            on "$host" journalctl --boot --no-pager -o short-precise >"$scratch/$host/journal" 2>&1 || true
            on "$host" sh -c 'ip address; for what in activity tracking selectdata sourcestats ntpdata; do chronyc -n $what; done
                timeout 5 timedatectl show-timesync; grep -H . /run/systemd/netif/state' \
                >"$scratch/$host/state" 2>&1 || true
        fi
        cp -a "$work/$host/upper" "$scratch/$host/disk" || true
    done
}

finish() {
    local status=$? host
    trap - EXIT ERR
    if [ "$status" != 0 ] || [ -n "${keep:-}" ]; then keep_evidence; fi
    if [ -n "${shell_host:-}" ] && is_on "$shell_host"; then
        say "a shell on $shell_host; leave it to end the lab"
        on_terminal "$shell_host" <>/dev/tty >&0 2>&1 || true
    fi
    for host in $all_hosts $spare_hosts; do
        if is_on "$host"; then echo 1 >"$(cgroup_of "$host")/cgroup.kill"; fi
    done
    exit "$status"
}

on_terminal() {
    nsenter --target "$(init_of "$1")" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env -i HOME=/root TERM="${TERM:-dumb}" PS1="$1# " \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash --norc -i
}

trap finish EXIT
trap 'say "stopped at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND$(in_scenario)"' ERR
network_up
# shellcheck disable=SC1090
. "$scenarios_dir/$1.sh"
scenario
