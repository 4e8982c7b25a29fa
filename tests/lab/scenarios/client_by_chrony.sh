# shellcheck shell=bash
# A client of timesyncd is switched to chrony and back, each time as one transaction; where the other package cannot be
# had nothing is touched. With chrony it controls power saving as with timesyncd: the first tick after the server died
# takes power saving away, later ones lead chronyd to the fallback and back.
# suite: any
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    expect_by_ticks saving
    on main sh -c 'mkdir -p /etc/timectl && cat >/etc/timectl/chrony.json' <<'PROFILE'
{ "extends": "missing-link", "hosts": { "main-pi": {
    "client": { "daemon": "chrony", "poll_min_s": 16, "poll_max_s": 16 } } } }
PROFILE

    say "without the package"
    on main mount -t tmpfs empty /srv/apt           # apt 3 knows it all the same
    expect_refused "cannot (plan the installation of|fetch) 'chrony': "
    on main umount /srv/apt
    # apt knows what there is, and cannot get it.
    on main sh -c 'mount --bind /etc/hostname /srv/apt/chrony_*.deb'
    expect_refused "cannot fetch 'chrony': "
    on main sh -c 'umount /srv/apt/chrony_*.deb'

    say "to chrony"
    provision main --profile /etc/timectl/chrony.json --host main-pi
    expect_gone systemd-timesyncd
    expect_finding main owners ok
    expect_within 60 chrony_follows "$server"
    on main systemctl stop timectl-monitor.timer
    expect_within 60 chrony_has_settled
    expect_by_ticks saving
    on main systemctl start timectl-monitor.timer
    expect_ok on main timectl verify --role client
    expect_ok on main timectl provision --yes
    expect_output 'nothing to do'
    on main systemctl stop timectl-monitor.timer
    expect_exit 1 on main sh -c "ss -Huln 'sport = :123' | grep ."

    say "the server dies"
    # Its name was asked for while dnsmasq was restarted: chronyd asks again after a while. Samples of
    # before chronyd knew its own frequency may be thrown away, and the next ones are 64 s apart.
    expect_within 180 chrony_hears "$upstream"
    expect_ok on main chronyc burst 4/8 "$upstream"
    expect_within 60 chrony_could_follow "$upstream"
    # One that is asked for while another goes on is not begun: monitor's would bring too few samples.
    expect_within 60 chrony_rests
    stop_chrony server
    expect_next_tick not_saving
    expect_by_ticks chrony_follows "$upstream"
    expect_finding main chrony.sync warning
    expect_ok on main timectl monitor
    expect_output 'traceable'
    not_saving || fail "power is saved on a fallback"

    say "and lives"
    on main systemctl reset-failed controller
    start_chrony server
    expect_serves server "$traceable"
    expect_by_ticks chrony_follows "$server"
    expect_by_ticks saving
    expect_within 60 chrony_has_settled
    expect_finding main chrony.sync ok

    say "back to timesyncd"
    on main sh -c "sed -i s/chrony/timesyncd/ /etc/timectl/chrony.json"
    provision main --profile /etc/timectl/chrony.json --host main-pi
    expect_gone chrony
    expect_exit 1 on main sh -c 'find /etc/chrony /etc/systemd/system -name "*timectl.conf" -path "*chrony*" | grep .'
    expect_within "$by_three_checks" follows main "$server"
    expect_by_ticks saving
    expect_ok on main timectl verify --role client
}

expect_refused() {
    local before
    before=$(state_of main)
    expect_exit 1 on main timectl provision --profile /etc/timectl/chrony.json --host main-pi --yes
    expect_output "^timectl: error: $1"
    expect_output '^timectl: hint: run apt-get update, or come back with a network$'
    expect_same "$before" "$(state_of main)"
}

stop_chrony() { on "$1" systemctl stop chrony; }
start_chrony() { on "$1" systemctl start chrony; }

# chrony_follows ADDRESS
chrony_follows() { on main chronyc -n -c sources | grep -qE "^.,\*,$1,"; }

# After its first sample chronyd's root dispersion grows by a second a second.
chrony_has_settled() { on main chronyc -n -c tracking | awk -F, '{ exit !($3 > 0 && $12 < 0.01) }'; }

# chrony_hears ADDRESS: it answered at least once of the last eight polls.
chrony_hears() { on main chronyc -n -c sources | awk -F, -v a="$1" '$3 == a && $6 > 0 { found = 1 } END { exit !found }'; }

# chrony_could_follow ADDRESS: it has what chronyd needs to select it, were it not for a better one.
chrony_could_follow() { on main chronyc -n -c selectdata | grep -qE "^[PUw+#*],$1,"; }

# chrony_rests: no source is in the middle of a burst.
chrony_rests() { on main chronyc -c activity | grep -qE '^[0-9]+,[0-9]+,0,0,'; }

expect_gone() { expect_exit 1 on main sh -c "dpkg-query -W -f '\${db:Status-Status}' $1 | grep -x installed"; }
