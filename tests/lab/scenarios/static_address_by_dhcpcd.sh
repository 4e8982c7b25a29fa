# shellcheck shell=bash
# A host that dhcpcd configures changes its lease for a static address, and back, without a reboot.
# clock: untouched
scenario() {
    boot main dhcp
    expect_within 30 has_lease dhcp
    before=$(on dhcp cat /etc/dhcpcd.conf)

    site_of_addresses dhcp static
    expect_ok on dhcp timectl facts
    expect_output '^network +dhcpcd: dhcpcd.service is enabled and active'
    provision_newcomer
    expect_same 192.168.4.70/24 "$(addresses_of dhcp)"
    expect_exit 0 on dhcp timectl plan --profile /tmp/site.json --host newcomer

    reboot_host dhcp
    expect_within 30 has_only dhcp 192.168.4.70/24

    site_of_addresses dhcp reservation
    provision_newcomer
    expect_within 30 has_lease dhcp
    expect_same "$before" "$(on dhcp cat /etc/dhcpcd.conf)"
}

provision_newcomer() { provision dhcp --profile /tmp/site.json --host newcomer; }
