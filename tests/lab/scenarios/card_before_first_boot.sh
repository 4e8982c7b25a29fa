# shellcheck shell=bash
# A fresh card is prepared with --root. Its first boot provisions it once the internet is there, or from the packages
# that it brings, and leaves nothing of that behind.
# clock: untouched
scenario() {
    boot main upstream
    insert_card
    make_card_fresh
    expect_exit 1 on_bench timectl provision --root "$card" --role server --yes
    expect_output 'at-first-boot --package timectl_VERSION_ARCH.deb'
    expect_exit 1 on_bench timectl provision --root "$card" --role server --at-first-boot --yes
    expect_output 'add --package timectl_VERSION_'
    expect_ok on_bench timectl provision --root "$card" --role server --at-first-boot --yes \
        --package /root/timectl.deb
    expect_output 'the first boot fetches chrony'
    mv "$(disk_of server)"/etc/apt/sources.list.d{,.late}
    remove_card
    boot server
    says_that_it_failed
    on server mv /etc/apt/sources.list.d{.late,}
    on server systemctl restart timectl-first-boot
    provisions_itself
    rolls_back_without_running_again

    halt_host server
    without_network
}

# As its image has it: no timectl, no chrony, and apt knows of no package.
make_card_fresh() {
    local tree=$scratch/timectl-package disk=$work/bench/root$card
    rm -rf "$disk/usr/bin/timectl" "$disk"/var/lib/apt/lists/*
    mkdir -p "$tree/DEBIAN" "$tree/usr/bin"
    install -m 755 "$timectl_binary" "$tree/usr/bin/timectl"
    printf '%s\n' 'Package: timectl' 'Version: 0.1' "Architecture: $(dpkg --print-architecture)" \
        'Maintainer: lab <lab@localhost>' 'Description: lab' >"$tree/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$tree" "$work/bench/root/root/timectl.deb" >/dev/null
}

# It is tried again every three minutes; this does not wait for the second time.
says_that_it_failed() {
    expect_within 120 on server grep -q . /usr/bin/timectl
    expect_within 60 on server sh -c 'journalctl -u timectl-first-boot | grep -q "cannot read the lists of packages\|cannot plan"'
    on server timectl status >"$scratch/status" 2>&1 || true
    cat "$scratch/status"
    tr -s '\n ' ' ' <"$scratch/status" | grep -q 'not provisioned yet: timectl-first-boot.service failed' ||
        fail "status does not say that the first boot failed"
}

is_provisioned() { on server sh -c '! test -e /etc/systemd/system/timectl-first-boot.service && test -e /etc/chrony/sources.d/timectl.sources'; }
has_no_order() { on server sh -c '! test -e /var/lib/timectl/first-boot'; }
provisions_itself() {
    expect_within 180 is_provisioned
    expect_within 120 has_no_order
    expect_serves server "$traceable"
    expect_ok on server timectl plan
    expect_finding server files.drift ok
    expect_same "" "$(on server systemctl list-units --failed --no-legend --plain)"
    reboot_host server
    expect_exit 1 on server systemctl cat timectl-first-boot
    expect_serves server "$traceable"
    expect_ok on server timectl plan
    expect_output 'nothing to do'
}

# The unit comes back, and its order does not.
rolls_back_without_running_again() {
    expect_carried_out server rollback
    reboot_host server
    expect_same inactive "$(on server systemctl is-active timectl-first-boot || true)"
    expect_same raspberrypi "$(on server hostname)"
    expect_carried_out server uninstall
    expect_exit 1 on server systemctl cat timectl-first-boot
}

without_network() {
    local names packages=()
    umount "$(disk_of server)" "$work/bench/root"/{dev,proc} && umount "$work/bench/root"
    rm -rf "$work/server" "$work/bench"
    insert_card
    make_card_fresh
    mount --bind "$(image_dir)/apt" "$work/bench/root$card/srv/apt"
    on_bench chroot "$card" apt-get -qq update
    names=$(on_bench chroot "$card" apt-get -qs --no-install-recommends install chrony | awk '/^Inst/ { print $2 }')
    umount "$work/bench/root$card/srv/apt"
    for name in $names; do
        cp "$(image_dir)/apt/${name}"_*.deb "$work/bench/root/root/"
        packages+=(--package "/root/$(basename "$(image_dir)/apt/${name}"_*.deb)")
    done
    rm -rf "$(disk_of server)"/etc/apt/sources.list.d "$(disk_of server)"/var/lib/apt/lists/*
    expect_ok on_bench timectl provision --root "$card" --role server --at-first-boot --yes \
        --package /root/timectl.deb "${packages[@]}"
    remove_card
    cut_cable server
    boot server
    expect_within 180 is_provisioned
    mend_cable server
    provisions_itself
}
