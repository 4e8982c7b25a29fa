# shellcheck shell=bash
# What is the same for every network back end: a host with a lease becomes the server with its static address, set by a
# file of that back end alone, and goes back to its lease.

# becomes_server_by HOST EVIDENCE FILES [OPTION...]: EVIDENCE is what facts says of who is in charge,
# FILES what provisioning adds to or changes in the back ends' directories, in words.
becomes_server_by() {
    local host=$1 evidence=$2 files=$3 before lease footprint
    shift 3
    expect_within 30 has_lease "$host"
    lease=$(addresses_of "$host")
    expect_ok on "$host" timectl facts
    expect_output "^network +$evidence"
    before=$(network_files_of "$host")

    provision "$host" "$@"
    expect_same "$server/24" "$(addresses_of "$host")"
    expect_same "$files" "$(changed_files "$before" "$(network_files_of "$host")")"
    expect_serves server "$traceable"
    footprint=$(footprint "$host")
    provision "$host"
    expect_same "$footprint" "$(footprint "$host")"

    reboot_host "$host"
    expect_within 30 has_only "$host" "$server/24"
    expect_ok on "$host" timectl plan --role server

    expect_carried_out "$host" uninstall
    expect_within 30 has_only "$host" "$lease"
    expect_same "$before" "$(network_files_of "$host")"
}

# The files of all back ends, as lines "path hash"; packages keep hooks in /etc/network.
network_files_of() {
    on "$1" sh -c 'find /etc/network/interfaces* /etc/netplan /etc/NetworkManager /etc/systemd/network /etc/dhcpcd.conf \
        -type f 2>/dev/null | sort | while read -r path; do
            echo "$path $(sha256sum <"$path" | cut -c1-16)"
        done'
}
# changed_files BEFORE AFTER: the paths of what is new or different, in one line.
changed_files() { comm -13 <(sort <<<"$1") <(sort <<<"$2") | cut -d' ' -f1 | xargs; }

has_only() { [ "$(addresses_of "$1")" = "$2" ]; }
# From the range of main's dnsmasq, and nothing besides.
has_lease() { [[ $(addresses_of "$1") =~ ^192\.168\.4\.1[0-9][0-9]/24$ ]]; }

# site_of_addresses HOST ADDRESSING: /tmp/site.json, whose newcomer does nothing but have an address.
site_of_addresses() {
    on "$1" sh -c 'cat >/tmp/site.json' <<EOF
{ "name": "lan",
  "network": { "subnet": "192.168.4.0/24", "gateway": "192.168.4.1", "dns": ["192.168.4.1"] },
  "hosts": {
    "pi-ntp": { "role": "server", "address": "192.168.4.2" },
    "newcomer": { "role": "client", "address": "192.168.4.70", "addressing": "$2",
                  "client": false, "monitor": false } } }
EOF
}
