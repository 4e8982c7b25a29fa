# shellcheck shell=bash
# The monitor's tick is killed at each system call that writes, asks or sends: whether it was about to give power saving
# or to take it away, its files are whole and the next tick does what is due.
# suite: any
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer timectl-monitor-stale.timer
    on main rm -f /run/timectl/monitor.json
    expect_by_ticks saving
    expect_ok on main timeout 280 sh -s "$server" <"$lab_dir/support/kill_ticks"
    say "$(tail -n 1 <<<"$output")"
    expect_by_ticks saving
}
