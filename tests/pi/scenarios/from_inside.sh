# shellcheck shell=bash
# A Pi is provisioned as its owner does it: chrony is installed, the overlay waits for a reboot and that is said; after it
# the RTC is on bus 1, named ds3231. New, it is refused until its operator sets it; after a power cut it is served.
scenario() {
    rtc server new
    boot server
    provision server
    expect_output 'waits for a reboot'
    expect_ok config_of server
    expect_output 'dtoverlay=i2c-rtc,ds3231'
    expect_serves server "$no_time"

    reboot_host server
    expect_rtc_named ds3231
    expect_rtc_refused server before_build
    validate server
    expect_trust server trusted
    expect_serves server "$island"

    kill_host server
    boot server
    expect_pi_serves_from_rtc
    expect_carried_out server uninstall
    expect_ok config_of server
    expect_same "$(cat "$pi_dir/root/boot/firmware/config.txt")" "$output"
}
