# shellcheck shell=bash
# The specification's three procedures: while the server is there the controller saves power, one tick
# after it went (stopped, unplugged, switched off) no more, one after it has real time again once more;
# it is restarted for nothing else. The timer's own tick does it from inside its sandbox.
scenario() {
    site_up
    expect_within 100 told_by_timer
    on main systemctl stop timectl-monitor.timer
    expect_ok on main systemctl show -p Result -p NoNewPrivileges -p ProtectSystem timectl-monitor.service
    expect_same "$(sort <<<"$output")" "$(printf '%s\n' NoNewPrivileges=yes ProtectSystem=strict Result=success)"
    invocation=$(invocation_of main controller)
    expect_next_tick saving
    expect_same "$invocation" "$(invocation_of main controller)"

    for way in "stop_chrony start_chrony" "cut_cable mend_cable" "kill_host boot"; do
        say "gone and back by $way"
        # Ticks in a row: systemd allows five starts in ten seconds.
        on main systemctl reset-failed controller
        ${way% *} server
        expect_next_tick not_saving
        ${way#* } server
        expect_serves server "$traceable"
        expect_next_tick saving
    done
}

told_by_timer() { [ -n "$(invocation_of main timectl-monitor)" ] && saving; }
stop_chrony() { on "$1" systemctl stop chrony; }
start_chrony() { on "$1" systemctl start chrony; }
