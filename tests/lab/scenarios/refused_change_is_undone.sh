# shellcheck shell=bash
# chronyd does not start with its new configuration, in the sandbox or, without that, on the host; it starts and does
# not serve; /var is full; /etc is read-only: one clear line, the right exit code, and everything as it was, what is
# enabled too.
# clock: untouched
# suite: any
scenario() {
    boot server
    provision server
    on server systemctl disable --now timectl-monitor.timer
    on server mkdir -p "$own"
    add_to_template 'refclock PPS /dev/pps0'
    # The same words before the change and after it.
    expect_undone 1 'chronyd does not start with its files: Fatal error.*/dev/pps0'
    expect_output '^timectl: hint: .*ls -l /dev/pps0'
    expect_undone 4 'chronyd does not start .*chrony\.service.*"Fatal error.*/dev/pps0.*"; everything is as it was before$' \
        --no-rehearsal
    expect_output '^timectl: hint: .*ls -l /dev/pps0'
    expect_serves server "$no_time"
    add_to_template 'maxclockerror 1 of a newer chrony'
    expect_undone 1 'chronyd does not accept its files: Fatal error.* line [0-9]+'
    add_to_template 'bindaddress 127.0.0.9'
    expect_undone 4 'ntp\.port.*; everything is as it was before$'
    expect_serves server "$no_time"

    on server mount -t tmpfs -o size=16k,mode=755 full /var/lib/timectl
    expect_undone 1 'no space left on device$'
    on server umount /var/lib/timectl

    on server sh -c 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'
    expect_undone 1 'read-only file system$'
}

# A template of the owner's, in place of the built-in one.
own=/etc/timectl/templates/etc/chrony/conf.d

add_to_template() {
    on server sh -c "cat /etc/chrony/conf.d/50-timectl.conf - >$own/50-timectl.conf" <<<"$1"
}

# expect_undone EXIT WORDS [OPTION...]
expect_undone() {
    before=$(state_of server)
    expect_exit "$1" on server timectl provision --role server --yes "${@:3}"
    expect_output "^timectl: error: cannot .*$2"
    expect_same "$before" "$(state_of server)"
}
