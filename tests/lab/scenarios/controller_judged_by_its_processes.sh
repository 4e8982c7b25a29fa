# shellcheck shell=bash
# A controller is judged by all processes of its control group, whatever its unit is called: one that ignores its stop
# until it is killed, one whose process systemd does not follow, and one that is left behind. A timesyncd that lost the
# bus is named. What is said to do is pasted, and helps.
# suite: any
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    ignores_its_stop
    remains_after_exit
    is_left_behind
    loses_the_bus
}

# controller_is LINE...: of its [Service].
controller_is() {
    on main sh -c 'd=/etc/systemd/system/controller.service.d; mkdir -p $d; cat >$d/zz-lab.conf
        systemctl daemon-reload; systemctl restart controller' < <(printf '[Service]\n' && printf '%s\n' "$@")
    expect_by_ticks saving_somewhere
}

# shellcheck disable=SC2016
saving_somewhere() {
    on main sh -c 'for pid in $(cat "/sys/fs/cgroup$(systemctl show --value -p ControlGroup controller)/cgroup.procs"); do
        tr "\0" "\n" <"/proc/$pid/environ"; done | grep -x CONSERVE_POWER=1'
}

server_returns() {
    on server systemctl start chrony
    expect_serves server "$traceable"
    on main systemctl restart systemd-timesyncd        # its own next question is a minute away
}

# The restart of the check is enough.
withdrawn_at_once() {
    on server systemctl stop chrony
    expect_ok on main timectl monitor
    expect_finding main controller.environment ok 30
    if saving_somewhere; then fail "it still saves power"; fi
    server_returns
}

ignores_its_stop() {
    say "a controller that ignores SIGTERM"
    controller_is 'ExecStart=' "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'" TimeoutStopSec=2
    # Its next stop takes longer than a verify, and ends by SIGKILL.
    on main sh -c 'echo TimeoutStopSec=20 >>/etc/systemd/system/controller.service.d/zz-lab.conf; systemctl daemon-reload'
    on server systemctl stop chrony
    expect_ok on main timectl monitor
    expect_cause main controller.environment pending 'controller.service is being stopped'
    expect_finding main controller.environment ok 40
    if saving_somewhere; then fail "it still saves power"; fi
    server_returns
}

# systemd follows no process of it.
remains_after_exit() {
    say "a controller that systemd calls exited"
    controller_is 'ExecStart=' "ExecStart=/bin/sh -c 'sleep 1000000 & exit 0'" Type=oneshot RemainAfterExit=yes \
        Restart=no
    expect_ok on main systemctl is-active controller
    withdrawn_at_once
}

is_left_behind() {
    say "a process that an earlier run left behind"
    controller_is 'ExecStart=' "ExecStart=/bin/sh -c 'sleep infinity & exec sleep 1000000'" Type=simple \
        RemainAfterExit=no KillMode=process Restart=no
    on main systemctl stop controller
    on server systemctl stop chrony
    expect_ok on main timectl monitor
    expect_cause main controller.environment failed 'it outlived its unit, which does not run; systemctl kill'
    on main sh -c "${output##*; }"
    expect_finding main controller.environment ok 30
    server_returns
}

loses_the_bus() {
    say "a timesyncd that does not come back to the bus"
    on main systemctl restart dbus
    sleep 2
    if on main busctl status org.freedesktop.timesync1 >/dev/null 2>&1; then
        say "this timesyncd comes back by itself"
        return
    fi
    expect_cause main timesync.server failed 'is not on the system bus.*; systemctl restart systemd-timesyncd'
    on main sh -c "${output##*; }"
    expect_finding main timesync.server ok 60
}
