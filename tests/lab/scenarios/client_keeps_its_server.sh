# shellcheck shell=bash
# Fifteen verifies in a row cost timesyncd no reply; one that went over to a fallback while the server
# was off, the monitor's ticks bring back.
# suite: any
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    # shellcheck disable=SC2016  # the host's shell expands it
    begin main sh -c 'for i in $(seq 15); do timectl verify; done; true'
    restart_timesyncd
    expect_within 5 follows main "$server"
    expect_ended main 0
    restart_timesyncd
    expect_within 5 follows main "$server"
    expect_ok on server chronyc -c serverstats
    expect_same 0 "$(cut -d, -f2 <<<"$output")"        # dropped

    halt_host server
    restart_timesyncd
    expect_within 60 follows main "$upstream"
    expect_finding main timesync.server warning
    boot server
    expect_serves server "$traceable"
    expect_ok follows main "$upstream"
    expect_by_ticks follows main "$server"
    expect_finding main timesync.server ok
}

# As often as wanted: systemd has a limit of five in ten seconds.
restart_timesyncd() { on main sh -c 'systemctl reset-failed systemd-timesyncd; systemctl restart systemd-timesyncd'; }
