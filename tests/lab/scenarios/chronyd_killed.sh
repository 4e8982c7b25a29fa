# shellcheck shell=bash
# chronyd is killed (Debian's unit does not restart it): verify names it, and what timectl set up for
# the service brings it back.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    on server systemctl kill --signal=KILL chrony
    expect_within 60 on server systemctl is-active chrony
    expect_serves server "$traceable"
    on server systemctl stop chrony
    expect_finding server chrony.sync failed
    expect_exit 3 on server timectl verify --role server
    expect_output 'chrony'
    provision server
    expect_serves server "$traceable"
}
