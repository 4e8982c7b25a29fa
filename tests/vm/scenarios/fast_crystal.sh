# shellcheck shell=bash
# The trap of the earliest plausible time: a clock that ran ahead of its RTC leaves files from the future behind. After
# a power cut the RTC, which is right and earlier than those, is trusted all the same.
scenario() {
    server_of_card server
    validate server
    kill_host server
    boot server
    expect_serves server "$island"
    # The crystal of this machine is fast, and it ran for months: ten minutes.
    expect_ok on server systemctl start timectl-monitor.service
    expect_ok on server systemctl stop timectl-monitor.timer
    expect_ok on server date --set='+10 minutes'
    expect_ok on server touch /var/lib/chrony/chrony.drift
    expect_ok on server sync
    kill_host server

    boot server
    expect_right_time server
    expect_trust server trusted
    expect_serves server "$island"
}
