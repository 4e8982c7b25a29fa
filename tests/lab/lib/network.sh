# shellcheck shell=bash
# One bridge in a network namespace of its own, one namespace with an eth0 for each host, and no way
# out. The namespaces are kept alive by bind mounts in the runner's mount namespace: two runs at a
# time cannot meet, and nothing is left when the runner ends.

# The last byte of each host's hardware address; a host's leases and logs name it.
declare -A mac_byte=([main]=01 [server]=02 [server2]=03 [upstream]=09 [dhcp]=0d
    [ifupdown]=0e [netplan]=0f [manager]=10 [witness]=c8)
# On the LAN and none of the hosts: servers limit their replies by address, so what the lab asks must
# not be asked from where a time daemon asks.
witness=192.168.4.200

net_of() { echo "$work/net/$1"; }
in_net() {
    local where
    where=$(net_of "$1")
    shift
    nsenter --net="$where" -- "$@"
}

network_up() {
    local host
    mkdir -p "$work/net"
    for host in switch witness $all_hosts $spare_hosts; do
        touch "$(net_of "$host")"
        unshare --net="$(net_of "$host")" true
    done
    in_net switch ip link add bridge0 type bridge forward_delay 0
    in_net switch ip link set bridge0 up
    for host in witness $all_hosts $spare_hosts; do
        in_net switch ip link add "$host" type veth \
            peer name eth0 address "02:00:00:00:04:${mac_byte[$host]}" netns "$(net_of "$host")"
        in_net switch ip link set "$host" master bridge0 up
    done
    in_net witness ip address add "$witness/24" dev eth0
    in_net witness ip link set eth0 up
}

# Each boot finds the interface as a cold network card: no address, down (which drops the routes). Nor
# does a host that is off say that its ports are closed.
network_cold() {
    in_net "$1" ip address flush dev eth0
    in_net "$1" ip link set eth0 down
}
