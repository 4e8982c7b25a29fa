# shellcheck shell=bash
# The words of scenarios on a Pi.

# expect_rtc_named CHIP: where and as what the kernel found it.
expect_rtc_named() {
    expect_ok on server sh -c 'cat /sys/bus/i2c/devices/1-0068/name && readlink -f /sys/class/rtc/rtc0/device &&
        cat /proc/device-tree/model | tr -d "\0"'
    expect_output "^$1$"
    expect_output '/1-0068$'
    expect_output 'Raspberry Pi 3'
}

# After a boot without a network: only the RTC knew the time.
expect_pi_serves_from_rtc() {
    expect_rtc_named ds3231
    expect_right_time server 3
    expect_trust server trusted
    expect_serves server "$island"
    expect_order server timectl-rtc.service time-set.target chrony.service
    expect_finding server rtc.device ok
    expect_finding server rtc.boot ok
    expect_finding server ntp.reply ok
    expect_cause server time.quality warning rtc_only
    expect_ok on server systemctl is-system-running
    expect_ok on server timectl plan --role server
}
