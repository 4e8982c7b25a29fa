# shellcheck shell=bash
# A host: Debian booted by systemd-nspawn with systemd as PID 1, D-Bus, journal and timers, on an
# overlay of the cached image. tests/README.md says why each flag is there.
#
# $work      tmpfs: disks and namespaces of this run
# $scratch   what is left for a person: consoles, and disks when a scenario failed
# $lab_cgroup  name of this run's control group

# cgroup2 is either the whole tree or, in the hybrid layout, beside systemd's own v1 tree: a process
# must be moved in both, or systemd in the guest takes the machine's groups for its own.
cgroup_roots() {
    if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
        echo /sys/fs/cgroup
    else
        echo /sys/fs/cgroup/unified
        if [ -d /sys/fs/cgroup/systemd ]; then echo /sys/fs/cgroup/systemd; fi
    fi
}
# Not by "| head": a reader that leaves early ends the writer by SIGPIPE, and pipefail the script.
own_cgroup_root() {
    local roots
    mapfile -t roots < <(cgroup_roots)
    echo "${roots[0]}"
}
cgroup_of() { echo "$(own_cgroup_root)/$lab_cgroup/$1"; }

# A control group that was killed must not be used again: since Linux 6.13 a process that systemd 257
# starts straight into a new group below it (CLONE_INTO_CGROUP) is taken for one of the killed ones.
# Its last processes take a moment to be gone.
remove_cgroup() {
    local root
    for root in $(cgroup_roots); do
        try_for 10 rmdir_tree "$root/$1" || die "left behind: $root/$1"
    done
}
rmdir_tree() {
    [ -d "$1" ] || return 0
    find "$1" -depth -type d -exec rmdir {} +
}

# What a host is made from: hosts/server and its layer are server2's too.
kind_of() { echo "${1%[0-9]}"; }
disk_of() { echo "$work/$1/root"; }
console_of() { echo "$scratch/console-$1.log"; }

# The host's PID 1 as this namespace sees it; empty when it is off.
init_of() { head -qn 1 "$(cgroup_of "$1")/payload/init.scope/cgroup.procs" 2>/dev/null || true; }
is_on() { [ -n "$(init_of "$1")" ]; }

# --- disks ------------------------------------------------------------------

insert_disk() { mount_disk "$1" "$(image_dir)/layer-$(kind_of "$1"):$(image_dir)/base"; }

# mount_disk HOST LAYERS: what is written goes above them.
mount_disk() {
    local host=$1 layers=$2 disk
    disk=$(disk_of "$host")
    mkdir -p "$disk" "$work/$host"/{upper,overlay}
    mount -t overlay "$host" "$disk" \
        -o "lowerdir=$layers,upperdir=$work/$host/upper,workdir=$work/$host/overlay"
    prepare_disk "$host" "$disk"
}

# What the site and its owner had before timectl: the files of hosts/base and hosts/HOST.
prepare_disk() {
    local host=$1 disk=$2 unit files
    files=$lab_dir/hosts/$(kind_of "$host")
    cp -r "$lab_dir/hosts/base/root/." "$files/root/." "$disk/"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$(cat "$disk/etc/hostname")" >"$disk/etc/hosts"
    # Never empty: systemd would take it for a first boot and preset every unit.
    printf '%s' "$host" | md5sum | cut -c1-32 >"$disk/etc/machine-id"
    install -m 755 "$timectl_binary" "$disk/usr/bin/timectl"
    if [ -e "$files/enable" ]; then
        while read -r unit; do
            systemctl --root="$disk" --quiet enable "$unit" 2>/dev/null || die "$host has no $unit"
        done <"$files/enable"
    fi
}

# --- power ------------------------------------------------------------------

