# shellcheck shell=bash
# A new server in the wrong year with a new RTC serves nothing until its operator sets it. After a power cut
# it boots without a network: the time comes from the RTC, is served, and is called an island.
scenario() {
    server_of_card server
    expect_wrong_time server
    expect_trust server 'oscillator_stopped|before_build'
    expect_serves server "$no_time"
    validate server
    expect_trust server trusted
    expect_serves server "$island"

    kill_host server
    boot server
    expect_ok on server systemctl is-system-running
    expect_right_time server
    expect_trust server trusted
    expect_serves server "$island"
    expect_order server timectl-rtc.service time-set.target chrony.service
    expect_finding server rtc.boot ok
    expect_finding server rtc.time ok
    expect_cause server time.quality warning rtc_only
    expect_ok on server timectl status
    expect_output rtc_only
    expect_ok on server timectl monitor
    expect_output 'rtc_only'
}
