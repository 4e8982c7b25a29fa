# shellcheck shell=bash
# A new RTC behind a server that finds the internet is written for the first time by the kernel (the 11-minute mode), and
# validated by the sources: no operator has to. After a power cut the server boots from it.
scenario() {
    server_of_card server
    expect_trust server 'oscillator_stopped|before_build'
    expect_same 0 "$(rtc_has server time_writes)"
    expect_ok on server systemctl stop timectl-monitor.timer

    internet_comes
    follow_internet server
    expect_serves server "$traceable" 400
    expect_within 120 rtc_is_within server 1
    expect_same false "$(rtc_has server oscillator_stopped)"
    expect_trust server never_set
    expect_ok on server timectl monitor
    expect_trust server trusted
    expect_ok on server timectl rtc show
    expect_output 'validated by real time sources'

    kill_host server
    boot server
    expect_right_time server
    expect_serves server "$island"
}
