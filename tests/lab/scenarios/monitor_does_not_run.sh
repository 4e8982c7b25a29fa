# shellcheck shell=bash
# When the monitor fails or does not run any more, systemd withdraws power saving by itself; a controller that is
# stopped stays stopped; a server that comes and goes has it restarted six times an hour at most.
# suite: any
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    expect_by_ticks saving

    say "a tick that fails"
    on main sh -c 'mv /usr/bin/timectl /usr/bin/timectl.away && ln -s /bin/false /usr/bin/timectl'
    started=$EPOCHREALTIME
    on main systemctl start timectl-monitor.service || true
    expect_within 10 not_saving
    say "taken away after $(since "$started") s"
    on main mv /usr/bin/timectl.away /usr/bin/timectl

    say "a tick that is killed"
    expect_next_tick saving
    on main systemctl start --no-block timectl-monitor.service
    on main systemctl kill --signal=KILL timectl-monitor.service || true
    on main systemctl start timectl-monitor.service
    on main systemctl is-active timectl-monitor-stale.timer

    say "the monitor does not run any more"
    on main rm -f /run/timectl/monitor.json
    expect_next_tick saving
    on main sh -c 'mkdir -p /run/systemd/system/timectl-monitor-stale.timer.d
        printf "[Timer]\nOnActiveSec=\nOnActiveSec=5s\n" >/run/systemd/system/timectl-monitor-stale.timer.d/lab.conf
        systemctl daemon-reload'
    on main systemctl start timectl-monitor.service
    saving || fail "the last tick took power saving away"
    expect_within 15 not_saving
    on main systemctl is-active controller

    say "a controller that is stopped"
    on main systemctl stop controller
    on main timectl monitor
    expect_exit 3 on main systemctl is-active controller
    on main systemctl start controller

    say "a server that comes and goes"
    on main rm -f /run/timectl/monitor.json
    runs=0 before=$(invocation_of main controller)
    for _ in 1 2 3 4 5 6 7 8; do
        count_run cut_cable server
        count_run mend_cable server
    done
    say "restarted $runs times by 16 ticks"
    if [ "$runs" -lt 2 ] || [ "$runs" -gt 6 ]; then fail "the controller was restarted $runs times"; fi
    expect_ok on main timectl monitor
    expect_output 'saves no power for another'
    on main systemctl is-active controller
}

# count_run COMMAND...: the command, a tick, and whether the controller was restarted by it.
count_run() {
    "$@"
    on main timectl monitor
    local now
    now=$(invocation_of main controller)
    if [ "$now" != "$before" ]; then runs=$((runs + 1)); fi
    before=$now
}
