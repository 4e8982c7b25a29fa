# shellcheck shell=bash
# Of two servers that lost the internet one follows the other, once their root distance passes the profile's:
# before, each ran on by itself for as long as chronyd's own limit of 1 s took.
# suite: any
# clock: untouched
scenario() {
    boot main upstream server server2  # main has the names of the sources
    provision server --profile two-servers --host pi-ntp
    provision server2 --profile two-servers --host pi-ntp-2
    # A thousand times as much as by default: the distance grows by 1 ms a second. What takes hours by itself must not
    # take longer than that: chronyd keeps to the lost source until its last sample is older than all samples of the
    # other server, so it keeps few of them, and takes them often.
    for host in server server2; do
        on "$host" sh -c 'printf "maxclockerror 1000\nmaxsamples 8\n" >/etc/chrony/conf.d/90-lab.conf'
        on "$host" systemctl restart chrony
    done
    for host in server server2; do
        # Not $traceable: its dispersion grows too fast to be seen small.
        expect_serves "$host" 'leap=0 mode=4 stratum=2 '
        # One check enables island mode. More of them would follow the distance, which grows a thousand times too fast.
        on "$host" systemctl stop timectl-monitor.timer
        on "$host" systemctl start timectl-monitor.service
    done
    cut_cable upstream
    pause=5 expect_within 400 one_follows_the_other
    say "$leader leads"
    for host in server server2; do expect_finding "$host" ntp.reply ok; done
}

one_follows_the_other() {
    for host in server server2; do on "$host" chronyc burst 1/2 >/dev/null; done
    if leads server server2; then leader=server; else leads server2 server && leader=server2; fi
}

# One in island mode, and the other one stratum beyond it.
leads() { serves "$1" "$island" && serves "$2" "leap=0 mode=4 stratum=11 refid=$(hex_of "${!1}")"; }
# shellcheck disable=SC2183,SC2046
hex_of() { printf '%02x%02x%02x%02x' $(tr . ' ' <<<"$1"); }
