# shellcheck shell=bash
# Plays one scenario in the namespaces that the runner made for it; whatever happens here, nothing outlives
# this process. Sourced by inside.sh.

die_status=99
# On the switch beside the witness, which asks; machines plug themselves in.
all_hosts=upstream spare_hosts=''
# A tmpfs: disks of a gigabyte without waiting.
work=/run/timectl-$level

# keep_evidence: what is needed to see why a scenario failed.
keep_evidence() {
    local host directory
    for host in "${!qemu_of[@]}"; do
        mkdir -p "$scratch/$host"
        if is_on "$host"; then
            on "$host" journalctl --no-pager -o short-precise >"$scratch/$host/journal" 2>&1 || true
            on "$host" sh -c 'date -u; ip address; chronyc -n tracking; chronyc -n selectdata
                timectl rtc show; cat /var/lib/timectl/rtc.json /run/timectl/rtc.json
                dmesg | grep -iE "rtc|i2c"' >"$scratch/$host/state" 2>&1 || true
            on "$host" sync || true
        fi
        rtc "$host" get >"$scratch/$host/rtc" 2>&1 || true
        for directory in /etc /var/lib/timectl /var/log/journal; do
            mkdir -p "$scratch/$host/disk$(dirname "$directory")"
            debugfs -R "rdump $directory $scratch/$host/disk$(dirname "$directory")" \
                "$(root_of_disk "$host")" 2>/dev/null || true
        done
    done
}

finish() {
    local status=$? host
    trap - EXIT ERR
    if [ "$status" != 0 ] || [ -n "${keep:-}" ]; then keep_evidence; fi
    for host in "${!qemu_of[@]}"; do
        if is_on "$host"; then kill -KILL "${qemu_of[$host]}"; fi
    done
    exit "$status"
}

# play_scenario NAME
play_scenario() {
    mkdir -p "$work"
    mount -t tmpfs -o mode=755 "timectl-$level" "$work"
    trap finish EXIT
    trap 'say "stopped at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND$(in_scenario)"' ERR
    network_up
    # shellcheck disable=SC1090
    . "$scenarios_dir/$1.sh"
    scenario
}
