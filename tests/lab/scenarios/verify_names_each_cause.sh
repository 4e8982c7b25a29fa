# shellcheck shell=bash
# What the specification's troubleshooting is about, verify names: no RTC, chronyd stopped, masked or
# blocked, the monitor not running, the controller's environment removed or frozen. And chronyd's table of
# leap seconds, which expires twice a year, is removed or misspelled; its sources are not heard. What is said to do is
# pasted, and helps.

zoneinfo=/usr/share/zoneinfo

# holds_for DAYS FILE: as the list itself counts, in seconds since 1900.
holds_for() { on server sed -i "s/^#@.*/#@ $(($(date +%s) + 2208988800 + $1 * 86400))/" "$2"; }

# What Debian publishes when the table is renewed, in a repository that the server's apt asks.
publish_tzdata() {
    local tree=/srv/newer/tree
    on server sh -ec "mkdir -p $tree/DEBIAN $tree$zoneinfo && cp -a $zoneinfo/. $tree$zoneinfo"
    holds_for 200 "$tree$zoneinfo/leap-seconds.list"
    on server sh -ec "cd /srv/newer
        printf 'Package: tzdata\nVersion: 9999\nArchitecture: all\nMaintainer: Lab <lab@site>\nDescription: newer\n' \
            >tree/DEBIAN/control
        dpkg-deb --build tree tzdata.deb >/dev/null
        { cat tree/DEBIAN/control && echo 'Filename: ./tzdata.deb' && stat -c 'Size: %s' tzdata.deb &&
            echo SHA256: \$(sha256sum <tzdata.deb | cut -c1-64); } >Packages
        echo 'deb [trusted=yes] file:/srv/newer ./' >/etc/apt/sources.list.d/newer.list"
}

# paste_remedy_on_server: what the last cause ended with.
paste_remedy_on_server() { on server sh -c "${output##*; }" >/dev/null; }

leap_table_expires() {
    holds_for 200 $zoneinfo/leap-seconds.list
    expect_cause server time.leap ok "^ok (no leap second until 20..-..-.., where chronyd's table ends|a second is)"
    holds_for 20 $zoneinfo/leap-seconds.list
    expect_cause server time.leap warning "chronyd's leap second table expires on 20"
    publish_tzdata
    paste_remedy_on_server
    expect_finding server time.leap ok
    expect_finding main time.leap ok
}

# becomes_unusable WHAT THING REMEDY: so verify says, and the remedy helps.
becomes_unusable() {
    expect_cause server time.leap warning "chronyd cannot use its leap second $1 '$2'.*$3"
    paste_remedy_on_server
    expect_finding server time.leap ok
}

# Debian 12's chronyd goes by a zone, Debian 13's by a list.
leap_table_is_lost_or_misspelt() {
    local conf=/etc/chrony/chrony.conf list=$zoneinfo/leap-seconds.list
    if on server grep -q '^leapsectz' $conf; then
        on server rm -r $zoneinfo/right
        becomes_unusable zone right/UTC 'apt-get install --reinstall tzdata'
        on server sed -i 's,^leapsectz.*,leapsectz right/Utopia,' $conf
        becomes_unusable zone right/Utopia 'sed -i'
    else
        on server rm "$list"
        becomes_unusable table "$list" 'apt-get install --reinstall tzdata'
        on server sed -i 's,^leapseclist.*,leapseclist /etc/leap-seconds.list,' $conf
        becomes_unusable table /etc/leap-seconds.list 'install -D'
    fi
}

