# shellcheck shell=bash
# The words scenarios are written in. A word that expects something ends the scenario when it is not
# so, and says what was expected and what was found.

server=192.168.4.2
server2=192.168.4.3
upstream=192.168.4.9

# What reply_of prints of a server that follows upstream and has settled. In the first seconds after
# chronyd's first sample its root dispersion grows by a second a second; timesyncd refuses such a server
# (more than 5 s), takes the next of NTP= and does not come back by itself.
traceable='leap=0 mode=4 stratum=2 .*root_dispersion_s=0\.00'
# Running on its own clock, in island mode; and neither.
island='leap=0 mode=4 stratum=10 refid=7f7f0101'
no_time='leap=3 mode=4 stratum=0 refid=00000000'

fail() { die "FAILED: $*"; }

# expect_exit STATUS COMMAND...: its output goes to the log and to $output.
expect_exit() {
    local expected=$1 status=0
    shift
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$output"
    [ "$status" = "$expected" ] || fail "'$*' exited $status, expected $expected"
}
expect_ok() { expect_exit 0 "$@"; }

expect_output() {
    grep -qE -- "$1" <<<"$output" || fail "the output has no '$1'"
}

expect_same() {
    if [ "$1" = "$2" ]; then return; fi
    diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") || true
    fail "something changed, see above (< before, > after)"
}

# expect_within SECONDS COMMAND...
expect_within() {
    local seconds=$1
    shift
    try_for "$seconds" "$@" && return
    "$@" || true
    fail "not within $seconds s: $*"
}

# --- timectl ----------------------------------------------------------------

# A scenario may give a host another role.
declare -A roles=()
role_of() {
    case ${roles[$1]:-$1} in
    server* | ifupdown | netplan | manager) echo server ;;
    *) echo client ;;
    esac
}

# What comes before a command that is given at the host's own console. A container has none.
console=()

# carry_out HOST COMMAND [OPTION...]: a change, by --yes. A script that is refused because the host would lose what it
# is reached by does what the error says: it lets the change await its confirmation, and confirms. After a provision it
# must have lost it: a refusal of what leaves addresses and routes alone ends the scenario. What an uninstall leads back
# to is not known before, and may be the same. Sets output and status.
carry_out() {
    local host=$1 reached_by
    shift
    reached_by=$(reached_by "$host")
    status=0
    output=$(on "$host" "${console[@]}" timectl "$@" --yes 2>&1) || status=$?
    printf '%s\n' "$output"
    # 4: a lease came while packages were installed, and all is undone.
    if [[ $status != [14] ]] || ! grep -q 'would cut this host off' <<<"$output"; then return; fi
    expect_output "add '--confirm 10m'"
    status=0
    output=$(on "$host" timectl "$@" --yes --confirm 10m 2>&1) || status=$?
    printf '%s\n' "$output"
    if [ "$status" != 0 ] && [ "$status" != 3 ]; then return; fi
    [ "$1" != provision ] || try_for 30 is_reached_otherwise "$host" "$reached_by" ||
        fail "'$*' was refused on $host, which keeps what it is reached by: $reached_by"
    on "$host" timectl confirm
}
addresses_of() { on "$1" ip -4 -o address show dev eth0 scope global | awk '{ print $4 }' | xargs; }
# A lease's metric and the word of who set a route are no other way.
reached_by() {
    addresses_of "$1"
    on "$1" ip -4 route show | awk '{ print $1, $2, $3, $4, $5 }' | sort
}
is_reached_otherwise() { [ "$(reached_by "$1")" != "$2" ]; }
expect_carried_out() {
    local status
    carry_out "$@"
    [ "$status" = 0 ] || fail "'$*' exited $status"
}

# provision HOST [OPTION...]: 3 is fine too, it says that something needs attention which a change
# cannot bring about (no RTC here); the findings say so. Sets provision_status.
provision() {
    local host=$1 status started=$EPOCHREALTIME
    shift
    carry_out "$host" provision --role "$(role_of "$host")" "$@"
    provision_status=$status
    say "provisioning $host took $(since "$started") s, exit $status"
    case $status in 0 | 3) ;; *) fail "provisioning $host exited $status" ;; esac
    # In the lab every daemon can be asked.
    if grep 'could not be tried in a sandbox' <<<"$output"; then fail "$host: see above"; fi
}

since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }'; }

# The site as it should be: both provisioned, the server with an upstream, main following it.
site_up() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    provision main
    expect_within "$by_three_checks" follows main "$server"
}

