# shellcheck shell=bash
# A full machine: QEMU without KVM, a kernel and a clock of its own, a DS3231 on I2C bus 1. It is made
# from the same hosts/HOST as a host of the lab and answers to the same words; sourced after the lab's
# machine.sh, whose words for power and hands it defines anew.
#
# $work/HOST/  disk (raw ext4), agent (the guest agent's socket), bus and orders (the RTC's)

disk_image_of() { echo "$work/$1/disk"; }
# Where its file system lies, as e2fsprogs get it.
root_of_disk() { disk_image_of "$1"; }

# --- disks ------------------------------------------------------------------

# insert_disk HOST: its files at disk_of, where they can still be changed before the first power-on.
insert_disk() {
    local host=$1 image disk
    image=$(image_dir)
    disk=$(disk_of "$host")
    mount_disk "$host" "$image/layer-$(kind_of "$host"):$(machine_layer):$image/base"
    # What chronyd and timesyncd need in a container they must not have here: they steer this clock.
    find "$disk/etc/systemd/system" -name 00-lab-in-container.conf -delete
    cp -r "$machine_root/." "$disk/"
    mkdir -p "$disk/srv/apt"
}

# From here on the machine alone writes to it.
format_disk() {
    local host=$1 disk
    disk=$(disk_of "$host")
    mountpoint -q "$disk" || insert_disk "$host"
    mount --bind "$(image_dir)/apt" "$disk/srv/apt"
    truncate -s 2G "$(disk_image_of "$host")"
    mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 -d "$disk" "$(disk_image_of "$host")"
    umount "$disk/srv/apt" "$disk"
    rm -rf "${work:?}/$host"/{upper,overlay}
}

# insert_rtc HOST: soldered in once; it ticks until the runner ends.
insert_rtc() {
    PYTHONDONTWRITEBYTECODE=1 "$vm_dir/support/rtc_chip" run "$work/$1/bus" "$work/$1/orders" \
        >>"$scratch/rtc-$1.log" 2>&1 </dev/null &
    disown
    try_for 10 rtc "$1" get || die "the RTC of $1 does not start, see $scratch/rtc-$1.log"
}

# assemble HOST: a disk, an RTC, a cable into the switch.
assemble() {
    mkdir -p "$work/$1"
    format_disk "$1"
    insert_rtc "$1"
    in_net switch ip tuntap add "$1" mode tap
    in_net switch ip link set "$1" master bridge0 up
}

# --- power ------------------------------------------------------------------

# What stands in the firmware's clock at each power-on: like a Pi, the machine knows no better. The
# kernel never hears of it again (cmos_init): the DS3231 becomes rtc0.
power_on_clock=2020-01-01T00:00:00
memory=512M
declare -A qemu_of=()

power_on() {
    local host=$1 at=$work/$1 boot
    if is_on "$host"; then die "$host is on already"; fi
    [ -e "$(disk_image_of "$host")" ] || assemble "$host"
    boot=$(machine_layer)/boot
    echo "=== power on" >>"$(console_of "$host")"
    nice -n 5 nsenter --net="$(net_of switch)" -- qemu-system-x86_64 -name "$host" \
        -nodefaults -display none -no-reboot \
        -machine q35,accel=tcg,sata=off,usb=off,memory-backend=ram -cpu Nehalem -smp 1 -m "$memory" \
        -object memory-backend-memfd,id=ram,size="$memory",share=on \
        -rtc base="$power_on_clock" \
        -kernel "$boot"/vmlinuz-* -initrd "$boot"/initrd.img-* \
        -append "root=/dev/vda rw console=ttyS0 net.ifnames=0 initcall_blacklist=cmos_init mitigations=off loglevel=5" \
        -chardev file,id=console,path="$(console_of "$host")",append=on -serial chardev:console \
        -drive file="$(disk_image_of "$host")",format=raw,if=none,id=disk -device virtio-blk-pci,drive=disk \
        -netdev tap,id=lan,ifname="$host",script=no,downscript=no \
        -device virtio-net-pci,netdev=lan,mac="02:00:00:00:04:${mac_byte[$host]}" \
        -chardev socket,id=bus,path="$at/bus" -device vhost-user-i2c-pci,chardev=bus,event_idx=off \
        -chardev socket,id=agent,path="$at/agent",server=on,wait=off -device virtio-serial-pci \
        -device virtserialport,chardev=agent,name=org.qemu.guest_agent.0 \
        -device virtio-rng-pci >>"$scratch/qemu-$host.log" 2>&1 </dev/null &
    qemu_of[$host]=$!
    disown
}

is_on() { [ -n "${qemu_of[$1]:-}" ] && kill -0 "${qemu_of[$1]}" 2>/dev/null; }
is_off() { ! is_on "$1"; }

has_booted() { is_off "$1" || "$vm_dir/support/on_machine" "$work/$1/agent"; }

# Waits for the end of the boot; "degraded" (a unit failed) is for the scenario to judge.
wait_for_boot() {
    local host=$1 state started=$SECONDS
    pause=0.5 try_for 600 has_booted "$host" || die "$host did not start, see $(console_of "$host")"
    is_on "$host" || die "$host went off, see $(console_of "$host") and $scratch/qemu-$host.log"
    state=$(on "$host" systemctl is-system-running --wait) || true
    say "$host is $state after $((SECONDS - started)) s$(failed_units "$host")"
    case $state in running | degraded) ;; *) die "$host did not boot: '$state'" ;; esac
    after_boot "$host"
}
# What else a board's emulation needs then.
after_boot() { :; }

reboot_host() {
    on "$1" systemctl --no-block reboot
    go_off "$1"
    boot "$1"
}

halt_host() {
    on "$1" systemctl --no-block poweroff
    go_off "$1"
}

# -no-reboot: a restart ends QEMU as well, and the mains come back by hand.
go_off() { try_for 120 is_off "$1" || die "$1 did not power off"; }

# Pulls the plug. What the machine had not written is lost; the RTC has its battery.
kill_host() {
    kill -KILL "${qemu_of[$1]}"
    try_for 10 is_off "$1" || die "$1 does not die"
}

# --- hands ------------------------------------------------------------------

# on HOST COMMAND...: runs it as root with a clean environment, by the guest agent. Every command has a
# deadline; 99 when the machine is off or lost its power meanwhile.
on() {
    local host=$1
    shift
    is_on "$host" || die "$host is off"
    "$vm_dir/support/on_machine" "$work/$host/agent" "$@"
}

# rtc HOST ORDER...: what happens to the chip (support/rtc_chip); prints how it is then.
rtc() {
    local host=$1
    shift
    PYTHONDONTWRITEBYTECODE=1 "$vm_dir/support/rtc_chip" "$work/$host/orders" "$@"
}
