# shellcheck shell=bash
# A Raspberry Pi 3B: a full machine (vm/lib/machine.sh) that boots from a card as a Pi's is, with the firmware's
# files on VFAT, and whose RTC is on the BCM2835's own I2C bus. Sourced last; what a Pi has otherwise is here.
#
# $work/HOST/  disk (the card), agent (the guest agent's socket), device-tree (what the firmware hands over)

# --- the card -------------------------------------------------------------------------------------------

# Sectors of 512 bytes, as sfdisk counts them. QEMU takes cards of a power of two alone.
boot_start=2048 boot_sectors=131072 card_sectors=$((4 * 1024 * 1024))
boot_partition() { echo "$(disk_image_of "$1")@@$((boot_start * 512))"; }

# Two partitions: what the firmware reads, and Linux's own.
format_disk() {
    local host=$1 disk card root_start
    disk=$(disk_of "$host") card=$(disk_image_of "$host")
    root_start=$((boot_start + boot_sectors))
    mountpoint -q "$disk" || insert_disk "$host"
    mv "$disk/boot/firmware" "$work/$host/firmware"
    mkdir "$disk/boot/firmware"
    mount --bind "$(image_dir)/apt" "$disk/srv/apt"
    truncate -s $((card_sectors * 512)) "$card"
    printf 'label: dos\n%s,%s,c\n%s,,83\n' $boot_start $boot_sectors $root_start | sfdisk --quiet "$card"
    mkfs.vfat --offset $boot_start -F 16 -n BOOTFS "$card" $((boot_sectors / 2)) >/dev/null
    mcopy -s -i "$(boot_partition "$host")" "$work/$host/firmware"/* ::
    mke2fs -q -t ext4 -b 4096 -E lazy_itable_init=1,lazy_journal_init=1,offset=$((root_start * 512)) -d "$disk" "$card" \
        $(((card_sectors - root_start) / 8))
    umount "$disk/srv/apt" "$disk"
    rm -rf "${work:?}/$host"/{upper,overlay,firmware}
}
root_of_disk() { echo "$(disk_image_of "$1")?offset=$(((boot_start + boot_sectors) * 512))"; }

assemble() {
    mkdir -p "$work/$1"
    format_disk "$1"
    in_net switch ip tuntap add "$1" mode tap
    in_net switch ip link set "$1" master bridge0 up
}

# config_of HOST: the firmware's configuration, as the card has it.
config_of() { mtype -i "$(boot_partition "$1")" ::config.txt; }

# --- the firmware -------------------------------------------------------------------------------------------

has_line() { grep -qxE "$1" <<<"$configuration"; }

# firmware HOST: what a Pi's does before the kernel starts, as far as timectl's part of config.txt says it: I2C is off
# until it is switched on, and overlays/i2c-rtc.dtbo puts the chip on it (README of the firmware's overlays).
firmware() {
    local tree=$work/$1/device-tree bus=/soc/i2c@7e804000 configuration
    configuration=$(config_of "$1" | awk 'BEGIN { on = 1 } /^\[/ { on = /^\[(all|pi3)\]/ } on')
    cp "$(device_tree)" "$tree"
    # What the runner's hands need of the board: its first serial port, where Bluetooth would sit.
    fdtput -r "$tree" /soc/serial@7e201000/bluetooth
    fdtput -t s "$tree" $bus status disabled
    if has_line 'dtparam=i2c_arm=on'; then fdtput -t s "$tree" $bus status okay; fi
    if has_line 'dtoverlay=i2c-rtc,ds3231'; then
        fdtput -t s "$tree" $bus status okay
        fdtput -c "$tree" $bus/rtc@68
        fdtput -t s "$tree" $bus/rtc@68 compatible maxim,ds3231
        fdtput -t x "$tree" $bus/rtc@68 reg 68
    fi
}

# --- power ----------------------------------------------------------------------------------------------

# rtc HOST right|new: QEMU's chip begins each power-on with the runner's time, as one whose battery lasts, or with
# that of a chip that was never set.
declare -A rtc_starts=()
rtc() {
    case $2 in
    right) rtc_starts[$1]=utc ;;
    new) rtc_starts[$1]=2000-01-01T00:00:00 ;;
    get) echo "starts at ${rtc_starts[$1]:-utc}" ;;
    *) die "no order '$2' for this RTC" ;;
    esac
}

power_on() {
    local host=$1 at=$work/$1
    if is_on "$host"; then die "$host is on already"; fi
    [ -e "$(disk_image_of "$host")" ] || assemble "$host"
    firmware "$host"
    echo "=== power on" >>"$(console_of "$host")"
    nice -n 5 nsenter --net="$(net_of switch)" -- env QEMU_MODULE_DIR=/nonexistent "$emulator" -L "$firmware_files" \
        -name "$host" -M raspi3b -display none -no-reboot -rtc base="${rtc_starts[$host]:-utc}" \
        -kernel "$(machine_layer)"/boot/vmlinuz-* -initrd "$(machine_layer)"/boot/initrd.img-* -dtb "$at/device-tree" \
        -append "root=/dev/mmcblk0p2 rootwait rw console=ttyS1,115200 net.ifnames=0 maxcpus=2 mitigations=off loglevel=5" \
        -drive file="$(disk_image_of "$host")",format=raw,if=sd \
        -chardev socket,id=agent,path="$at/agent",server=on,wait=off -serial chardev:agent \
        -chardev file,id=console,path="$(console_of "$host")",append=on -serial chardev:console \
        -device ds1338,bus=i2c-bus.1,address=0x68 \
        -netdev tap,id=lan,ifname="$host",script=no,downscript=no \
        -device usb-net,netdev=lan,mac="02:00:00:00:04:${mac_byte[$host]}" \
        >>"$scratch/qemu-$host.log" 2>&1 </dev/null &
    # shellcheck disable=SC2004  # an associative array of vm/lib/machine.sh
    qemu_of[$host]=$!
    disown
}

# QEMU's USB host loses what is plugged into it now and then ("dwc2: Not connected"), the network card with it.
after_boot() {
    local try
    for try in 1 2 3 4 5; do
        if try_for 20 has_card "$1"; then return; fi
        say "$1 has no network card: its USB host is started again ($try)"
        restart_usb_host "$1"
    done
    try_for 20 has_card "$1" || die "$1 has no network card"
}
has_card() { on "$1" test -e /sys/class/net/eth0; }
restart_usb_host() {
    # Where the last start failed there is nothing to unbind.
    on "$1" sh -c 'cd /sys/bus/platform/drivers/dwc2 && { echo 3f980000.usb >unbind || true; } && sleep 1 &&
        echo 3f980000.usb >bind' || true
}
