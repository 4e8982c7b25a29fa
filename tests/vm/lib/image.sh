# shellcheck shell=bash
# What a full machine has beside a host of the lab, built once per suite into the lab's image (tests/pi too):
#   layer-machine   a kernel, the modules of the RTC's bus and chip, the hands of the runner
# Debian's amd64 kernel comes without rtc-ds1307 and i2c-virtio: they are built from its own source.

machine_packages() { lines "$vm_dir/packages"; }
# Only what finds the disk.
initramfs_modules='virtio_pci virtio_blk ext4 crc32c_generic'
machine_layer() { echo "$(image_dir)/layer-machine"; }
machine_key() {
    cat "$vm_dir/lib/image.sh" "$vm_dir/packages" "$vm_dir/modules" "$vm_dir/support/no_cmos.c" |
        sha256sum | cut -c1-10
}

# from_mirror LAYER COMMAND...: in a layer that installs from the mirror, not from the hosts' repository.
# Kernels come with Debian's security updates; a mirror without them has the release's.
# shellcheck disable=SC2016  # $mirror, $suite and "$@" are the inner shell's
from_mirror() {
    local layer=$1
    shift
    in_layer "$layer" env mirror="$(mirror)" suite="$suite" sh -ec '
        cd /etc/apt/sources.list.d
        rm -f ./*
        echo "deb $mirror $suite main" >mirror.list
        echo "deb $mirror-security $suite-security main" >security.list
        apt-get -q update || { rm security.list && apt-get -q update; }
        "$@"
        apt-get clean
        rm -rf ./* /var/lib/apt/lists/*' from_mirror "$@"
}

# Services must not be started in a chroot.
install_kernel() {
    from_mirror "$(machine_layer)" env packages="$(machine_packages | paste -sd' ')" modules="$initramfs_modules" sh -ec '
        printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        apt-get -qy install --no-install-recommends initramfs-tools
        sed -i "s/^MODULES=.*/MODULES=list/" /etc/initramfs-tools/initramfs.conf
        printf "%s\n" $modules >/etc/initramfs-tools/modules
        apt-get -qy install --no-install-recommends $packages
        rm /usr/sbin/policy-rc.d' || return
    # A machine knows the hosts' own repository again: what hides it goes.
    rm -f "$(machine_layer)/etc/apt/sources.list.d/lab.list"
}

kernel_version() { basename "$(machine_layer)"/boot/vmlinuz-* | sed 's/^vmlinuz-//'; }

# The kernel's own build of modules outside its tree, from the very version that the machines boot.
# shellcheck disable=SC2016
build_modules() {
    local scratch version extra
    scratch=$(image_dir)/scratch-modules
    version=$(kernel_version)
    mkdir -p "$scratch/srv"
    cp "$vm_dir/support/no_cmos.c" "$scratch/srv/"
    from_mirror "$scratch" env version="$version" files="$(lines "$vm_dir/modules" | paste -sd' ')" sh -ec '
        source=linux-source-${version%.*-*}
        apt-get -qy install --no-install-recommends "linux-headers-$version" "$source" make xz-utils
        mkdir /tmp/modules
        mv /srv/no_cmos.c /tmp/modules/
        echo "obj-m += no_cmos.o" >/tmp/modules/Makefile
        for file in $files; do
            tar -xJf "/usr/src/$source.tar.xz" -C /tmp/modules --transform "s,.*/,," "$source/$file"
            echo "obj-m += $(basename "$file" .c).o" >>/tmp/modules/Makefile
        done
        make -s -C "/usr/src/linux-headers-$version" M=/tmp/modules modules' || return
    extra=$(machine_layer)/usr/lib/modules/$version/extra
    mkdir -p "$extra"
    cp "$scratch"/tmp/modules/*.ko "$extra/" || return
    rm -rf "$scratch" "$scratch.work"
    in_layer "$(machine_layer)" depmod "$version"
}

ensure_machine_layer() {
    local stamp started=$SECONDS
    ensure_image
    stamp=$(image_dir)/machine.$(machine_key)
    (
        flock 9
        if [ ! -e "$stamp" ]; then
            say "building the kernel and modules of $suite (once; about three minutes)"
            rm -rf "$(machine_layer)" "$(image_dir)/scratch-modules"
            logged machine install_kernel
            logged modules build_modules
            touch "$stamp"
            say "kernel and modules built in $((SECONDS - started)) s"
        fi
    ) 9>"$(image_dir).machine.lock"
}
