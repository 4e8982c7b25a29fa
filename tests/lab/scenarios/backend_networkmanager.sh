# shellcheck shell=bash
# NetworkManager, which made its wired connection up by itself, gets one of timectl's that comes first.
# clock: untouched
scenario() {
    boot main upstream manager
    becomes_server_by manager 'NetworkManager: NetworkManager\.service is enabled and active' \
        /etc/NetworkManager/system-connections/timectl-eth0.nmconnection
}
