# shellcheck shell=bash
# The controller is told when the server goes and when it is back, and restarted only for that.
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    expect_within 120 tick_and saving
    invocation=$(invocation_of main controller)
    expect_ok on main timectl monitor
    expect_same "$invocation" "$(invocation_of main controller)"
    cut_cable server
    expect_within 120 tick_and not_saving
    mend_cable server
    expect_within 120 tick_and saving
}

# One tick; hysteresis may want several before the controller has another environment.
tick_and() { on main timectl monitor; "$@"; }

# What the running controller was started with, not what its unit says now.
controller_environment() {
    on main sh -c 'tr "\0" "\n" </proc/$(systemctl show --value -p MainPID controller)/environ'
}
saving() { controller_environment | grep -qx CONSERVE_POWER=1; }
not_saving() { controller_environment | grep -q . && ! saving; }