# The RTC in local time. What timedatectl writes is checked; the reboot that follows it is not done.
rtc_is_kept_in_local_time() {
    local remedy
    on server sh -c "printf '0.0 0 0\n0\nLOCAL\n' >/etc/adjtime"
    expect_cause server rtc.adjtime failed 'local time.*LOCAL.*timedatectl set-local-rtc 0 && systemctl reboot'
    remedy=${output##*: }
    on server sh -c "${remedy%% &&*}" >/dev/null
    expect_finding server rtc.adjtime ok
}

# The monitor's sandbox on a client lets adjtimex(2) through, by which time.leap asks the kernel, too.
reads_the_frequency_in_its_sandbox() {
    on main sh -ec "cd /etc/systemd/system
        # verify reads the interfaces, too.
        sed 's,^ExecStart=.*,ExecStart=/usr/bin/timectl verify --only time.leap\nRestrictAddressFamilies=AF_NETLINK,' \
            timectl-monitor.service \
            >/run/systemd/system/sandboxed.service
        systemctl daemon-reload"
    expect_ok on main systemctl start sandboxed.service
}

sources_file=/etc/chrony/sources.d/timectl.sources
# Behind upstream, by way of main.
outside=203.0.113.9

# the_source_is WORDS: alone, and chronyd has heard nothing of it yet.
the_source_is() {
    on server sh -ec "echo >$sources_file && chronyc reload sources && echo '$*' >$sources_file &&
        chronyc reload sources" >/dev/null
}
# What is said of a source that answers timectl, but in the first two minutes of chronyd, when it is pending.
is_heard_again() {
    on server sh -c 'chronyc online; chronyc burst 2/4' >/dev/null
    expect_finding server sources.reach ok 20
}

sources_are_not_heard() {
    expect_cause server sources.reach ok '^ok chronyd hears [0-9]+ of [0-9]+ sources$'
    # Debian's own pool is in its file.
    on server sh -ec 'sed -i "s/^pool/#&/" /etc/chrony/chrony.conf && systemctl restart chrony'
    expect_serves server "$traceable"
    on server mv $sources_file /run/kept
    on server chronyc reload sources >/dev/null
    expect_cause server sources.reach failed 'timectl\.sources is missing; timectl provision'
    on server mv /run/kept $sources_file
    expect_cause server sources.reach failed 'has not read .*; chronyc reload sources'
    paste_remedy_on_server
    expect_finding server sources.reach ok 20
    on server cp $sources_file /run/kept

    on upstream ip address add $outside/32 dev lo
    on main sh -ec "echo 1 >/proc/sys/net/ipv4/ip_forward && ip route add $outside via $upstream"
    on server ip route delete default
    the_source_is "server $outside iburst"
    expect_cause server sources.reach warning 'no route to .*no default route; ip route replace default via 192.168.4.1'
    output=${output%%, until*}
    paste_remedy_on_server
    is_heard_again

    # Where all are denied chronyd closes the port, which says more.
    on upstream chronyc deny 192.168.4.2 >/dev/null
    the_source_is "server $outside iburst"
    expect_cause server sources.reach warning "$outside answers to ping, and not to NTP"
    on upstream chronyc allow 192.168.4.2 >/dev/null
    is_heard_again

    the_source_is server 192.168.4.1 iburst
    expect_cause server sources.reach warning '192\.168\.4\.1 has no time service'
    the_source_is server time.nowhere iburst
    expect_cause server sources.reach warning 'time\.nowhere has no address: the name servers \(192\.168\.4\.1\)'
    on server ip route replace default via "$upstream"
    expect_cause server sources.reach warning "the router $upstream serves time; chronyc add server $upstream iburst"
    output=${output%%, and for ever*}
    paste_remedy_on_server
    expect_cause server sources.reach ok 'hears 1 of 2 sources; not heard, as without internet: time\.nowhere'
    on server chronyc add server "$outside" iburst >/dev/null
    expect_cause server sources.reach warning 'hears 2 of 3 sources; not heard: time\.nowhere'
    on server chronyc delete "$outside" >/dev/null
    on server sh -ec "chronyc delete $upstream && ip route replace default via 192.168.4.1 &&
        cp /run/kept $sources_file && chronyc reload sources" >/dev/null
    expect_serves server "$traceable"
}

scenario() {
    site_up
    sources_are_not_heard
    leap_table_expires
    on main systemctl stop timectl-monitor.timer
    expect_cause main monitor.timer failed 'is not monitored.*enable --now timectl-monitor\.timer'
    expect_cause server rtc.device failed 'no I2C bus 1 .*no such bus'
    rtc_is_kept_in_local_time

    expect_by_ticks saving
    reads_the_frequency_in_its_sandbox
    drop_in=/run/systemd/system/controller.service.d/ntp-environment.conf
    on main mv "$drop_in" /run/kept
    expect_cause main controller.environment failed 'drop-in of controller\.service is gone.*timectl monitor'
    on main systemctl daemon-reload
    expect_cause main controller.environment failed 'it was started with it.*try-restart'
    expect_next_tick saving
    on main sh -c "rm $drop_in && systemctl daemon-reload && systemctl restart controller"
    on main sh -c "mv /run/kept $drop_in && systemctl daemon-reload"
    expect_cause main controller.environment failed 'another environment than its unit.*try-restart'

    leap_table_is_lost_or_misspelt
    on server chronyc deny 192.168.4.0/24
    expect_cause main ntp.reply failed 'a firewall drops UDP 123, or its allow list'
    expect_cause server ntp.reply failed 'chronyd does not allow this address'
    expect_cause server ntp.access failed '192\.168\.4\.1 gets no answer: chronyd does not allow it'
    on server systemctl stop chrony
    expect_cause server chrony.sync failed 'chronyd does not run.*inactive.*systemctl start chrony'
    expect_cause server ntp.port failed 'no process holds UDP port 123.*inactive'
    expect_cause main ntp.reply failed 'no NTP server runs there.*on 192\.168\.4\.2: systemctl status'
    on server systemctl mask chrony
    expect_cause server chrony.sync failed 'masked.*systemctl unmask chrony'
    expect_cause server ntp.port failed 'masked.*systemctl unmask chrony'
}
