# shellcheck shell=bash
# A profile with a mistake is refused with its place, and not one byte changes.
# clock: untouched
# suite: any
scenario() {
    boot server
    on server sh -c 'mkdir -p /etc/timectl && timectl profile show missing-link |
        sed "s/192\.168\.4\.2\"/192.168.9.2\"/" >/etc/timectl/profile.json'
    before=$(footprint server)
    expect_exit 2 on server timectl provision --role server --yes
    expect_output 'profile\.json:[0-9]+:[0-9]+'
    expect_output '192\.168\.9\.2'
    expect_same "$before" "$(footprint server)"
    expect_exit 1 on server dpkg -s chrony
}
