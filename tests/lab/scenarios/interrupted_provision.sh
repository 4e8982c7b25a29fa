# shellcheck shell=bash
# Provisioning that is killed is undone by recover, one that the power cut ended by the next boot; while
# one is at work a second learns who it is. Each time the old state is back, and chrony with it.
scenario() {
    boot server
    provision server
    on server sh -c 'timectl profile show missing-link | sed "s/\"interval_s\": 60/\"interval_s\": 90/
        s|\"allow\": \[|&\"192.168.4.0/25\", |" >/root/other.json'
    before=$(state_of server)

    provision_until server 'checks the daemons' --profile /root/other.json
    expect_exit 1 on server timectl provision --role server --yes
    expect_output "another timectl is at work: 'provision' \(process [0-9]+, since "
    kill_begun server
    expect_ended server 137
    expect_exit 3 on server timectl plan --role server
    expect_output 'timectl recover'
    expect_ok on server timectl recover
    expect_same "$before" "$(state_of server)"

    provision_until server 'checks the daemons' --profile /root/other.json
    kill_host server
    boot server
    expect_ok on server systemctl is-system-running
    expect_same "$before" "$(state_of server)"

    provision_until server 'checks the daemons' --profile /root/other.json
    reboot_host server
    expect_same "$before" "$(state_of server)"
    expect_serves server "$no_time"
    expect_ok on server timectl plan --role server
}
