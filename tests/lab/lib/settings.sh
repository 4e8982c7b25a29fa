# shellcheck shell=bash
# Where things are, how to complain, how to wait. Sourced by everything in tests/lab.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project_dir=$(cd "$lab_dir/../.." && pwd)
# tests/bench has a scenario of its own.
scenarios_dir=${TIMECTL_SCENARIOS:-$lab_dir/scenarios}
cache_dir=${TIMECTL_LAB:-/var/cache/timectl-lab}
suite=${suite:-bookworm}
all_suites="bookworm trixie"
# Boot order: main is the site's gateway, DHCP and DNS server.
all_hosts="main upstream server dhcp ifupdown netplan manager"
# A second server, of the first one's image; only some scenarios boot it.
spare_hosts="server2"

# What hosts can install by apt (lib/image.sh).
repository_list=${repository_list:-$lab_dir/hosts/repository}

# Images and hosts must not depend on who builds them.
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

# The directory of tests whose runner this is, vm say.
level=${level:-lab}
say() { printf '%s: %s\n' "$level" "$*" >&2; }
# in_scenario: " (hosts_boot.sh:12)", the line of the scenario that is being played; nothing outside of one.
in_scenario() {
    local i
    for i in "${!BASH_SOURCE[@]}"; do
        if [[ ${BASH_SOURCE[i]} == "$scenarios_dir"/* ]]; then
            printf ' (%s:%s)' "${BASH_SOURCE[i]##*/}" "${BASH_LINENO[i - 1]}" && return
        fi
    done
}
# In scenarios die_status is 99: "the host is off" must not pass for a command that exited 1.
die() { say "$*$(in_scenario)"; exit "${die_status:-1}"; }

# leaves_clock SCENARIO: it says that it does without the kernel's clock. Then main is only the site's
# gateway and its timesyncd does not run; the scenario can be played beside any other.
leaves_clock() { grep -qx '# clock: untouched' "$scenarios_dir/$1.sh"; }

# wants_package SCENARIO: it installs timectl's package, which takes a build of its own.
wants_package() { grep -qx '# package: wanted' "$scenarios_dir/$1.sh"; }

# Each checkout has its own build tree in the cache: two worktrees must not share objects.
checkout_id() { printf '%s' "$project_dir" | sha256sum | cut -c1-10; }

# ctest counts this as skipped (SKIP_RETURN_CODE), tests/run names it.
skip() { say "skipped: $*"; exit 77; }

# lines FILE: its lines without comments; a line that ends in "[suite]" counts in that suite only.
lines() {
    sed -e 's/#.*//' -e "s/ *\[$suite\] *\$//" -e '/\[/d' -e '/^ *$/d' "$1"
}

# try_for SECONDS COMMAND...: repeats until it succeeds; 1 at the deadline. The only waiting there is.
# $pause is what lies between two attempts, for commands that cost another host something. By the time since boot:
# bash's SECONDS is the wall clock, and a machine that is set right by a minute ends each wait.
try_for() {
    local now deadline
    read -r now _ </proc/uptime
    deadline=$((${now%.*} + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        read -r now _ </proc/uptime
        [ "${now%.*}" -lt "$deadline" ] || return 1
        sleep "${pause:-0.1}"
    done
}
