# shellcheck shell=bash
# What the hosts' disks are made of, built once per suite and cached:
#   base        debootstrap and hosts/base/packages
#   apt         a local repository: hosts have no way out, yet their package step is real
#   layer-HOST  what hosts/HOST/packages adds to base (an overlay's upper directory)
#   build       the compilers and libraries of packaging/build-deps (another such layer)
# The key in the cache's name covers everything the image is made from.
#
# image_arch in the environment: of another architecture than this machine's, whose programs it has to be able to run.
# repository_list: what the hosts may install, where hosts/repository is too much.

image_key() {
    cat "$lab_dir/lib/image.sh" "$lab_dir"/hosts/*/packages "$repository_list" |
        sha256sum | cut -c1-10
}
image_dir() { echo "$cache_dir/$suite${image_arch:+-$image_arch}-$(image_key)"; }

# TIMECTL_MIRROR, else the mirror this machine uses itself if it is a Debian.
mirror() {
    local own=
    if grep -q '^ID=debian' /etc/os-release; then
        own=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
            sed -nE 's/^(URIs: *|deb +(\[[^]]*\] *)?)(https?:[^ ]*\/debian)\/?( .*)?$/\3/p' | head -n 1)
    fi
    own=${TIMECTL_MIRROR:-$own}
    [ -n "$own" ] || echo "lab: no Debian mirror is known here: set TIMECTL_MIRROR" >&2
    echo "$own"
}

# in_layer UPPER COMMAND...: runs COMMAND chrooted in base with UPPER over it, on this machine's
# network. Its mounts live in a namespace of their own and vanish with it.
in_layer() {
    local image upper=$1
    image=$(image_dir)
    shift
    mkdir -p "$upper" "$upper.work" "$image/mount"
    unshare --mount --propagation private bash -ec '
        lower=$1 upper=$2 at=$3; shift 3
        mount -t overlay lab -o "lowerdir=$lower,upperdir=$upper,workdir=$upper.work" "$at"
        mount -t proc proc "$at/proc"
        mount --bind /dev "$at/dev"
        mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=620 devpts "$at/dev/pts"
        mount -t tmpfs tmpfs "$at/run"
        mkdir -p "$at/srv/apt" "$at/src" "$at/ccache"
        mount --bind "${lower%/*}/apt" "$at/srv/apt"
        if [ -n "${source_dir:-}" ]; then
            mount --bind "$source_dir" "$at/src"
            mkdir -p "$build_dir" "$ccache_dir" "$source_dir/build"
            mount --bind "$build_dir" "$at/src/build"
            mount --bind "$ccache_dir" "$at/ccache"
        fi
        cp -L /etc/resolv.conf "$at/run/resolv.conf"
        touch "$at/etc/resolv.conf" && mount --bind "$at/run/resolv.conf" "$at/etc/resolv.conf"
        exec chroot "$at" "$@"
    ' in_layer "$image/base" "$upper" "$image/mount" "$@"
}

# logged NAME COMMAND...: quiet unless it fails.
logged() {
    local log
    log=$(image_dir)/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; die "building the image failed, see $log"; }
}

build_base() {
    local base include unit
    base=$(image_dir)/base
    include=$(lines "$lab_dir/hosts/base/packages" | paste -sd,)
    logged base debootstrap --variant=minbase ${image_arch:+--arch="$image_arch"} \
        --cache-dir="$cache_dir/debs" --include="$include" \
        "$suite" "$base" "$(mirror)"
    # Nothing is enabled but what a host asks for, and nothing runs that comes from timers of Debian.
    for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer \
        dpkg-db-backup.timer systemd-firstboot.service console-getty.service getty@tty1.service; do
        ln -sf /dev/null "$base/etc/systemd/system/$unit"
    done
    # Each reload of systemd starts these, none finds anything in a host, and together they were an eighth of what a
    # scenario computes.
    mkdir -p "$base/etc/systemd/system-generators"
    for unit in cryptsetup debug gpt-auto hibernate-resume integritysetup run system-update veritysetup; do
        ln -sf /dev/null "$base/etc/systemd/system-generators/systemd-$unit-generator"
    done
    systemctl --root="$base" --quiet disable systemd-timesyncd systemd-networkd systemd-pstore \
        e2scrub_reap 2>/dev/null || true
    mkdir -p "$base/var/log/journal" "$base/srv/apt"
    rm -rf "$base/var/cache/apt/archives/"*.deb
}

# Downloads what hosts may install, each package by itself because some exclude each other.
# shellcheck disable=SC2016  # $packages is the inner shell's
build_repository() {
    local image packages
    image=$(image_dir)
    packages=$(lines "$repository_list" | paste -sd' ')
    mkdir -p "$image/apt/partial"
    logged repository in_layer "$image/scratch" env packages="$packages" sh -ec '
        apt-get -q update
        for package in $packages; do
            apt-get -qy --no-install-recommends --download-only --reinstall \
                -o Dir::Cache::archives=/srv/apt install "$package"
        done
        rm -rf /srv/apt/partial /srv/apt/lock'
    (cd "$image/apt" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
    rm -rf "$image/scratch" "$image/scratch.work"
    # From here on the repository is all the hosts know.
    rm -rf "$image/base/etc/apt/sources.list" "$image/base/etc/apt/sources.list.d"/*
    echo 'deb [trusted=yes] file:/srv/apt ./' >"$image/base/etc/apt/sources.list.d/lab.list"
}

# shellcheck disable=SC2016
build_layer() {
    local host=$1 image packages
    image=$(image_dir)
    packages=$(lines "$lab_dir/hosts/$host/packages" | paste -sd' ')
    logged "layer-$host" in_layer "$image/layer-$host" env packages="$packages" sh -ec '
        printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        apt-get -q update
        [ -z "$packages" ] || apt-get -qy install --no-install-recommends $packages
        apt-get clean
        rm /usr/sbin/policy-rc.d'
    systemctl --root="$image/layer-$host" --quiet disable dnsmasq dhcpcd chrony 2>/dev/null || true
    rm -rf "$image/layer-$host.work"
}

# The compilers come from the mirror, not from the hosts' repository.
# shellcheck disable=SC2016
build_compilers() {
    local image packages
    image=$(image_dir)
    # One that was ended half-way is of no use.
    rm -rf "$image/build"
    packages=$(SUITE=$suite "$project_dir/packaging/install-deps" --list build test fuzz | paste -sd' ')
    logged build in_layer "$image/build" env packages="$packages" mirror="$(mirror)" suite="$suite" sh -ec '
        echo "deb $mirror $suite main" >/etc/apt/sources.list.d/lab.list
        apt-get -q update
        apt-get -qy install --no-install-recommends $packages
        apt-get clean'
}

# ensure_image: builds what is missing; other runs that want the same wait for it.
ensure_image() {
    local image host started=$SECONDS
    image=$(image_dir)
    mkdir -p "$cache_dir/debs"
    (
        flock 9
        if [ ! -e "$image/complete" ]; then
            say "building the $suite image in $image (once; about a minute)"
            rm -rf "$image" && mkdir -p "$image"
            build_base
            build_repository
            for host in $all_hosts; do build_layer "$host"; done
            touch "$image/complete"
            say "image built in $((SECONDS - started)) s"
        fi
    ) 9>"$image.lock"
}

ensure_compilers() {
    local stamp
    stamp=$(image_dir)/build.$(sha256sum <"$project_dir/packaging/build-deps" | cut -c1-10)
    ensure_image
    (
        flock 9
        if [ ! -e "$stamp" ]; then
            say "installing compilers for $suite (once; about a minute)"
            build_compilers
            touch "$stamp"
        fi
    ) 9>"$(image_dir).lock"
}
