# shellcheck shell=bash
# A connection of the user's that NetworkManager would prefer at the next boot is refused before anything is changed.
# After the remedy the server has its address at the next boot too, and serves time.
# clock: untouched
# suite: any
scenario() {
    local before
    boot main upstream manager
    # The stronger one is not active now: the host looks right until it boots.
    on manager nmcli connection add type ethernet ifname eth0 con-name 'Old office' autoconnect no \
        ipv4.method manual ipv4.addresses 192.168.4.77/24
    on manager nmcli connection modify 'Old office' autoconnect yes connection.autoconnect-priority 999
    expect_within 30 has_lease manager
    before=$(state_of manager)
    expect_exit 1 on manager timectl provision --role server --yes --confirm 10m
    expect_output "prefers the connection 'Old office' on eth0 at the next boot \(autoconnect-priority 999\)"
    expect_same "$before" "$(state_of manager)"

    on manager sh -ec "$(sed -n "s/.*\(nmcli connection modify .* connection\.autoconnect-priority 0\).*/\1/p" <<<"$output" |
        head -n 1)"
    provision manager
    reboot_host manager
    expect_within 30 has_only manager "$server/24"
    expect_serves server "$traceable"
    expect_ok on manager timectl plan --role server

    say "one that is made later is found before the boot, which would have it win"
    on manager nmcli connection modify 'Old office' connection.autoconnect-priority 101
    expect_exit 1 on manager timectl plan --role server
    expect_output 'autoconnect-priority 101'
    reboot_host manager
    expect_within 30 has_only manager 192.168.4.77/24
}
