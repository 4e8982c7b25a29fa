# shellcheck shell=bash
# timectl for the hosts, built on their own suite: natively where this machine runs it, else in the
# cached chroot with compilers (in-suite).

# on_suite COMMAND...: in the source tree, on the hosts' own suite. Without LC_ALL (settings.sh), as packages are
# built: what one of them compiled the others find in the compiler's cache.
on_suite() {
    if is_own_suite; then
        (cd "$project_dir" && env -u LC_ALL CCACHE_BASEDIR="$project_dir" "$@") >&2
    else
        "$lab_dir/in-suite" "$suite" "$@" >&2
    fi
}
# shellcheck disable=SC1091
is_own_suite() { [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$suite" ]; }
find_build_dir() {
    build_dir=$project_dir/build
    is_own_suite || build_dir=$cache_dir/build-$suite-$(checkout_id)
}

# build_binary: sets timectl_binary. Without sanitizers: their libraries are not in the hosts, and this
# is what would be shipped. TIMECTL_LAB_BUILT: ctest has just had it built for all scenarios, and each of them would
# spend seconds of both processors to find that nothing is to do.
build_binary() {
    local started=$SECONDS built
    find_build_dir
    built=$build_dir/release/cli/timectl
    # Two runs at a time: the second finds nothing to build.
    exec 8>"$cache_dir/build-$suite-$(checkout_id).lock"
    flock 8
    if [ -z "${TIMECTL_LAB_BUILT:-}" ] || [ ! -x "$built" ]; then
        on_suite sh -c 'cmake --preset release && cmake --build --preset release'
        say "timectl for $suite built in $((SECONDS - started)) s"
    fi
    [ -s "$built" ] || die "the build made no $built"
    # A copy: a host that booted while another run linked the program anew got an empty one.
    timectl_binary=$scratch_root/$suite-timectl
    install -m 755 "$built" "$timectl_binary"
    exec 8>&-
}

# build_package: sets timectl_package. What build_binary compiled is found in the compiler's cache; a package of this
# tree that another run made is taken.
build_package() {
    local started=$SECONDS built
    exec 8>"$cache_dir/build-$suite-$(checkout_id).lock"
    flock 8
    on_suite sh -c 'packaging/install-deps package && packaging/build-deb --unless-built build/deb' >"$(image_dir)/package.log" 2>&1 ||
        { tail -n 20 "$(image_dir)/package.log" >&2; die "the package was not built"; }
    exec 8>&-
    find_build_dir
    built=("$build_dir"/deb/timectl_*.deb)
    timectl_package=${built[0]}
    [ -e "$timectl_package" ] || die "the build made no $timectl_package"
    say "the package for $suite built in $((SECONDS - started)) s"
}
