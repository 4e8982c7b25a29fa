# shellcheck shell=bash
# The specification's three procedures: while the server is there the controller saves power, one tick
# after it went (stopped, killed, unplugged, switched off) no more, one after it has real time again once
# more; it is restarted for nothing else. The timer's own ticks do it from inside their sandbox, and the
# times they take are printed.
# suite: any
scenario() {
    site_up
    expect_within 100 told_by_timer
    expect_ok on main systemctl show -p Result -p NoNewPrivileges -p ProtectSystem timectl-monitor.service
    expect_same "$(sort <<<"$output")" "$(printf '%s\n' NoNewPrivileges=yes ProtectSystem=strict Result=success)"
    invocation=$(invocation_of main controller)
    expect_next_tick saving
    expect_same "$invocation" "$(invocation_of main controller)"

    tick_often
    for way in "stop_chrony start_chrony" "kill_chrony start_chrony" "cut_cable mend_cable" "kill_host boot"; do
        ${way% *} server
        expect_in_time "$way: lost" not_saving
        ${way#* } server
        expect_serves server "$traceable"
        expect_in_time "$way: back" saving
    done
    expect_ok on main timectl history --since 1h
    expect_output '^state +'
    expect_ok on main timectl --json monitor
    expect_output '"state": "traceable"'
}

told_by_timer() { [ -n "$(invocation_of main timectl-monitor)" ] && saving; }
stop_chrony() { on "$1" systemctl stop chrony; }
start_chrony() { on "$1" systemctl start chrony; }
# It would come back by itself.
kill_chrony() { on "$1" sh -c "systemctl kill --signal=KILL chrony; systemctl stop chrony"; }

# A tick each ten seconds, and no calm: what it does to a server that comes and goes is another scenario's.
tick_often() {
    on main sh -c 'cat >/root/often.json' <<'END'
{ "extends": "missing-link", "hosts": { "main-pi": {
    "monitor": { "interval_s": 10, "random_delay_s": 1 },
    "controller": { "hold_off_s": 0, "restarts_per_hour": 60 } } } }
END
    provision main --profile /root/often.json --host main-pi
}

# expect_in_time WHAT COMMAND...: within one cycle: the interval, its random part, the tick itself.
expect_in_time() {
    local what=$1 started=$EPOCHREALTIME
    shift
    pause=0.2 expect_within 16 "$@"
    say "$what after $(since "$started") s"
}
