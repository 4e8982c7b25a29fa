# shellcheck shell=bash
# The next boot undoes what a power cut left half done, without being asked: the first provision of a host and an
# uninstall, packages included, which follow when daemons can be started again. PID 1 recovers from a timectl that is
# killed.
# suite: any
scenario() {
    boot server
    before=$(own_files server)
    provision_until server 'checks the daemons'
    expect_ok on server test -e /etc/systemd/system/sysinit.target.d/timectl-recover.conf
    kill_host server
    boot server
    expect_within 120 are_undone 1
    expect_same "$before" "$(own_files server)"
    expect_ok on server dpkg-query -W -f '${db:Status-Status}' systemd-timesyncd
    expect_output '^installed$'

    provision server
    expect_exit 1 on server test -e /etc/systemd/system/timectl-recover.service
    before=$(own_files server)
    begin server timectl uninstall --yes --confirm 10m
    expect_within 60 has_said server 'checks the daemons'
    kill_host server
    boot server
    expect_within 120 are_undone 2
    expect_same "$before" "$(own_files server)"
    expect_within 30 on server timectl plan
    expect_serves server "$no_time"

    on server sh -c 'timectl profile show missing-link | sed "s/\"interval_s\": 60/\"interval_s\": 90/" >/root/other.json'
    before=$(state_of server)
    provision_until server 'checks the daemons' --profile /root/other.json
    kill_begun server
    # Its alarm rings after five minutes; here the test starts it now.
    # shellcheck disable=SC2016
    expect_ok on server sh -c 'systemctl start "$(systemctl list-units --plain --no-legend "timectl-watch-*.timer" |
        sed "s/\.timer .*/.service/")"'
    expect_same "$before" "$(state_of server)"
    expect_ok on server timectl plan
}

# The unit that recovers is gone once all is back, and so many changes are listed as rolled back.
are_undone() {
    on server sh -c '! test -e /etc/systemd/system/timectl-recover.service &&
        [ "$(timectl generations | grep -c "rolled back: ")" = '"$1"' ] && systemctl is-system-running'
}
