# shellcheck shell=bash
# A server's clock is set an hour wrong. From the next tick on it is not served, and that is said. On an island its
# operator has the RTC give the right time back; with the internet there the monitor does it by itself.
scenario() {
    server_of_card server
    expect_ok on server systemctl stop timectl-monitor.timer timectl-monitor.service
    validate server
    expect_serves server "$island"
    expect_ok on server date --set='+1 hour'
    expect_disabled
    expect_put_right
    expect_serves server "$island"

    internet_comes
    follow_internet server
    expect_serves server "$traceable" 400
    expect_ok on server timectl monitor
    expect_output traceable
    # chronyd steps at its first updates alone (makestep 1 3): by itself it would slew for half a day.
    expect_ok on server date --set='-1 hour'
    expect_disabled
    pause=20 expect_within 600 steps_clock
    printf '%s\n' "$output"
    expect_same 0 "$status"
    expect_right_time server
    expect_serves server "$traceable" 400
    expect_trust server trusted
}

# One tick of the monitor, as its timer has them. Its $output and $status are the scenario's to judge.
steps_clock() {
    status=0
    output=$(on server timectl monitor 2>&1) || status=$?
    grep 'step the clock' <<<"$output"
}

expect_disabled() {
    expect_ok on server timectl monitor
    expect_output 'wrong'
    expect_output 'disable island mode'
    expect_serves server "$no_time"
    expect_cause server time.quality failed wrong
}

# What sources had synchronized is gone: the error is an RTC's.
expect_put_right() {
    expect_ok on server timectl rtc hctosys
    expect_right_time server
    expect_ok on server timectl monitor
    expect_output rtc_only
}
