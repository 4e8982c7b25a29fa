# shellcheck shell=bash
# A server that was synchronized since boot goes on serving its site when upstream is gone, also after
# a restart of chronyd; after a reboot without proof of the time it does not.
# clock: untouched
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    expect_within 30 enabled
    cut_cable upstream
    on server systemctl restart chrony
    expect_serves server "$island"
    disabled_by_the_operator
    reboot_host server
    expect_serves server "$no_time"
}

# The monitor's tick, as its timer runs it (hardened), notes the synchronization and enables island mode by it.
enabled() { on server systemctl start timectl-monitor.service && by_unit server timectl island enable; }

# It stays disabled although each check would enable it. A restart of chronyd enables it again: its unit's
# command, and the one that units of before 0.2 have.
disabled_by_the_operator() {
    expect_ok by_unit server timectl island status
    expect_output 'in use'
    expect_ok by_unit server timectl island disable
    on server systemctl start timectl-monitor.service
    expect_serves server "$no_time"
    expect_exit 3 by_unit server timectl island status
    expect_output 'disabled by the operator'
    expect_exit 3 by_unit server timectl verify --role server --only chrony.sync
    expect_output 'sources, or timectl island'
    expect_ok by_unit server timectl island enable
    expect_serves server "$island"
    expect_ok by_unit server timectl island disable
    expect_ok by_unit server timectl rtc arm
    expect_serves server "$island"
    expect_ok by_unit server timectl island disable
    on server systemctl restart chrony
    expect_serves server "$island"
    expect_ok by_unit server timectl island status --json
    expect_output '"in_use": true'
}
