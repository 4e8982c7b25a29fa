# shellcheck shell=bash
# Where chronyd follows sources, the kernel goes on writing the RTC (rtcsync, the 11-minute mode): one that has run off
# by 20 s is right again after at most that time, and was written by no other program.
scenario() {
    local written
    server_of_card server
    expect_ok on server systemctl stop timectl-monitor.timer
    internet_comes
    follow_internet server
    expect_serves server "$traceable" 400
    expect_within 120 rtc_is_within server 1
    written=$(rtc_has server time_writes)

    rtc server shift -20
    if rtc_is_within server 10; then fail "the RTC did not run off"; fi
    # Its work runs each 659 s (kernel/time/ntp.c, sync_work), of the machine's own time.
    pause=5 expect_within 900 rtc_is_within server 1
    [ "$(rtc_has server time_writes)" -gt "$written" ] || fail "nobody wrote the RTC"
    expect_right_time server
}
