# shellcheck shell=bash
# The examples of packaging/doc/controller.md as controllers: each says that it saves power after a tick
# with the server there, and that it saves none after one without.
# suite: any
scenario() {
    local example
    site_up
    on main systemctl stop timectl-monitor.timer
    on main apt-get -qy install --no-install-recommends python3-minimal
    for example in controller.sh controller.py; do
        on main systemctl reset-failed controller
        on main sh -c 'cat >/usr/local/bin/controller && chmod 755 /usr/local/bin/controller' \
            <"$project_dir/packaging/doc/$example"
        on main sh -c 'mkdir -p /etc/systemd/system/controller.service.d
            printf "[Service]\nExecStart=\nExecStart=/usr/local/bin/controller\n" \
                >/etc/systemd/system/controller.service.d/example.conf
            systemctl daemon-reload && systemctl restart controller'
        expect_ok on main timectl monitor
        expect_within 10 says 'saves power, by the time of 192\.168\.4\.2$'
        on server systemctl stop chrony
        expect_ok on main timectl monitor
        expect_within 10 says 'saves no power: the time is not to be trusted$'
        on server systemctl start chrony
        expect_serves server "$traceable"
    done
}

# says PATTERN: the last line of the controller's own run.
says() {
    # shellcheck disable=SC2016
    on main sh -c 'journalctl -o cat _SYSTEMD_INVOCATION_ID="$(systemctl show --value -p InvocationID controller)"' |
        tail -n 1 | grep -qE -- "$1"
}
