# shellcheck shell=bash
# A card that was provisioned before it ever ran (--root) boots with the RTC on bus 1, named ds3231, takes its time from
# it without a network, and serves it, also after the plug was pulled.
scenario() {
    server_of_card server
    expect_ok config_of server
    expect_output 'dtoverlay=i2c-rtc,ds3231'
    expect_output 'camera_auto_detect=1'
    validate server
    expect_trust server trusted
    expect_serves server "$island"

    kill_host server
    boot server
    expect_pi_serves_from_rtc
}
