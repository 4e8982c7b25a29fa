# shellcheck shell=bash
# chronyd refuses its new configuration, /var is full, /etc is read-only: one clear line, the right exit
# code, and everything as it was, what is enabled too.
scenario() {
    boot server
    provision server
    on server systemctl disable --now timectl-monitor.timer
    on server sh -c 'cd /etc/chrony/conf.d && own=/etc/timectl/templates/etc/chrony/conf.d && mkdir -p "$own" &&
        { cat 50-timectl.conf; echo "refclock PPS /dev/pps0"; } >"$own/50-timectl.conf"'
    before=$(state_of server)

    expect_exit 4 on server timectl provision --role server --yes
    expect_output 'chrony.*everything is as it was before'
    expect_same "$before" "$(state_of server)"
    expect_serves server "$no_time"

    on server mount -t tmpfs -o size=16k full /var/lib/timectl
    expect_exit 1 on server timectl provision --role server --yes
    expect_output '^timectl: error: cannot .*: no space left on device$'
    expect_same "$before" "$(state_of server)"
    on server umount /var/lib/timectl

    on server sh -c 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'
    expect_exit 4 on server timectl provision --role server --yes
    expect_output '^timectl: error: cannot .*read-only file system'
    on server umount /etc
    expect_same "$before" "$(state_of server)"
}
