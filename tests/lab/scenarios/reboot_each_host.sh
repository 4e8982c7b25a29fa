# shellcheck shell=bash
# What was provisioned is there after a reboot of each host, one after the other.
scenario() {
    site_up
    for host in server upstream main; do
        reboot_host "$host"
        expect_serves server "$traceable"
        expect_within "$by_three_checks" follows main "$server"
        expect_ok on server timectl plan --role server
        expect_ok on main timectl plan --role client
    done
}
