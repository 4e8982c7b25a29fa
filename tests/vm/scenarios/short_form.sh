# shellcheck shell=bash
# What CI has time for: one machine boots from its RTC after the plug was pulled in a change, loses its mains in a
# rollback and in a month of monitoring, and then the battery of its RTC.
scenario() {
    server_of_card server
    expect_wrong_time server
    validate_once
    files[first]=$(own_files server)
    begin_cuts
    cut_in 'change first second timectl provision --role server --yes --profile /root/other.json'
    expect_right_time server
    expect_order server timectl-rtc.service time-set.target chrony.service
    expect_cause server time.quality warning rtc_only
    cut_in 'rollback second first timectl rollback --yes'
    expect_right_time server
    cut_in 'monitor first first sh /root/month'
    say_rows
    kill_host server

    rtc server battery_dies
    boot server
    expect_rtc_refused server 'oscillator_stopped|before_build'
}
