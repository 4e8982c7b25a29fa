# shellcheck shell=bash
# NetworkManager shares a connection, with a dnsmasq of its own. The client's role installs no second one, which would be
# first on port 53 at the next boot and leave the connection without an address.
# suite: any
# clock: untouched
scenario() {
    boot manager
    roles[manager]=client
    on manager apt-get -qy install --no-install-recommends dnsmasq-base
    on manager nmcli connection add type bridge ifname hot0 con-name Hotspot bridge.stp no ipv4.method shared \
        ipv4.addresses 10.42.0.1/24
    expect_within 30 shares
    expect_exit 3 on manager timectl plan --profile missing-link --host main-pi
    expect_output "DHCP on this host is NetworkManager's"
    provision manager --profile missing-link --host main-pi
    expect_exit 1 on manager dpkg-query -L dnsmasq
    expect_ok on manager grep -Fx 'dhcp-option=option:ntp-server,192.168.4.2' \
        /etc/NetworkManager/dnsmasq-shared.d/timectl.conf
    reboot_host manager
    # The network of the lab's hosts outlives their boots, and NetworkManager leaves a bridge alone that is there.
    on manager sh -c 'ip link delete hot0; nmcli connection up Hotspot'
    expect_within 60 shares
    expect_ok on manager timectl uninstall --yes
    expect_exit 1 on manager test -e /etc/NetworkManager/dnsmasq-shared.d/timectl.conf
}

# A DHCP server at the connection's address, and nothing but NetworkManager's.
shares() {
    on manager sh -c 'ip -4 -o address show dev hot0 | grep -F 10.42.0.1/24 && ss -lunp sport = :67 | grep dnsmasq'
}