# Only the main Pi may touch the kernel clock, which all hosts and this machine share. timesyncd finds
# offsets of microseconds there: upstream serves the very same clock.
steers_clock() { [ "$1" = main ] && ! leaves_clock "$scenario_name"; }
capabilities_of() {
    if steers_clock "$1"; then echo CAP_NET_ADMIN,CAP_SYS_TIME; else echo CAP_NET_ADMIN; fi
}

# The host's mains: runs nspawn again each time the guest reboots (that is exit code 133 with
# --keep-unit), in a control group of its own.
power_supply() {
    local host=$1 root status
    for root in $(cgroup_roots); do
        mkdir -p "$root/$lab_cgroup/$host"
        echo "$BASHPID" >"$root/$lab_cgroup/$host/cgroup.procs"
    done
    while :; do
        network_cold "$host"
        # A machine that was off has an unsynchronized clock; ours is shared and keeps its flags.
        if steers_clock "$host"; then "$lab_dir/support/kernel_clock.py" unsync; fi
        echo "=== power on"
        status=0
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network systemd-nspawn \
            --quiet --boot --directory="$(disk_of "$host")" --machine="$host" \
            --register=no --keep-unit --settings=no --link-journal=no --console=read-only \
            --resolv-conf=off --timezone=off --network-namespace-path="$(net_of "$host")" \
            --bind-ro="$(image_dir)/apt:/srv/apt" --capability="$(capabilities_of "$host")" ||
            status=$?
        echo "=== power off, nspawn said $status"
        [ "$status" = 133 ] || break
    done
}

power_on() {
    if is_on "$1"; then die "$1 is on already"; fi
    mountpoint -q "$(disk_of "$1")" || insert_disk "$1"
    power_supply "$1" >>"$(console_of "$1")" 2>&1 </dev/null &
    disown
}

# has_booted HOST [OLD_INIT]: PID 1 answers, and is not the one of before a reboot.
has_booted() {
    local init
    init=$(init_of "$1")
    [ -n "$init" ] && [ "$init" != "${2:-}" ] && [ -S "/proc/$init/root/run/systemd/private" ]
}

failed_units() {
    on "$1" systemctl list-units --failed --no-legend --plain | awk '{ printf ", failed: %s", $1 }'
}

# Waits for the end of the boot; "degraded" (a unit failed) is for the scenario to judge.
wait_for_boot() {
    local state
    try_for 60 has_booted "$@" || die "$1 did not start, see $(console_of "$1")"
    state=$(on "$1" systemctl is-system-running --wait) || true
    say "$1 is $state$(failed_units "$1")"
    case $state in running | degraded) ;; *) die "$1 did not boot: '$state'" ;; esac
}

boot() {
    local host
    for host in "$@"; do power_on "$host"; done
    for host in "$@"; do wait_for_boot "$host"; done
}

reboot_host() {
    local old
    old=$(init_of "$1")
    on "$1" systemctl --no-block reboot
    wait_for_boot "$1" "$old"
}

halt_host() {
    on "$1" systemctl --no-block poweroff
    try_for 60 is_off "$1" || die "$1 did not power off"
    network_cold "$1"
}

# Pulls the plug.
kill_host() {
    echo 1 >"$(cgroup_of "$1")/cgroup.kill"
    try_for 10 is_off "$1" || die "$1 does not die"
    network_cold "$1"
    remove_cgroup "$lab_cgroup/$1"
}

is_off() { ! grep -rqs . "$(cgroup_of "$1")" --include=cgroup.procs; }

# --- hands ------------------------------------------------------------------

# on HOST COMMAND...: runs it in all of the host's namespaces with a clean environment. Every command
# has a deadline.
on() {
    local host=$1 init
    shift
    init=$(init_of "$host")
    [ -n "$init" ] || die "$host is off"
    timeout --foreground 300 nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd \
        env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash TERM="${TERM:-dumb}" LANG=C.UTF-8 \
        SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

cut_cable() { in_net switch ip link set "$1" down; }
mend_cable() { in_net switch ip link set "$1" up; }
