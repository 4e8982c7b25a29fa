# shellcheck shell=bash
# The same where NetworkManager is in charge: the doubled connection goes, and comes back.
# clock: untouched
# suite: any
scenario() {
    made_old_server manager
    expect_exit 3 on manager timectl plan --role server
    # Only root can read a connection: the plan names it, and shows nothing of it.
    expect_same 2 "$(grep -c '^--- a/etc/NetworkManager/system-connections/eth0-static' <<<"$output")"
    expect_same 2 "$(grep -cx 'content not shown (secret)' <<<"$output")"
    expect_same 0 "$(grep -c -- '^-id=' <<<"$output")"
    taken_over_and_back manager serves_again
    expect_same 2 "$(on manager nmcli -g NAME connection show | grep -cx eth0-static)"
}

serves_again() {
    expect_serves server "$traceable"
    expect_finding "$1" network.address ok
}
