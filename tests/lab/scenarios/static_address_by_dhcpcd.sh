# shellcheck shell=bash
# A host that dhcpcd configures changes its lease for a static address, and back, without a reboot.
scenario() {
    boot main dhcp
    expect_within 30 has_lease
    before=$(on dhcp cat /etc/dhcpcd.conf)

    site_of static
    expect_ok on dhcp timectl facts
    expect_output '^network +dhcpcd: dhcpcd.service is enabled and active'
    provision_newcomer
    expect_within 30 has_only 192.168.4.70/24
    expect_exit 0 on dhcp timectl plan --profile /tmp/site.json --host newcomer

    reboot_host dhcp
    expect_within 30 has_only 192.168.4.70/24

    site_of reservation
    provision_newcomer
    expect_within 30 has_lease
    expect_same "$before" "$(on dhcp cat /etc/dhcpcd.conf)"
}

# site_of ADDRESSING: a site whose newcomer does nothing but have an address.
site_of() {
    on dhcp sh -c 'cat >/tmp/site.json' <<EOF
{ "name": "lan",
  "network": { "subnet": "192.168.4.0/24", "gateway": "192.168.4.1", "dns": ["192.168.4.1"] },
  "hosts": {
    "pi-ntp": { "role": "server", "address": "192.168.4.2" },
    "newcomer": { "role": "client", "address": "192.168.4.70", "addressing": "$1",
                  "client": false, "monitor": false } } }
EOF
}

provision_newcomer() { provision dhcp --profile /tmp/site.json --host newcomer; }

addresses() { on dhcp ip -4 -o address show dev eth0 scope global | awk '{ print $4 }' | xargs; }
has_only() { [ "$(addresses)" = "$1" ]; }
has_lease() { [ -n "$(addresses)" ] && ! has_only 192.168.4.70/24; }
