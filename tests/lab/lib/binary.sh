# shellcheck shell=bash
# timectl for the hosts, built on their own suite: natively where this machine runs it, else in the
# cached chroot with compilers (in-suite).

# build_binary: sets timectl_binary. Without sanitizers: their libraries are not in the hosts, and this
# is what would be shipped.
build_binary() {
    local started=$SECONDS
    # Two runs at a time: the second finds nothing to build.
    exec 8>"$cache_dir/build-$suite-$(checkout_id).lock"
    flock 8
    # shellcheck disable=SC1091
    if [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$suite" ]; then
        (cd "$project_dir" && cmake --preset release && cmake --build --preset release) >&2
        timectl_binary=$project_dir/build/release/cli/timectl
    else
        "$lab_dir/in-suite" "$suite" sh -c \
            'cmake --preset release && cmake --build --preset release' >&2
        timectl_binary=$cache_dir/build-$suite-$(checkout_id)/release/cli/timectl
    fi
    exec 8>&-
    [ -x "$timectl_binary" ] || die "the build made no $timectl_binary"
    say "timectl for $suite built in $((SECONDS - started)) s"
}
