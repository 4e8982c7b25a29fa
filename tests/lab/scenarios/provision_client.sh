# shellcheck shell=bash
# The main Pi follows the server: timesyncd, DHCP option 42, the controller's environment, the timer.
scenario() {
    site_up
    expect_finding main timesync.server ok 60
    expect_finding main dhcp.ntp ok
    expect_finding main files.drift ok
    expect_finding main monitor.timer ok
    on main timectl monitor
    expect_finding main controller.environment ok
    expect_ok on main timectl verify --role client
}
