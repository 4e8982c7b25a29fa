# shellcheck shell=bash
# Somebody sets a server's clock an hour wrong, on an island and then with the internet there. From the next tick on that
# is served to nobody, and said; the RTC gives the right time back, which is served again.
scenario() {
    server_of_card server
    vouch server
    expect_serves server "$island"
    expect_ok on server systemctl stop timectl-monitor.timer
    expect_ok on server date --set='+1 hour'
    expect_disarmed
    expect_put_right
    expect_serves server "$island"

    internet_comes
    follow_internet server
    expect_serves server "$traceable" 400
    expect_ok on server timectl monitor
    expect_output traceable
    # chronyd steps at its first updates alone (makestep 1 3): later it would take half a day.
    expect_ok on server date --set='-1 hour'
    expect_disarmed
    expect_put_right
    expect_serves server "$traceable" 400
}

expect_disarmed() {
    expect_ok on server timectl monitor
    expect_output 'wrong'
    expect_output 'disarm the island'
    expect_serves server "$no_time"
    expect_cause server time.quality failed wrong
}

# What sources had synchronised is gone: the error is an RTC's.
expect_put_right() {
    expect_ok on server timectl rtc hctosys
    expect_right_time server
    expect_ok on server timectl monitor
    expect_output rtc_only
}
