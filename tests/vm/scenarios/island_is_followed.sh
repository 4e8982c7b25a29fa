# shellcheck shell=bash
# A machine in the wrong year follows a server that knows the time from its RTC alone: it has the right time and says
# that it is an island's. Its clock set an hour wrong comes back; a server that is gone is missed, then and hours later.
scenario() {
    server_of_card server
    validate server
    kill_host server
    boot server main
    expect_right_time server
    expect_serves server "$island"
    expect_wrong_time main

    provision main
    on main systemctl stop timectl-monitor.timer
    expect_within 150 follows main "$server"
    expect_right_time main
    expect_by_ticks saving
    expect_island

    expect_ok on main date --set='+1 hour'
    expect_within 60 has_right_time main
    expect_right_time main
    expect_by_ticks saving

    kill_host server
    expect_next_tick not_saving
    # Ten hours in which no server answers: longer than NTPSynchronized= says yes to.
    expect_ok on main date --set='+10 hours'
    expect_ok on main timectl monitor
    expect_output unsynchronized
    not_saving || fail "power is saved without a server"
    expect_cause main time.quality 'failed' 'does not answer'
    expect_finding main ntp.reply failed

    boot server
    expect_within 150 has_right_time main
    expect_by_ticks saving
    expect_island
}

# verify and monitor both say the state of the time; what systemd says does not differ from a clock that follows UTC.
expect_island() {
    expect_cause main time.quality warning island
    expect_ok on main timectl monitor
    expect_output island
    expect_ok on main timedatectl show -p NTPSynchronized
    expect_output '=yes'
}
