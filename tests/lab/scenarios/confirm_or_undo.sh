# shellcheck shell=bash
# provision --confirm: without confirmation the old state is restored when the confirmation window ends, and after a
# reboot; confirmed, the change stays.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    on server sh -c 'timectl profile show missing-link |
        sed "s/\"name\": \"missing-link\"/\"name\": \"barn\"/" >/root/site.json'
    expect_exit 1 on server timectl confirm

    provision server --profile /root/site.json --confirm 15s
    expect_ok on server timectl generations
    expect_output "awaits 'timectl confirm' until"
    expect_exit 1 on server timectl provision --role server --profile two-servers --yes
    expect_output 'timectl confirm'
    expect_within 60 is_undone server
    expect_ok on server journalctl --no-pager -u 'timectl-expire-*'
    expect_output 'timectl rolls back'

    provision server --profile /root/site.json --confirm 1h
    reboot_host server
    expect_within 60 is_undone server

    provision server --profile /root/site.json --confirm 1h
    expect_ok on server timectl confirm
    reboot_host server
    expect_ok on server test -e /etc/timectl/profile.json
    expect_ok on server timectl plan
    expect_serves server "$traceable"
}

# The generation says so before the process that rolled it back releases the lock.
is_undone() {
    on "$1" sh -c '! test -e /etc/timectl/profile.json &&
        timectl generations | tail -5 | grep -q "rolled back: " &&
        [ -z "$(systemctl list-units --no-legend --state=activating timectl-expire-\* timectl-recover.service)" ]'
}
