# shellcheck shell=bash
# The server boots eight times in a row (TIMECTL_REBOOTS; 24 in tests/run --all): each time chronyd answers, the units
# ran and none failed; after them all files are as before and it serves real time.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    before=$(state_of server)
    for round in $(seq "${TIMECTL_REBOOTS:-8}"); do
        say "reboot $round"
        reboot_host server
        expect_serves server 'mode=4' 10
        expect_ok on server systemctl is-system-running
        expect_ok on server systemctl is-active chrony timectl-monitor.timer timectl-rtc
    done
    expect_same "$before" "$(state_of server)"
    expect_serves server "$traceable"
    expect_ok on server timectl plan --role server
}
