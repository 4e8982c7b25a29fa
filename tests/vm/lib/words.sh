# shellcheck shell=bash
# The words of scenarios that only full machines have; the others are the lab's.

# ahead_of_truth HOST: sets $ahead, how far its clock is ahead of the runner's in seconds, and $unsure:
# asking takes a while, and longer on a busy machine.
ahead_of_truth() {
    local before=$EPOCHREALTIME said
    said=$(on "$1" date +%s.%N) || return
    read -r ahead unsure < <(awk -v said="$said" -v before="$before" -v after="$EPOCHREALTIME" \
        'BEGIN { printf "%.2f %.2f\n", said - (before + after) / 2, (after - before) / 2 }')
}
# has_right_time HOST [SECONDS]
has_right_time() {
    ahead_of_truth "$1" || return
    awk -v a="$ahead" -v limit="${2:-2}" -v unsure="$unsure" \
        'BEGIN { limit += unsure; exit !(-limit <= a && a <= limit) }'
}
expect_right_time() {
    has_right_time "$@" || fail "$1 is $ahead s ahead (within $unsure s)"
    say "$1 is $ahead s ahead (within $unsure s)"
}
# A timectl that was just built raises the clock to its commit's time, minutes ago.
expect_wrong_time() {
    if has_right_time "$1" 5; then fail "$1 knows the time"; fi
    say "$1 is $ahead s ahead"
}

true_time() { date -u -d "@$EPOCHSECONDS" +%Y-%m-%dT%H:%M:%SZ; }

# server_of_card HOST: its card was provisioned (timectl --root) before it ever ran, as an image builder does.
server_of_card() {
    insert_card
    install_on_card chrony
    expect_ok on_bench timectl provision --root "$card" --role server --yes
    remove_card
    boot "$1"
}

# validate HOST: its operator sets the clock by a wrist watch; RTC and clock are right to the second afterwards.
# That takes seconds, in which a tick of the monitor would find them apart, and disable island mode.
validate() {
    local timer=timectl-monitor.timer watched=
    if on "$1" systemctl is-active --quiet $timer; then watched=1; fi
    expect_ok on "$1" systemctl stop $timer timectl-monitor.service
    expect_ok on "$1" timectl rtc set --time "$(true_time)"
    rtc "$1" right
    expect_ok on "$1" timectl rtc hctosys
    [ -z "$watched" ] || expect_ok on "$1" systemctl start $timer
}

# What the chip says of itself: rtc_has HOST KEY, as support/rtc_chip prints it.
rtc_has() { rtc "$1" get | sed -E "s/.*\"$2\": ([^,}]*).*/\1/"; }
# rtc_is_within HOST SECONDS of the truth.
rtc_is_within() {
    awk -v ahead="$(rtc_has "$1" ahead_s)" -v limit="$2" 'BEGIN { exit !(-limit <= ahead && ahead <= limit) }'
}

# expect_order HOST UNIT...: became active one after the other in this boot.
expect_order() {
    local host=$1 unit times=()
    shift
    for unit in "$@"; do
        times+=("$(on "$host" systemctl show --value -p ActiveEnterTimestampMonotonic "$unit")")
    done
    say "active after (us): $(paste -d= <(printf '%s\n' "$@") <(printf '%s\n' "${times[@]}") | paste -sd' ')"
    # One that never did says 0.
    case " ${times[*]} " in *" 0 "*) fail "not all of them became active" ;; esac
    expect_same "$(printf '%s\n' "${times[@]}" | sort -n)" "$(printf '%s\n' "${times[@]}")"
}

# expect_trust HOST TRUST: what timectl thinks of the RTC (lib/rtc/rtc.hpp).
expect_trust() {
    output=$(on "$1" timectl rtc show --json) || true
    expect_output "\"trust\": *\"($2)\""
}

# expect_rtc_refused HOST TRUST: after a boot; no time is served then, and that is said.
expect_rtc_refused() {
    expect_trust "$1" "$2"
    expect_finding "$1" rtc.time failed
    expect_exit 3 on "$1" timectl island enable
    expect_serves "$1" "$no_time" 60
    expect_ok on "$1" journalctl --boot --unit timectl-rtc
    expect_output 'refused|not believed|stopped|before the build'
    # The time is not known, but it is not the year 2000.
    expect_ok on "$1" date +%Y
    expect_output '^20[2-4][0-9]$'
}

# --- the internet ---------------------------------------------------------------

# internet_comes: a stratum 1 server on the LAN, of hosts/upstream's files; it serves the runner's clock, the
# truth, and steers nothing (-x). follow_internet HOST makes it a source, as DNS would the pool's servers.
internet_comes() {
    local tree=$work/upstream/root
    mkdir -p "$tree" "$work/upstream"/{upper,overlay}
    mount -t overlay upstream "$tree" \
        -o "lowerdir=$(image_dir)/layer-upstream:$(image_dir)/base,upperdir=$work/upstream/upper,workdir=$work/upstream/overlay"
    cp -r "$lab_dir/hosts/upstream/root/." "$tree/"
    mkdir -p "$tree/run/chrony"
    in_net upstream ip address add "$upstream/24" dev eth0
    in_net upstream ip link set eth0 up
    in_net upstream chroot "$tree" chronyd -x -d >>"$scratch/upstream.log" 2>&1 </dev/null &
    disown
    in_net upstream chroot "$tree" true-time /run/chrony/true-time.sock >>"$scratch/upstream.log" 2>&1 </dev/null &
    disown
    expect_serves upstream 'leap=0 mode=4 stratum=1' 60
}
follow_internet() { expect_ok on "$1" chronyc add server "$upstream" iburst; }

# The guest agent has no terminal, and is a service. These commands are an operator's at the machine's own screen, which
# loses no address: there is no pam_systemd, so such a login stays in the getty's slice.
# shellcheck disable=SC2016  # the host's shell expands it
console=(sh -c 'exec systemd-run --quiet --pipe --wait --collect --slice=system-getty.slice \
    setsid --ctty --wait "$@" </dev/tty9' at_console)
