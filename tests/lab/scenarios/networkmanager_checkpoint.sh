# shellcheck shell=bash
# While a change of the network waits for its confirmation, NetworkManager holds a checkpoint of its own,
# for the case that nothing of timectl is left to undo it. Confirming, and undoing, let it go.
# clock: untouched
# suite: any
scenario() {
    boot main upstream manager
    provision manager --confirm 1h
    expect_ok checkpoints manager
    expect_output 'Checkpoint/[0-9]'
    # Longer than the wait, so that it never is the first.
    expect_ok on manager busctl get-property org.freedesktop.NetworkManager "$(checkpoints manager)" \
        org.freedesktop.NetworkManager.Checkpoint RollbackTimeout
    expect_output '^u 4200$'
    expect_same "$server/24" "$(addresses_of manager)"
    expect_ok on manager timectl confirm --reject
    expect_exit 1 checkpoints manager
    expect_within 30 has_lease manager

    provision manager --confirm 1h
    expect_ok checkpoints manager
    # Nothing of timectl is left: its alarm, its program. The network comes back all the same.
    on manager sh -c 'systemctl stop "timectl-expire-*.timer"; mv /usr/bin/timectl /root/'
    on manager busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
        org.freedesktop.NetworkManager CheckpointRollback o "$(checkpoints manager)"
    expect_within 30 has_lease manager
    on manager mv /root/timectl /usr/bin/
    expect_ok on manager timectl confirm --reject
    expect_ok on manager sh -c '! ls /etc/NetworkManager/system-connections | grep timectl'

    provision manager --confirm 1h
    expect_ok on manager timectl confirm
    expect_exit 1 checkpoints manager
    expect_same "$server/24" "$(addresses_of manager)"
}

# The paths of all that there are, one a line; 1 when there is none.
checkpoints() {
    on "$1" sh -c 'busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager \
        org.freedesktop.NetworkManager Checkpoints | grep -o "/org[^\"]*"'
}
