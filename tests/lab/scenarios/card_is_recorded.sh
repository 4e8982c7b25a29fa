# shellcheck shell=bash
# The server's card, in sight after the host that gives out addresses was provisioned, is recorded by its next
# provision; it stays when no card is in sight, and another card at that address changes nothing and is found.
# suite: any
scenario() {
    local conf=/etc/dnsmasq.d/timectl.conf card
    boot main upstream
    provision main
    expect_ok on main grep -Fx "dhcp-host=pi-ntp,$server" $conf
    boot server
    provision server
    expect_serves server "$traceable"
    card=$(on server cat /sys/class/net/eth0/address)
    on main timectl probe ntp "$server"
    expect_finding main files.drift ok                 # found already, and no drift
    expect_exit 3 on main timectl plan --role client
    expect_output "pi-ntp has the MAC address $card \(found in the neighbour table"
    provision main
    expect_ok on main grep -Fx "dhcp-host=$card,$server,pi-ntp" $conf
    expect_finding main dhcp.ntp ok
    on main ip neigh flush dev eth0
    expect_ok on main timectl plan --role client

    on main ip neigh replace "$server" lladdr 02:00:00:00:00:99 dev eth0 nud permanent
    expect_ok on main timectl plan --role client
    expect_cause main dhcp.reservation warning "reserved for the MAC address $card, and its MAC address is 02:00:00:00:00:99"
    on main ip neigh del "$server" dev eth0
    expect_finding main dhcp.reservation ok
}
