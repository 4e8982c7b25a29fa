# shellcheck shell=bash
# A provisioned Debian 12 server and its client become Debian 13 (apt full-upgrade): dpkg asks nothing, time is served
# at every boot, the plan is empty or is carried out, and an uninstall restores what was there before timectl.
next_suite=trixie

# The packages of the next suite that these hosts become, in /srv/apt/SUITE of each host. Kept with the images.
# shellcheck disable=SC2016  # $next and $packages are the inner shell's
ensure_next_suite() {
    local image host
    image=$(image_dir)
    (
        flock 9
        if [ -e "$image/apt/$next_suite/Packages" ]; then exit 0; fi
        mkdir -p "$image/apt/$next_suite/partial"
        for host in "$@"; do
            say "downloading what $host becomes in $next_suite"
            rm -rf "$image/scratch" "$image/scratch.work"
            cp -a "$image/layer-$host" "$image/scratch"
            logged "next-$host" in_layer "$image/scratch" env next="$next_suite" host="$host" mirror="$(mirror)" sh -ec '
                printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
                apt-get -q update
                # It excludes timesyncd, which keeps the clock of the client.
                [ "$host" = main ] || apt-get -qy install --no-install-recommends chrony
                echo "deb $mirror $next main" >/etc/apt/sources.list.d/lab.list
                apt-get -q update
                apt-get -qy --download-only -o Dir::Cache::archives=/srv/apt/$next full-upgrade
                [ "$host" = main ] ||
                    apt-get -qy --download-only -o Dir::Cache::archives=/srv/apt/$next install --reinstall chrony'
        done
        rm -rf "$image/scratch" "$image/scratch.work" "$image/apt/$next_suite/partial" "$image/apt/$next_suite/lock"
        (cd "$image/apt/$next_suite" && dpkg-scanpackages --multiversion . >Packages.new 2>/dev/null &&
            mv Packages.new Packages)
    ) 9>"$image.lock"
}

# upgrade HOST: as an administrator does it from a script. Standard input is empty: a question of dpkg would be an error.
upgrade() {
    on "$1" sh -ec "echo 'deb [trusted=yes] file:/srv/apt/$next_suite ./' >/etc/apt/sources.list.d/lab.list
        apt-get -q update"
    say "$1: full-upgrade to $next_suite"
    on "$1" systemd-run --quiet --unit=upgrade --remain-after-exit -E DEBIAN_FRONTEND=readline \
        apt-get -qy full-upgrade
    pause=2 expect_within 1500 has_upgraded "$1"
    expect_same success "$(on "$1" systemctl show --value -p Result upgrade)"
    reboot_host "$1"
    expect_ok on "$1" grep "VERSION_CODENAME=$next_suite" /etc/os-release
}

has_upgraded() { on "$1" systemctl show --value -p SubState upgrade | grep -qE 'exited|failed'; }

# What a provision would still change, by its paths.
wishes_of() {
    { on "$1" timectl plan --role "$(role_of "$1")" --json || true; } | python3 -c 'import json, sys
print(*(each.get("path") or each.get("unit") or each["type"] for each in json.load(sys.stdin)["changes"]))'
}

scenario() {
    local before host
    ensure_next_suite main server
    boot main upstream server
    before=$(own_files server)
    provision server
    expect_serves server "$traceable"
    provision main
    expect_within "$by_three_checks" follows main "$server"

    for host in server main; do
        upgrade "$host"
        expect_serves server "$traceable"
        expect_ok on "$host" systemctl is-active timectl-monitor.timer
        expect_ok on "$host" systemctl start timectl-monitor.service
        say "$host: the new version wants: $(wishes_of "$host")"
        provision "$host"
        expect_same '' "$(wishes_of "$host")"
        reboot_host "$host"
        expect_serves server "$traceable"
    done
    expect_within "$by_three_checks" follows main "$server"

    expect_carried_out server uninstall
    expect_ok on server timectl uninstall --yes --purge
    expect_output 'as it was before timectl'
    expect_same "$before" "$(own_files server)"
}
