# shellcheck shell=bash
# QEMU with the I2C controller of a BCM2835, which it has since 9.0: Debian 13's, and on Debian 12 the one of
# its backports, unpacked beside the system's own. Its qemu-user runs the card's programs in a chroot.

emulator_dir=$cache_dir/qemu
emulator=$emulator_dir/root/usr/bin/qemu-system-aarch64
user_emulator=$emulator_dir/root/usr/bin/qemu-aarch64
firmware_files=$emulator_dir/root/usr/share/qemu

has_controller() {
    [ -x "$user_emulator" ] && [[ $("$emulator" --version 2>/dev/null) =~ version\ (9|[1-9][0-9]) ]]
}

# qemu-user is unpacked on Debian 13 too: installed it would bring binfmt entries that stay.
ensure_emulator() {
    local own packages='qemu-system-arm qemu-system-common qemu-system-data qemu-user'
    if has_controller; then return; fi
    rm -rf "$emulator_dir"
    mkdir -p "$emulator_dir/apt"/{lists/partial,archives/partial,parts}
    # A private apt: this machine's own does not learn of backports. Its libraries are what the programs load.
    # shellcheck disable=SC1091
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    echo "deb $(mirror) ${own/bookworm/bookworm-backports} main" >"$emulator_dir/apt/sources"
    cat >"$emulator_dir/apt/conf" <<EOF
Dir::Etc::SourceList "$emulator_dir/apt/sources";
Dir::Etc::SourceParts "$emulator_dir/apt/parts";
Dir::State::Lists "$emulator_dir/apt/lists";
Dir::Cache::Archives "$emulator_dir/apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
EOF
    (
        export APT_CONFIG=$emulator_dir/apt/conf
        cd "$emulator_dir/apt/archives" || exit
        # shellcheck disable=SC2086  # words
        apt-get -q update && apt-get -q download $packages
    ) >"$emulator_dir/apt/log" 2>&1 </dev/null || { tail -n 5 "$emulator_dir/apt/log" >&2; return 1; }
    for package in "$emulator_dir"/apt/archives/*.deb; do dpkg-deb -x "$package" "$emulator_dir/root"; done
    rm -rf "$emulator_dir/apt"
    "$emulator" --version >&2
    has_controller
}

# --- programs for arm64 in a chroot ------------------------------------------------------------------

binfmt=/proc/sys/fs/binfmt_misc
entry=timectl-aarch64

# F: the kernel opens the emulator now, so that it is found from within a chroot.
run_foreign_programs() {
    [ -e "$binfmt/register" ] || mount -t binfmt_misc none "$binfmt"
    if ! grep -qs '^interpreter .*aarch64' "$binfmt"/*; then
        registered=1
        printf '%s' ":$entry:M::"'\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:' \
            '\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:' \
            "$user_emulator:F" >"$binfmt/register"
    fi
}
stop_foreign_programs() {
    if [ -n "${registered:-}" ]; then echo -1 >"$binfmt/$entry"; fi
}
