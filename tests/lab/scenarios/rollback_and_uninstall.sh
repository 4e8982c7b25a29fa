# shellcheck shell=bash
# A server is taken back: what chrony pushed out comes back from the copies kept. A rollback of that
# serves again, and an uninstall leaves the host as it was.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    local before after
    before=$(own_files server)
    provision server
    expect_serves server "$traceable"
    expect_ok on server timectl generations
    expect_output 'committed$'
    expect_ok on server timectl diff
    expect_carried_out server rollback
    after=$(own_files server)
    expect_same "$before" "$after"
    expect_ok on server dpkg-query -W -f '${db:Status-Status}' systemd-timesyncd
    expect_output '^installed$'
    expect_exit 1 on server test -e /usr/sbin/chronyd
    expect_carried_out server rollback
    expect_serves server "$traceable"
    expect_carried_out server uninstall
    after=$(own_files server)
    expect_same "$before" "$after"
}
