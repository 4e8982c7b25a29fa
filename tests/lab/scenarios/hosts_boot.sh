# shellcheck shell=bash
# The lab itself: every host boots and reboots without a failed unit, upstream serves real time.
# suite: any
scenario() {
    boot main upstream server dhcp
    expect_within 20 on server ping -c 1 -W 1 192.168.4.1
    expect_within 20 on dhcp ping -c 1 -W 1 192.168.4.9
    expect_serves upstream 'leap=0 .*stratum=1 refid=47505300' 30
    cut_cable upstream
    expect_exit 1 reply_of "$upstream"
    mend_cable upstream
    expect_serves upstream 'leap=0' 30
    for host in main upstream server dhcp; do
        reboot_host "$host"
        expect_ok on "$host" systemctl is-system-running
    done
    kill_host server
    boot server
    expect_ok on server systemctl is-system-running
    halt_host dhcp
}
