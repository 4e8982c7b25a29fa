# shellcheck shell=bash
# The main Pi follows the server: timesyncd, DHCP option 42, the controller's environment, the timer.
scenario() {
    site_up
    # What waits for the first reply is pending, and a healthy host's provision ends well.
    [ "$provision_status" = 0 ] || fail "provisioning main exited $provision_status"
    expect_ok on main timectl verify --wait 2m
    expect_finding main timesync.server ok 60
    expect_finding main dhcp.ntp ok
    expect_finding main files.drift ok
    expect_finding main monitor.timer ok
    on main timectl monitor
    expect_finding main controller.environment ok
    expect_ok on main timectl verify --role client
}
