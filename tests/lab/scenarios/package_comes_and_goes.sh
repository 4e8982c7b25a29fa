# shellcheck shell=bash
# The Debian package is installed, upgraded, removed, installed again and purged: the host that was
# provisioned from it serves time throughout, and after an uninstall there is no trace of any of it.
# clock: untouched
# package: wanted
scenario() {
    boot main upstream server
    on server rm /usr/bin/timectl
    put_package server
    local before own chronyd
    before=$(time_services_of server)
    own=$(own_files server)
    expect_ok on server apt-get install -qy --no-install-recommends /srv/timectl.deb
    expect_same "$before" "$(time_services_of server)"
    expect_same "$own" "$(own_files server)"

    provision server
    expect_serves server "$traceable"
    expect_ok on server systemctl is-active timectl-monitor.timer
    chronyd=$(invocation_of server chrony)
    expect_ok on server apt-get install -qy --no-install-recommends /srv/timectl-newer.deb
    expect_output 'Unpacking timectl .* over '
    expect_ok on server systemctl is-active timectl-monitor.timer
    expect_ok on server timectl plan --role server

    # Removed: nothing of what the host does for others ends, also not with a reboot, and nothing fails.
    expect_ok on server apt-get remove -qy timectl
    expect_output 'keeps the time service that timectl set up, but is no longer monitored'
    expect_exit 1 on server test -e /usr/bin/timectl
    expect_same inactive "$(on server systemctl is-active timectl-monitor.timer || true)"
    expect_same "$chronyd" "$(invocation_of server chrony)"
    expect_serves server "$traceable"
    reboot_host server
    expect_same running "$(on server systemctl is-system-running)"
    expect_same inactive "$(on server systemctl is-active timectl-monitor.timer || true)"
    expect_serves server "$traceable"

    # Back again: what rested goes on.
    expect_ok on server apt-get install -qy --no-install-recommends /srv/timectl-newer.deb
    expect_ok on server systemctl is-active timectl-monitor.timer
    expect_ok on server timectl plan --role server
    open_change_stays_undoable

    # Purged while provisioned: the only way to roll back stays, and works.
    expect_ok on server apt-get purge -qy timectl
    expect_output 'timectl uninstall --purge'
    expect_serves server "$traceable"
    expect_ok on server apt-get install -qy --no-install-recommends /srv/timectl.deb
    expect_carried_out server uninstall
    expect_same "$own" "$(own_files server)"
    expect_ok on server apt-get purge -qy timectl
    expect_same "" "$(on server find / -xdev -name '*timectl*' ! -path '/srv/*' ! -path '/var/log/*' \
        ! -path '/var/lib/systemd/*' ! -path '/proc/*' ! -path '/run/log/*')"
}

# Without timectl it would not be rolled back without a confirmation.
open_change_stays_undoable() {
    expect_exit 3 on server timectl provision --role server --profile two-servers --host pi-ntp --yes --confirm 10m
    expect_exit 100 on server apt-get remove -qy timectl
    expect_output "awaits 'timectl confirm'"
    expect_ok on server timectl confirm --reject
    expect_ok on server timectl plan --role server
}

# put_package HOST: the package, and one that differs in nothing but a higher version.
put_package() {
    local tree=$scratch/newer disk
    disk=$(disk_of "$1")
    dpkg-deb -R "$timectl_package" "$tree"
    sed -i 's/^Version: .*/&+1/' "$tree/DEBIAN/control"
    mkdir -p "$disk/srv"
    cp "$timectl_package" "$disk/srv/timectl.deb"
    dpkg-deb --root-owner-group -b "$tree" "$disk/srv/timectl-newer.deb" >/dev/null
    rm -rf "$tree"
}

# Which are there, which run, and since when.
time_services_of() {
    on "$1" sh -c 'dpkg-query -W -f "\${Package} \${db:Status-Status}\n" "chrony*" "systemd-timesyncd*" 2>/dev/null
        systemctl show --property=Id,UnitFileState,ActiveState,InvocationID systemd-timesyncd chrony'
}
