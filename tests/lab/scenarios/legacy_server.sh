# shellcheck shell=bash
# A server that the old script made, twice, with dhcpcd: each thing it left is named and goes, chronyd
# runs again, and an uninstall brings every byte of it back.
# clock: untouched
# suite: any
scenario() {
    roles[dhcp]=server
    made_old_server dhcp
    expect_exit 3 on dhcp timectl plan --role server
    expect_output 'modify /etc/modules: the overlay loads'
    expect_output 'remove /etc/systemd/system/rtc-ds3231\.service: registers the chip'
    expect_output "modify /etc/chrony/chrony\.conf: chronyd refuses 'rtcfile'"
    expect_output 'modify /etc/dhcpcd\.conf'
    taken_over_and_back dhcp serves_again
}

serves_again() {
    expect_serves server "$traceable"
    expect_finding "$1" network.address ok
    expect_finding "$1" owners ok
    expect_finding "$1" files.drift ok
}
