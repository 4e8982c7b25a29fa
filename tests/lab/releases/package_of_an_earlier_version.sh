# shellcheck shell=bash
# A site that the package of an earlier version provisioned gets today's: all works as before while nothing is
# provisioned; then the update is planned and carried out, and every byte comes back.
# package: wanted
earlier=11b9d82
# shellcheck source=tests/lab/lib/binary.sh
. "$lab_dir/lib/binary.sh"

# ensure_earlier: that version's package and the libraries that it needs, in /srv/apt/$earlier of each host. Kept with
# the images.
# shellcheck disable=SC2016  # the inner shell's
ensure_earlier() {
    local image kept tree
    image=$(image_dir)
    kept=$image/apt/$earlier
    exec 8>"$image.$earlier.lock"
    flock 8
    if [ ! -e "$kept/complete" ]; then
        git_here cat-file -e "$earlier^{commit}" 2>/dev/null || skip "this repository does not have $earlier"
        tree=$image/$earlier
        rm -rf "$tree" "$kept" && mkdir -p "$tree" "$kept/partial"
        say "building the package of $earlier for $suite (once)"
        git_here archive "$earlier" | tar -C "$tree" -xf -
        SOURCE_DATE_EPOCH=$(git_here log -1 --format=%ct "$earlier") logged "$earlier" in_tree "$tree" packaging/build-deb build/deb
        cp "$tree"/build/deb/timectl_*.deb "$kept/"
        logged "$earlier-needs" in_layer "$image/scratch" env mirror="$(mirror)" suite="$suite" at="/srv/apt/$earlier" sh -ec '
            echo "deb $mirror $suite main" >/etc/apt/sources.list.d/lab.list
            apt-get -q update
            apt-get -qy --no-install-recommends --download-only -o Dir::Cache::archives="$at" install "$at"/timectl_*.deb'
        rm -rf "$tree" "$image/scratch" "$image/scratch.work" "$kept/partial" "$kept/lock"
        touch "$kept/complete"
    fi
    exec 8>&-
}
git_here() { git -c safe.directory="$project_dir" -C "$project_dir" "$@"; }

# in_tree TREE COMMAND...: on the hosts' suite, as on_suite does in this tree.
in_tree() {
    local tree=$1
    shift
    if is_own_suite; then
        (cd "$tree" && env -u LC_ALL "$@")
    else
        source_dir=$tree build_dir=$tree/build ccache_dir=$cache_dir/ccache in_layer "$(image_dir)/build" \
            env -u LC_ALL CCACHE_DIR=/ccache sh -c 'cd /src && exec "$@"' in_tree "$@"
    fi
}

# check_and COMMAND...: a check as the timer has it, in the unit that the earlier version wrote.
check_and() { on main systemctl start timectl-monitor.service && "$@"; }
expect_by_checks() { pause=3 expect_within 150 check_and "$@"; }

# A check is over in a moment: the next one is tried until one is hit.
check_is_killed() {
    on main sh -c 'systemctl start --no-block timectl-monitor.service; systemctl kill --signal=KILL timectl-monitor.service'
    [ "$(on main systemctl show --value -p Result timectl-monitor.service)" = signal ]
}

scenario() {
    local host controller chronyd
    declare -A bare=() left=()
    ensure_earlier
    boot main upstream server
    for host in server main; do
        on "$host" rm /usr/bin/timectl
        bare[$host]=$(own_files "$host")
        expect_ok on "$host" sh -c "dpkg -i /srv/apt/$earlier/*.deb"
    done
    provision server
    expect_serves server "$traceable"
    provision main
    expect_within "$by_three_checks" follows main "$server"
    expect_by_checks saving

    chronyd=$(invocation_of server chrony) controller=$(invocation_of main controller)
    for host in server main; do
        left[$host]=$(own_files "$host")
        cp "$timectl_package" "$(disk_of "$host")/srv/timectl.deb"
        # Of two packages with the same version apt would keep the older one.
        expect_ok on "$host" dpkg -i /srv/timectl.deb
        expect_output 'Unpacking timectl .* over '
        expect_same "${left[$host]}" "$(own_files "$host")"
        expect_ok on "$host" systemctl is-active timectl-monitor.timer
    done
    expect_same "$chronyd" "$(invocation_of server chrony)"
    expect_same "$controller" "$(invocation_of main controller)"
    works_unprovisioned
    for host in server main; do goes_back_and_is_updated "$host"; done
}

works_unprovisioned() {
    local host
    expect_ok on server systemctl restart chrony
    expect_serves server "$traceable"
    expect_by_checks saving
    expect_ok on server systemctl stop chrony
    expect_by_checks not_saving
    expect_ok on server systemctl start chrony
    expect_serves server "$traceable"
    expect_by_checks saving
    expect_within 60 check_is_killed
    expect_within 20 not_saving
    expect_by_checks saving
    for host in server main; do
        reboot_host "$host"
        expect_same running "$(on "$host" systemctl is-system-running --wait)"
        expect_serves server "$traceable"
        expect_ok on "$host" systemctl is-active timectl-monitor.timer
    done
    expect_by_checks saving
}

# Each change is the last one's undoing: the bytes of before, then those that the earlier version left.
goes_back_and_is_updated() {
    local host=$1 command
    for command in rollback uninstall; do
        expect_carried_out "$host" "$command"
        expect_same "${bare[$host]}" "$(own_files "$host")"
        expect_carried_out "$host" rollback
        expect_same "${left[$host]}" "$(own_files "$host")"
    done
    expect_exit 3 on "$host" timectl plan
    expect_output '/etc/systemd/system/timectl-monitor\.service'
    provision "$host"
    expect_finding "$host" files.drift ok
    expect_carried_out "$host" rollback
    expect_same "${left[$host]}" "$(own_files "$host")"
    expect_carried_out "$host" uninstall
    expect_ok on "$host" timectl uninstall --yes --purge
    expect_same "${bare[$host]}" "$(own_files "$host")"
    expect_exit 1 on "$host" test -e /var/lib/timectl
}
