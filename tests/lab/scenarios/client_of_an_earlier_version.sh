# shellcheck shell=bash
# The main Pi as an earlier timectl left it runs this one, and nothing is provisioned: power saving follows the
# server, also when a check is killed. Then the update is planned and provisioned, and every byte comes back.
# suite: any
scenario() {
    local recorded=$project_dir/tests/upgrade/11b9d82/client before left
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    lay before
    before=$(own_files main)
    lay after-1
    left=$(own_files main)
    on main systemctl daemon-reload
    expect_ok on main systemctl restart systemd-timesyncd dnsmasq
    expect_ok on main systemctl start timectl-monitor.timer
    expect_within 150 saving
    expect_within 60 check_is_killed
    expect_within 20 not_saving
    expect_within 100 saving

    expect_ok on server systemctl stop chrony
    expect_within 100 not_saving
    expect_ok on server systemctl start chrony
    expect_serves server "$traceable"

    expect_exit 3 on main timectl plan
    expect_output 'modify /etc/systemd/system/timectl-monitor\.service'
    provision main
    expect_finding main files.drift ok
    expect_ok on main timectl rollback --yes
    expect_same "$left" "$(own_files main)"
    expect_ok on main timectl uninstall --yes --purge
    expect_same "$before" "$(own_files main)"
}

# A check is over in a moment: the next one is tried until one is hit.
check_is_killed() {
    on main sh -c 'systemctl start --no-block timectl-monitor.service; systemctl kill --signal=KILL timectl-monitor.service'
    [ "$(on main systemctl show --value -p Result timectl-monitor.service)" = signal ]
}

lay() { expect_ok "$project_dir/tests/upgrade/lay" "$recorded" "$1" "$(disk_of main)" eth0; }
