# shellcheck shell=bash
# Each short command (ntp.status, ...) runs in a shell, interactive or not, and by another program, on server and client;
# nothing of them is left after an uninstall.
# suite: any
scenario() {
    local host kind
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    provision main
    for host in main server; do
        for kind in -ic -lic -c; do
            runs "$host" "$kind" ntp.status '^time +'
            runs "$host" "$kind" ntp.show '^(main-pi|pi-ntp): '
            runs "$host" "$kind" ntp.test '^ok +owners '
            runs "$host" "$kind" ntp.monitor.run ''
            runs "$host" "$kind" ntp.monitor.status 'timectl-monitor\.timer - '
            runs "$host" "$kind" ntp.monitor.logs 'timectl\['
        done
    done
    on main env ntp.status >/dev/null || [ $? = 3 ] || fail "env finds no ntp.status"
    expect_ok on main timectl uninstall --yes
    expect_exit 127 on main bash -c ntp.status
}

# runs HOST OPTION COMMAND PATTERN: 3 is an answer too (a unit that waits, a probe that warns).
runs() {
    output=$(on "$1" bash "$2" "$3" 2>&1) || [ $? = 3 ] || fail "$3 in bash $2 on $1: $output"
    expect_output "$4"
}