# finding HOST PROBE: one line "verdict summary; cause; remedy". That verify exits 3 for some other
# finding is no matter here.
finding() {
    { on "$1" timectl verify --role "$(role_of "$1")" --json 2>/dev/null || true; } |
        "$lab_dir/support/finding.py" "$2"
}
has_finding() { [ "$(finding "$1" "$2" | cut -d' ' -f1)" = "$3" ]; }

# expect_finding HOST PROBE VERDICT [SECONDS]
expect_finding() {
    local seconds=${4:-${patience:-10}}
    pause=1 try_for "$seconds" has_finding "$1" "$2" "$3" ||
        fail "$1: $2 is not $3 within $seconds s: it is $(finding "$1" "$2")"
    say "$1: $2 is $(finding "$1" "$2")"
}

# expect_cause HOST PROBE VERDICT PATTERN: verify finds it, and its words have PATTERN.
expect_cause() {
    expect_finding "$1" "$2" "$3"
    output=$(finding "$1" "$2")
    expect_output "$4"
}

# --- timectl while something else happens ---------------------------------------

# begin HOST COMMAND...: in the background of the host, in a session of its own.
begin() {
    local host=$1
    shift
    # shellcheck disable=SC2016  # the host's shell expands it
    on "$host" sh -c 'rm -f /run/begun.*
        setsid sh -c '\''"$@" >/run/begun.said 2>&1 & echo $! >/run/begun.pid; wait $!
            echo $? >/run/begun.status'\'' begun "$@" >/dev/null 2>&1 </dev/null &' begin "$@"
}
has_said() { on "$1" grep -qs -- "$2" /run/begun.said; }
has_ended() { on "$1" test -s /run/begun.status; }
# expect_ended HOST STATUS
expect_ended() {
    expect_within 60 has_ended "$1"
    expect_ok on "$1" cat /run/begun.said /run/begun.status
    expect_same "$2" "$(tail -n 1 <<<"$output")"
}
kill_begun() { on "$1" sh -c 'kill -KILL "$(cat /run/begun.pid)"'; }

# provision_until HOST PATTERN [OPTION...]: provisioning is under way when this returns. "checks the
# daemons" comes when everything is changed and nothing is committed, and lasts two seconds.
provision_until() {
    local host=$1 pattern=$2
    shift 2
    begin "$host" "${console[@]}" timectl provision --role "$(role_of "$host")" --yes "$@"
    expect_within 60 has_said "$host" "$pattern"
}

# --- the controller ---------------------------------------------------------------

# What the running controller was started with, not what its unit says now.
controller_environment() {
    # shellcheck disable=SC2016
    on main sh -c 'tr "\0" "\n" </proc/$(systemctl show --value -p MainPID controller)/environ'
}
told_to_controller() { controller_environment | grep -E '^(CONSERVE_POWER|NTP_SYNCED|NTP_SERVER)=' | sort; }
saving() {
    [ "$(told_to_controller)" = "$(printf '%s\n' CONSERVE_POWER=1 "NTP_SERVER=${1:-$server}" NTP_SYNCED=true)" ]
}
not_saving() { [ -n "$(controller_environment)" ] && [ -z "$(told_to_controller)" ]; }

# One tick; hysteresis may want several. Each asks the servers, so they are a second apart.
tick_and() { on main timectl monitor && "$@"; }
expect_by_ticks() { pause=1 expect_within 120 tick_and "$@"; }
# What the very next tick must bring about; a controller that it restarted may not be executed yet.
expect_next_tick() {
    expect_ok on main timectl monitor
    try_for 3 "$@" || fail "after a tick: not '$*', but $(told_to_controller | paste -sd' ')"
}

# by_unit HOST COMMAND...: as a unit like the monitor's. ProtectKernelTunables= hides the boot ID that nspawn gives its
# host, and what one process notes of this boot is another boot's to the other.
by_unit() { on "$1" systemd-run --quiet --wait --pipe --collect -p ProtectKernelTunables=yes "${@:2}"; }

# --- time, asked by others than timectl --------------------------------------

# reply_of ADDRESS: what a client on the LAN gets.
reply_of() { in_net witness "$lab_dir/support/ask_ntp.py" "$1"; }

# serves HOST PATTERN: asked over the wire.
serves() {
    output=$(reply_of "${!1}") || return
    grep -qE "$2" <<<"$output" || { echo "got $output"; return 1; }
}
# Usually seconds; but when one of chronyd's first four samples was no good, its next is a minute away.
expect_serves() {
    pause=2 expect_within "${3:-150}" serves "$1" "$2"
    say "$1 serves $output"
}

