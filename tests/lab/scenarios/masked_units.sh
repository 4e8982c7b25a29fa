# shellcheck shell=bash
# Units that the operator masked, for good or until the next boot, before provisioning or since: timesyncd,
# chrony and its alias, timectl's timers. Provision, rollback and uninstall work, and each mask is back where it was.
# suite: any
scenario() {
    local before
    boot main server
    client_masked_before_and_since
    server_masked_before_and_since
}

masks_of() {
    on "$1" find /etc/systemd/system /run/systemd/system -xdev \
        \( -lname /dev/null -o -type f -empty \) -printf '%p %y %m %u %l\n' | sort
}
masked_state_of() {
    masks_of "$1"
    state_of "$1"
}

client_masked_before_and_since() {
    # timesyncd goes on running, as after every mask without --now.
    on main systemctl mask systemd-timesyncd timectl-monitor-stale.timer
    on main systemctl mask --runtime timectl-monitor.timer
    expect_ok on main systemctl show -p LoadState -p UnitFileState -p FragmentPath -p ActiveState systemd-timesyncd
    expect_output '^LoadState=masked$'
    expect_output '^FragmentPath=/etc/systemd/system/systemd-timesyncd.service$'
    before=$(masked_state_of main)
    expect_exit 3 on main timectl plan --role client
    output=$(paste -sd' ' <<<"$output" | tr -s ' ')
    expect_output 'unmask systemd-timesyncd\.service: masked by /etc/systemd/system/systemd-timesyncd\.service;'
    expect_output 'unmask timectl-monitor\.timer: masked by /run/systemd/system/timectl-monitor\.timer;'
    expect_output 'timectl-monitor-stale\.timer is masked by'
    provision main
    expect_ok on main systemctl is-active systemd-timesyncd timectl-monitor.timer
    expect_ok on main systemctl is-enabled systemd-timesyncd timectl-monitor.timer
    expect_ok on main timectl plan --role client
    expect_output 'nothing to do'
    expect_ok on main timectl rollback --yes
    expect_same "$before" "$(masked_state_of main)"

    # Nothing runs, and another kind of mask each.
    on main systemctl unmask systemd-timesyncd timectl-monitor-stale.timer
    on main systemctl unmask --runtime timectl-monitor.timer
    on main systemctl mask --now --runtime systemd-timesyncd
    on main sh -c ': >/etc/systemd/system/timectl-monitor.timer; systemctl daemon-reload'
    before=$(masked_state_of main)
    provision main
    expect_ok on main systemctl is-active systemd-timesyncd timectl-monitor.timer
    # Masked since: what is wrong is said, and what helps.
    on main systemctl mask --now systemd-timesyncd
    on main sh -c 'ln -sf /dev/null /etc/systemd/system/timectl-monitor.timer; systemctl daemon-reload
        systemctl stop timectl-monitor.timer'
    expect_cause main timesync.server failed 'systemd-timesyncd\.service is masked.*systemctl unmask'
    expect_cause main monitor.timer failed 'timectl-monitor\.timer is masked.*timectl provision'
    provision main
    expect_ok on main systemctl is-active systemd-timesyncd timectl-monitor.timer
    on main systemctl mask --now systemd-timesyncd
    on main sh -c 'ln -sf /dev/null /etc/systemd/system/timectl-monitor.timer; systemctl daemon-reload'
    expect_ok on main timectl uninstall --yes
    expect_same "$before" "$(masked_state_of main)"
}

# chrony is not installed yet; on other distributions its unit is chronyd.
server_masked_before_and_since() {
    on server systemctl mask chrony chronyd
    on server systemctl mask --runtime chrony
    before=$(masks_of server && own_files server)
    provision server
    expect_ok on server systemctl is-active chrony
    expect_ok on server systemctl is-enabled chrony
    on server systemctl mask chrony
    expect_ok on server systemctl is-active chrony
    on server systemctl stop chrony
    expect_cause server chrony.sync failed 'chrony\.service is masked.*systemctl unmask chrony'
    expect_carried_out server rollback
    expect_same "$before" "$(masks_of server && own_files server)"
}
