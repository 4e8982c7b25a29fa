# shellcheck shell=bash
# A main Pi that the old scripts made, twice: its DHCP and DNS are down. Taken over they are back, the
# old monitor is gone and hides nothing; an uninstall brings every byte of it back.
# suite: any
scenario() {
    boot main upstream
    made_by_old_script main old_client_setup
    expect_exit 3 on main systemctl is-active dnsmasq.service
    expect_exit 3 on main timectl plan --role client
    expect_output 'modify /etc/dnsmasq\.conf: stands in /etc/dnsmasq\.d/timectl\.conf'
    expect_output 'modify /etc/systemd/timesyncd\.conf'
    expect_output 'remove /etc/systemd/system/controller\.service\.d/ntp-environment\.conf'
    expect_output 'remove /usr/local/bin/ntp-monitor\.sh: the old monitor'
    taken_over_and_back main is_a_client
    expect_exit 3 on main systemctl is-active dnsmasq.service
}

is_a_client() {
    expect_ok on main systemctl is-active dnsmasq.service
    expect_finding main dnsmasq.config ok
    expect_finding main dhcp.ntp ok
    expect_finding main files.drift ok
    expect_exit 4 on main systemctl status ntp-monitor.timer
    not_saving || fail "the old monitor's word is still the controller's: $(told_to_controller)"
}