# A timesyncd whose first packets were lost follows a fallback until the third check sends it back.
by_three_checks=300
# follows main ADDRESS: timesyncd has had a packet from it.
follows() {
    local said
    said=$(on "$1" timedatectl show-timesync -p ServerAddress -p NTPMessage)
    if grep -q "^ServerAddress=$2$" <<<"$said" && grep -q '^NTPMessage=.*Stratum=' <<<"$said"; then return; fi
    echo "timesyncd: $(paste -sd' ' <<<"$said")"
    return 1
}

# --- what changed --------------------------------------------------------------

# footprint HOST: every file that timectl may own with inode and times, each service's invocation, the
# enabled units. Two equal footprints: nothing was written, nothing restarted. Without what a tick of the
# monitor writes: one may come between the two.
footprint() {
    on "$1" sh -c 'find /etc /boot /usr/lib/systemd /run/systemd/system /var/lib/timectl -xdev \
            ! -path /var/lib/timectl ! -path /var/lib/timectl/rtc.json ! -path "/var/lib/timectl/history*" \
            ! -path /var/lib/timectl/learned.json \
            -printf "%p %i %m %u:%g %T@ %C@\n" 2>/dev/null | sort
        systemctl show --property=Id,InvocationID,ActiveState \
            chrony systemd-timesyncd systemd-networkd dnsmasq controller timectl-monitor.timer
        systemctl list-unit-files --no-legend --no-pager'
}

# state_of HOST: what timectl may own, by content, mode, owner and time; what is enabled and what runs.
# Two equal states: it is as it was, whatever happened meanwhile.
state_of() {
    configuration_of "$1"
    on "$1" sh -c 'hostname
        systemctl list-unit-files --no-legend --no-pager
        systemctl is-active chrony systemd-timesyncd systemd-networkd timectl-monitor.timer' || true
}

# configuration_of HOST: of that the files alone. Some are written by daemons whenever they like.
configuration_of() {
    on "$1" sh -c 'places="/etc /boot /usr/local"
        not_daemons="! -name resolv.conf ! -name fake-hwclock.data"
        find $places -xdev $not_daemons -printf "%p %y %m %u:%g %l\n" | sort
        find $places -xdev -type f $not_daemons -printf "%p %T@\n" | sort
        find $places -xdev -type f $not_daemons -exec sha256sum {} + | sort -k 2'
}

# own_files HOST: what is of timectl's concern below /etc, with contents; what packages keep there aside.
own_files() {
    on "$1" sh -c 'cd /etc && find . -xdev \( -path "*timectl*" -o -path ./hosts -o -path ./hostname \
        -o -path "./systemd/system/*" -o -path "./systemd/network/*" \) \( -type f -o -type l \) \
        -exec sh -c "for f; do echo \"\$f \$(readlink \"\$f\" || md5sum <\"\$f\")\"; done" sh {} + | sort'
}

invocation_of() { on "$1" systemctl show --value -p InvocationID "$2"; }

# --- an image that is not running -----------------------------------------------

# The server's disk, not booted, at /mnt/card of a chroot of the same suite.
card=/mnt/card
insert_card() {
    local bench=$work/bench/root
    insert_disk server
    mkdir -p "$bench" "$work/bench"/{upper,overlay}
    mount -t overlay bench "$bench" \
        -o "lowerdir=$(image_dir)/base,upperdir=$work/bench/upper,workdir=$work/bench/overlay"
    mkdir -p "$bench$card"
    install -m 755 "$timectl_binary" "$bench/usr/bin/timectl"
    mount -t proc proc "$bench/proc"
    mount --bind /dev "$bench/dev"
    mount --bind "$(disk_of server)" "$bench$card"
}

# on_bench COMMAND...: beside the card, on a machine that is none of the hosts.
on_bench() {
    timeout --foreground 300 chroot "$work/bench/root" env -i HOME=/root LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Installs packages on the card as an image builder does: nothing is started.
install_on_card() {
    local disk=$work/bench/root$card
    printf '#!/bin/sh\nexit 101\n' >"$disk/usr/sbin/policy-rc.d"
    chmod +x "$disk/usr/sbin/policy-rc.d"
    mount --bind "$(image_dir)/apt" "$disk/srv/apt"
    on_bench chroot "$card" env DEBIAN_FRONTEND=noninteractive apt-get -qy install \
        --no-install-recommends "$@"
    umount "$disk/srv/apt"
    rm "$disk/usr/sbin/policy-rc.d"
}

# The card goes into the server: power_on finds its disk mounted.
remove_card() { umount "$work/bench/root$card"; }
