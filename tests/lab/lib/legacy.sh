# shellcheck shell=bash
# Hosts that the old scripts made.

# made_by_old_script HOST SCRIPT: as it was found in the field: run twice, and booted since.
made_by_old_script() {
    local host=$1 script=$lab_dir/support/$2
    expect_ok on "$host" sh -s <"$script"
    expect_ok on "$host" sh -s <"$script"
    reboot_host "$host"
}

# made_old_server HOST
made_old_server() {
    boot main upstream "$1"
    expect_ok on "$1" apt-get -qy install --no-install-recommends chrony fake-hwclock
    made_by_old_script "$1" old_server_setup
    expect_within 30 has_only "$1" "$server/24"
}

# taken_over_and_back HOST: provision, reboot, no second change; every byte of before comes back.
taken_over_and_back() {
    local host=$1 before footprint
    before=$(configuration_of "$host")
    provision "$host"
    footprint=$(footprint "$host")
    provision "$host"
    expect_same "$footprint" "$(footprint "$host")"
    reboot_host "$host"
    expect_ok on "$host" timectl plan --role "$(role_of "$host")"
    "$2" "$host"
    expect_carried_out "$host" uninstall
    expect_same "$before" "$(configuration_of "$host")"
}
