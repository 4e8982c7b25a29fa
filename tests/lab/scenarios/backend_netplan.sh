# shellcheck shell=bash
# netplan above networkd, as cloud-init leaves it, gets a file beside cloud-init's.
# clock: untouched
scenario() {
    boot main upstream netplan
    becomes_server_by netplan 'netplan: .*50-cloud-init\.yaml defines eth0' \
        /etc/netplan/90-timectl.yaml
}
