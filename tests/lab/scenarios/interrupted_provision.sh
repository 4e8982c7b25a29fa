# shellcheck shell=bash
# Provisioning that is killed is undone by recover, one that the power cut or a reboot ended by the next
# boot; a second beside it learns who is at work. The old state is back, timesyncd or chrony with it.
# clock: untouched
# suite: any
scenario() {
    boot server
    provision_until server 'checks the daemons'
    kill_begun server
    expect_ended server 137
    expect_ok on server timectl recover
    expect_ok on server sh -c 'hostname | grep -qx raspberrypi && dpkg -s systemd-timesyncd &&
        ! find /etc -name "*timectl*" | grep .'

    provision server
    on server sh -c 'timectl profile show missing-link | sed "s/\"interval_s\": 60/\"interval_s\": 90/
        s|\"allow\": \[|&\"192.168.4.0/25\", |" >/root/other.json'
    before=$(state_of server)
    provision_other
    expect_exit 1 on server timectl provision --role server --yes
    expect_output "error: another timectl is at work: 'timectl provision .*' of root \(process [0-9]+, since "
    kill_begun server
    expect_ended server 137
    expect_exit 3 on server timectl plan --role server
    expect_output 'timectl recover'
    expect_ok on server timectl recover
    expect_same "$before" "$(state_of server)"

    for ending in "kill_host boot" "reboot_host true"; do
        provision_other
        for step in $ending; do "$step" server; done
        expect_same "$before" "$(state_of server)"
        expect_ok on server systemctl is-system-running
        expect_serves server "$no_time"
    done
    expect_ok on server timectl plan --role server
}

provision_other() { provision_until server 'checks the daemons' --profile /root/other.json; }
