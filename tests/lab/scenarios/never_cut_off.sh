# shellcheck shell=bash
# Over the network, on another subnet than the profile's: --yes alone changes nothing; with --confirm the connection is
# lost, the operator does not confirm, and the address comes back. An uninstall asks for the same.
# clock: untouched
# suite: any
scenario() {
    local before files
    boot server
    on server sh -c 'cat >/etc/systemd/network/80-wired.network && networkctl reload' <<EOF
[Match]
Name=eth0
[Network]
Address=192.168.1.50/24
Gateway=192.168.1.1
LinkLocalAddressing=no
EOF
    expect_within 30 has_only server 192.168.1.50/24
    in_net witness ip address add 192.168.1.7/24 dev eth0
    begin server systemd-socket-activate --listen 2222 --accept --inetd cat
    expect_within 30 is_echoed
    log_in

    before=$(state_of server)
    files=$(own_files server)
    expect_exit 1 on server timectl provision --role server --yes
    expect_output "cannot provision 'pi-ntp' by --yes alone"
    expect_output "from 192\.168\.1\.50/24 \(gateway 192\.168\.1\.1\) to 192\.168\.4\.2/24 \(gateway 192\.168\.4\.1\)"
    expect_output "name changes from 'raspberrypi' to 'pi-ntp'"
    expect_output 'the connection between 192\.168\.1\.7 and 192\.168\.1\.50 port 2222 ends'
    expect_output "hint: correct the subnet in the profile .*, or, if it is right, add '--confirm 10m', log in at 192\.168\.4\.2 and run 'timectl confirm'"
    expect_same "$before" "$(state_of server)"
    expect_exit 1 on server test -e /var/lib/timectl/generations
    hears_echo || fail "the connection did not live on"
    expect_exit 3 on server timectl plan --role server --json
    expect_output '"gateway_before": "192\.168\.1\.1"'
    # Also without a connection.
    log_out
    expect_exit 1 on server timectl provision --role server --yes
    expect_output 'does not fit the subnet that eth0 has'

    log_in
    provision server --confirm 30s
    expect_output 'warning: this may cut you off: eth0 changes'
    expect_same "$server/24" "$(addresses_of server)"
    if hears_echo; then fail "the connection outlived its address"; fi
    log_out
    expect_within 90 has_only server 192.168.1.50/24
    expect_within 30 is_echoed
    expect_within 30 on server sh -c 'timectl generations | grep -q "rolled back: it was not confirmed in time"'
    expect_same "$files" "$(own_files server)"

    say "confirmed from the new address, it stays"
    provision server --confirm 10m
    expect_ok on server timectl confirm
    expect_same "$server/24" "$(addresses_of server)"
    expect_exit 1 on server timectl uninstall --yes
    expect_output 'cannot uninstall by --yes alone.*the default route loses its local address'
    expect_output "hint: add '--confirm 10m', log in again where the host is then \(the DHCP server knows its address\)"
    say "as the error of --purge says"
    expect_exit 1 on server timectl uninstall --yes --purge
    expect_output "hint: run 'timectl uninstall --yes --confirm 10m', log in again .* and run 'timectl confirm', else"
    expect_output "; then run 'timectl uninstall --purge'"
    expect_exit 0 on server timectl uninstall --yes --confirm 10m
    expect_within 30 has_only server 192.168.1.50/24
    expect_ok on server timectl confirm
    expect_ok on server timectl uninstall --purge
    expect_exit 1 on server test -e /var/lib/timectl
    expect_same "$files" "$(own_files server)"
}

is_echoed() {
    in_net witness timeout 5 bash -c 'exec 3<>/dev/tcp/192.168.1.50/2222 && echo here >&3 && read -r said <&3 && [ "$said" = here ]'
}
# An open connection from the witness: what goes into ${login[1]} comes back from ${login[0]}.
log_in() {
    coproc login { exec nsenter --net="$(net_of witness)" -- python3 -c '
import socket, sys
stream = socket.create_connection(("192.168.1.50", 2222), 10).makefile("rw")
for line in sys.stdin:
    stream.write(line)
    stream.flush()
    print(stream.readline(), end="", flush=True)'; }
    hears_echo || fail "no login is possible"
}
hears_echo() {
    local said
    echo "$EPOCHREALTIME" >&"${login[1]}" && read -r -t 5 said <&"${login[0]}" && [ -n "$said" ]
}
log_out() {
    # shellcheck disable=SC2154  # coproc sets it
    kill "$login_PID" 2>/dev/null || true
    wait "$login_PID" 2>/dev/null || true
}
