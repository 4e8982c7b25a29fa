# shellcheck shell=bash
# No RTC, no upstream since boot: the server answers that it has no time, rather than looking right.
# clock: untouched
# suite: any
scenario() {
    boot main server
    provision server
    expect_serves server "$no_time"
    expect_exit 3 on server timectl island enable
    reboot_host server
    expect_serves server "$no_time"
}
