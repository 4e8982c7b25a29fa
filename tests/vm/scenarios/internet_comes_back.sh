# shellcheck shell=bash
# An island whose operator's watch was 40 s fast finds the internet: it steps, serves traceable time, and the
# kernel (rtcsync, the 11-minute mode) writes the RTC; the monitor validates it by the sources.
scenario() {
    server_of_card server
    validate server
    rtc server shift 40
    kill_host server
    boot server
    has_right_time server && fail "the RTC's 40 s are not there"
    expect_serves server "$island"

    expect_ok on server systemctl stop timectl-monitor.timer
    internet_comes
    follow_internet server
    # The step leaves chronyd without a frequency, and its next samples are a minute apart.
    expect_serves server "$traceable" 400
    expect_right_time server
    expect_within 120 rtc_is_within server 1
    expect_ok on server timectl monitor
    expect_output traceable
    expect_ok on server timectl rtc show
    expect_output 'validated by real time sources'

    # And after a power cut it is an island again, at the right time.
    kill_host server
    boot server
    expect_right_time server
    expect_trust server trusted
    expect_serves server "$island"
}
