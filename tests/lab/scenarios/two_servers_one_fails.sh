# shellcheck shell=bash
# Of two servers one fails: the client goes over to the other, and the controller saves power by it.
# suite: any
scenario() {
    boot main upstream server server2
    site="--profile two-servers --host"
    # shellcheck disable=SC2086  # two words each
    for host in server:pi-ntp server2:pi-ntp-2; do provision "${host%:*}" $site "${host#*:}"; done
    expect_serves server "$traceable"
    expect_serves server2 "$traceable"
    # shellcheck disable=SC2086
    provision main $site main-pi
    on main systemctl stop timectl-monitor.timer
    expect_finding main dhcp.ntp ok
    expect_within 30 follows main "$server"
    expect_by_ticks saving "$server"
    kill_host server
    expect_next_tick not_saving
    expect_cause main ntp.reply failed "$server does not answer"
    on main systemctl restart systemd-timesyncd        # its own next question is a minute away
    expect_within 60 follows main "$server2"
    expect_next_tick saving "$server2"
}
