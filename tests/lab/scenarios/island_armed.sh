# shellcheck shell=bash
# A server that was synchronised since boot goes on serving its site when upstream is gone, also after
# a restart of chronyd; after a reboot without proof of the time it does not.
# clock: untouched
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    expect_within 30 armed
    cut_cable upstream
    on server systemctl restart chrony
    expect_serves server "$island"
    reboot_host server
    expect_serves server "$no_time"
}

# The monitor's tick, as its timer runs it (hardened), notes the synchronisation and arms by it.
armed() { on server systemctl start timectl-monitor.service && on server timectl rtc arm; }
