# shellcheck shell=bash
# An RTC that is 30 years ahead and one that is gone: the clock is not set by them, that is said, and nothing is served;
# nor does the boot wait for one that does not answer. The same RTC back at its time is trusted again.
scenario() {
    server_of_card server
    validate server
    kill_host server

    rtc server shift $((30 * 365 * 86400))
    boot server
    expect_trust server far_ahead
    expect_finding server rtc.time failed
    expect_exit 3 on server timectl island enable
    expect_serves server "$no_time"
    expect_ok on server date +%Y
    expect_output '^20[2-4][0-9]$'
    kill_host server

    rtc server right
    rtc server absent 1
    boot server
    expect_trust server 'absent|not_readable'
    expect_finding server rtc.device failed
    expect_serves server "$no_time"
    kill_host server

    rtc server absent 0
    boot server
    expect_right_time server
    expect_trust server trusted
    expect_serves server "$island"
}
