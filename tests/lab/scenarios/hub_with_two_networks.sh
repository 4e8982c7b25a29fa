# shellcheck shell=bash
# A hub in two networks serves both: DHCP gives each the hub's address there, and a client in each follows that one.
# suite: any
# clock: untouched
scenario() {
    second_network_up
    boot upstream server
    # The ranges are the site's own, as everywhere.
    on server sh -c 'mkdir -p /etc/dnsmasq.d && cat >/etc/dnsmasq.d/site.conf' <<'CONF'
bind-dynamic
no-resolv
dhcp-authoritative
dhcp-range=192.168.4.100,192.168.4.150,255.255.255.0,12h
dhcp-range=10.3.141.100,10.3.141.150,255.255.255.0,12h
CONF
    provision_as server pi-ntp
    expect_ok on server sh -c 'ip -4 -o address show dev hot0 | grep -F 10.3.141.1/24'
    expect_serves server "$traceable"
    for finding in network.address ntp.port ntp.reply ntp.access dhcp.ntp dhcp.reservation; do
        expect_finding server "$finding" ok 30
    done

    say "DHCP in each network tells of the hub's address there"
    boot server2 dhcp
    expect_within 30 lan_lease_names "$server"
    expect_within 30 hotspot_lease_names "$hotspot"

    say "the client in each network follows the hub's address in its own"
    provision_as server2 lan-pi
    provision_as dhcp hot-pi
    expect_ok on server2 grep -Fx "$server pi-ntp" /etc/hosts
    expect_ok on dhcp grep -Fx "$hotspot pi-ntp" /etc/hosts
    expect_within 60 chrony_of_follows server2 "$server"
    expect_within 60 chrony_of_follows dhcp "$hotspot"
}

hotspot=10.3.141.1

# A bridge of its own: `server` has a second interface there, and `dhcp` its only one.
second_network_up() {
    in_net switch ip link add bridge1 type bridge forward_delay 0
    in_net switch ip link set bridge1 up
    in_net switch ip link add server-hot type veth \
        peer name hot0 address 02:00:00:00:05:02 netns "$(net_of server)"
    in_net switch ip link set server-hot master bridge1 up
    in_net switch ip link set dhcp master bridge1
}

# provision_as HOST NAME: as that host of a site with two networks.
provision_as() {
    on "$1" sh -c 'mkdir -p /etc/timectl && cat >/etc/timectl/hub.json' <<'PROFILE'
{
  "networks": {
    "lan": { "subnet": "192.168.4.0/24" },
    "hotspot": { "subnet": "10.3.141.0/24" }
  },
  "hosts": {
    "pi-ntp": {
      "role": "server",
      "addresses": {
        "lan": { "address": "192.168.4.2", "addressing": "static", "interface": "eth0" },
        "hotspot": { "address": "10.3.141.1", "addressing": "static", "interface": "hot0" }
      },
      "rtc": false,
      "sources": { "servers": ["192.168.4.9"], "pools": [] },
      "dhcp": {}
    },
    "lan-pi": {
      "role": "client",
      "addresses": { "lan": "192.168.4.30" },
      "client": { "daemon": "chrony", "poll_min_s": 16, "poll_max_s": 16 }
    },
    "hot-pi": {
      "role": "client",
      "addresses": { "hotspot": "10.3.141.30" },
      "client": { "daemon": "chrony", "poll_min_s": 16, "poll_max_s": 16 }
    }
  }
}
PROFILE
    roles[server2]=client
    provision "$1" --profile /etc/timectl/hub.json --host "$2"
}

lan_lease_names() { on server2 sh -c 'cat /run/systemd/netif/leases/*' | grep -x "NTP=$1"; }
hotspot_lease_names() { grep -qE "^ntp_servers='?$1'?$" <<<"$(on dhcp dhcpcd --dumplease eth0)"; }
chrony_of_follows() { on "$1" chronyc -n -c sources | grep -E "^.,\*,$2,"; }
