# shellcheck shell=bash
# A server as an earlier timectl left it runs this one: chronyd restarts, the host reboots, it is monitored and serves,
# a rollback restores every byte, the update is planned and provisioned, and an uninstall restores every byte.
# clock: untouched
# suite: any
scenario() {
    local recorded before left
    boot main upstream server
    expect_ok on server apt-get install -qy --no-install-recommends chrony
    for recorded in "$project_dir"/tests/upgrade/*/server; do
        say "as $(basename "$(dirname "$recorded")") left it"
        # The recorded unit of chrony was a plain one; Debian's has an alias, which comes and goes with enabling.
        expect_ok on server systemctl disable chrony
        lay "$recorded" before
        before=$(own_files server)
        lay "$recorded" after-1
        expect_ok on server systemctl enable chrony
        left=$(own_files server)
        reboot_host server
        expect_serves server "$traceable"
        is_well
        expect_ok on server systemctl restart chrony
        expect_serves server "$traceable"
        is_well
        expect_carried_out server rollback
        expect_same "$before" "$(own_files server)"
        expect_carried_out server rollback
        expect_same "$left" "$(own_files server)"
        expect_serves server "$traceable"
        expect_exit 3 on server timectl plan
        expect_output 'remove /etc/timectl/aliases'
        provision server
        expect_finding server files.drift ok
        expect_serves server "$traceable"
        expect_carried_out server uninstall
        expect_ok on server timectl uninstall --yes --purge
        expect_output 'as it was before timectl'
        expect_same "$before" "$(own_files server)"
        expect_exit 1 on server test -e /var/lib/timectl
    done
}

# No unit has failed for the new program, none of the old one's commands is unknown to it.
is_well() {
    expect_same running "$(on server systemctl is-system-running --wait)"
    expect_ok on server systemctl start timectl-monitor.service
    expect_ok on server systemctl is-active timectl-monitor.timer
    expect_ok on server timectl generations
    expect_output 'committed'
    expect_ok on server sh -c '! journalctl -b --no-pager | grep -i "timectl.*\(not expected\|is required\|unknown key\)"'
    # What this version would write is another text.
    expect_cause server files.drift failed outdated
}

lay() { expect_ok "$project_dir/tests/upgrade/lay" "$1" "$2" "$(disk_of server)" eth0; }
