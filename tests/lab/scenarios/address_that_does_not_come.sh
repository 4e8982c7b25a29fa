# shellcheck shell=bash
# networkd uses another file that comes first: the address is waited for, does not come, and everything is as it was;
# the error names the back end and a command that shows why.
# clock: untouched
# suite: any
scenario() {
    boot main server
    expect_within 30 has_lease server
    on server sh -c 'cat >/etc/systemd/network/05-mine.network' <<EOF
[Match]
Name=eth0
[Network]
DHCP=ipv4
LinkLocalAddressing=no
EOF
    site_of_addresses server static
    before=$(state_of server)
    expect_exit 4 on server timectl provision --role client --profile /tmp/site.json --host newcomer --yes --confirm 10m
    expect_output 'network\.address: eth0 does not have 192\.168\.4\.70/24 \(it has 192\.168\.4\.1[0-9]+/24; its network back end is systemd-networkd\); everything is as it was before$'
    expect_output "hint: 'networkctl status eth0' names the file it uses"
    expect_same "$before" "$(state_of server)"
    expect_within 30 has_lease server

    on server rm /etc/systemd/network/05-mine.network
    roles[server]=client
    provision server --profile /tmp/site.json --host newcomer
    expect_same 192.168.4.70/24 "$(addresses_of server)"

    # Without a cable no address is expected: that rolls nothing back.
    on server ip address flush dev eth0
    expect_finding server network.address failed
    cut_cable server
    expect_cause server network.address warning 'no carrier'
}
