# shellcheck shell=bash
# chronyd does not start with its new configuration, or starts and does not serve; /var is full; /etc is
# read-only: one clear line, the right exit code, and everything as it was, what is enabled too.
# clock: untouched
# suite: any
scenario() {
    boot server
    provision server
    on server systemctl disable --now timectl-monitor.timer
    on server mkdir -p "$own"
    for line in 'refclock PPS /dev/pps0' 'bindaddress 127.0.0.9'; do
        on server sh -c "cat /etc/chrony/conf.d/50-timectl.conf - >$own/50-timectl.conf" <<<"$line"
        expect_undone 4 '(chrony\.service|ntp\.port).*; everything is as it was before$'
        expect_serves server "$no_time"
    done

    on server mount -t tmpfs -o size=16k,mode=755 full /var/lib/timectl
    expect_undone 1 'no space left on device$'
    on server umount /var/lib/timectl

    on server sh -c 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'
    expect_undone 1 'read-only file system$'
}

# A template of the owner's, in place of the built-in one.
own=/etc/timectl/templates/etc/chrony/conf.d

expect_undone() {
    before=$(state_of server)
    expect_exit "$1" on server timectl provision --role server --yes
    expect_output "^timectl: error: cannot .*$2"
    expect_same "$before" "$(state_of server)"
}
