# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A chroot of a suite whose compilers make programs for another architecture, and qemu-user to run them:
# Debian's cross toolchain, and what packaging/debian/control builds with as apt reads it for that
# architecture. A layer on base, as those of image.sh, beside which it is kept.

cross_architectures="arm64 armhf armel"

# cross_layer ARCH
cross_layer() { echo "$(image_dir)/cross-$1"; }

# What the tests and the check of the package take besides.
cross_packages() { SUITE=$suite "$project_dir/packaging/install-deps" --list cross; }

# The chroot's own tools are for this machine, Catch2 has a library. Debian 12's QEMU (7.2) knows no openat2(2),
# by which timectl opens every file below a root: backports has 10.
# shellcheck disable=SC2016  # $architecture and the others are the inner shell's
build_cross() {
    local packages catch2=libcatch2-dev
    if [ "$suite" = bookworm ]; then catch2=catch2; fi
    packages=$(cross_packages | paste -sd' ')
    logged "cross-$1" in_layer "$(cross_layer "$1")" env architecture="$1" packages="$packages" catch2="$catch2" \
        mirror="$(mirror)" suite="$suite" backports="${suite/bookworm/bookworm-backports}" sh -ec '
        dpkg --add-architecture "$architecture"
        echo "deb $mirror $suite main" >/etc/apt/sources.list.d/lab.list
        apt-get -q update
        mkdir -p /tmp/timectl
        cp -r /src/packaging/debian /tmp/timectl
        apt-get -qy build-dep --no-install-recommends --host-architecture "$architecture" /tmp/timectl
        apt-get -qy install --no-install-recommends "crossbuild-essential-$architecture" $packages
        if [ "$suite" = bookworm ]; then
            echo "deb $mirror $suite-backports main" >>/etc/apt/sources.list.d/lab.list
            apt-get -q update
        fi
        apt-get -qy install --no-install-recommends -t "$backports" qemu-user
        apt-get -qy install --no-install-recommends "$catch2:$architecture"
        apt-get clean'
}

cross_key() {
    { cross_packages && cat "$project_dir/packaging/debian/control" "$lab_dir/lib/cross.sh"; } | sha256sum | cut -c1-10
}

# ensure_cross ARCH
ensure_cross() {
    local stamp
    case " $cross_architectures " in
    *" $1 "*) ;;
    *) die "no architecture '$1': $cross_architectures" ;;
    esac
    stamp=$(cross_layer "$1").$(cross_key)
    ensure_image
    (
        flock 9
        if [ ! -e "$stamp" ]; then
            say "installing $1's cross compilers for $suite (once; about a minute)"
            rm -rf "$(cross_layer "$1")"
            build_cross "$1"
            touch "$stamp"
        fi
    ) 9>"$(image_dir).lock"
}
