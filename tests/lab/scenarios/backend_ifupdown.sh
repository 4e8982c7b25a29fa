# shellcheck shell=bash
# ifupdown as Debian's installer leaves it: its stanza gives way only by order, then the host is the
# server; uninstalling brings stanza and lease back.
# clock: untouched
# suite: any
scenario() {
    boot main upstream ifupdown
    expect_exit 1 on ifupdown timectl provision --role server --yes
    expect_output "/etc/network/interfaces line 12 has 'iface eth0 inet dhcp'.*ifupdown"
    expect_output '--take-over'
    becomes_server_by ifupdown "ifupdown: .*interfaces has 'iface eth0 inet dhcp'" \
        '/etc/network/interfaces /etc/network/interfaces.d/timectl-eth0' --take-over
}
