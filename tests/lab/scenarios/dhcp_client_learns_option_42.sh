# shellcheck shell=bash
# A newcomer on the LAN that knows nothing but DHCP learns the time server by option 42.
scenario() {
    boot main
    provision main
    boot dhcp
    expect_within 30 lease_names_server
}

lease_names_server() { grep -qE "^ntp_servers='?$server'?$" <<<"$(on dhcp dhcpcd --dumplease eth0)"; }
