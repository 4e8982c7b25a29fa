# shellcheck shell=bash
# Each ntp.* alias is found and runs in an interactive bash, login or not, on server and client; nothing
# of them is left after an uninstall.
# suite: any
scenario() {
    local host kind bashrc
    boot main upstream server
    bashrc=$(on main md5sum /etc/bash.bashrc)
    provision server
    expect_serves server "$traceable"
    provision main
    for host in main server; do
        for kind in -ic -lic; do
            runs "$host" "$kind" ntp.status '^time +'
            runs "$host" "$kind" ntp.show '^(main-pi|pi-ntp): '
            runs "$host" "$kind" ntp.test '^ok +owners '
            runs "$host" "$kind" ntp.monitor.run ''
            runs "$host" "$kind" ntp.monitor.status 'timectl-monitor\.timer - '
            runs "$host" "$kind" ntp.monitor.logs 'timectl\['
        done
    done
    expect_exit 127 on main bash -c ntp.status             # a script is no interactive shell
    expect_ok on main timectl uninstall --yes
    expect_same "$bashrc" "$(on main md5sum /etc/bash.bashrc)"
    expect_exit 1 on main bash -ic 'alias ntp.test'
}

# runs HOST OPTION ALIAS PATTERN: 3 is an answer too (a unit that waits, a probe that warns).
runs() {
    expect_ok on "$1" bash "$2" "alias $3"
    output=$(on "$1" bash "$2" "$3" 2>&1) || [ $? = 3 ] || fail "$3 in bash $2 on $1: $output"
    expect_output "$4"
}
