# shellcheck shell=bash
# A server that kept its time by ntpsec, by openntpd, or by a chrony that was stopped: that goes, and comes back as it
# was.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    for daemon in ntpsec openntpd; do
        expect_ok on server apt-get -qy install --no-install-recommends "$daemon"
        before=$(unit_state "$daemon")
        expect_exit 3 on server timectl plan --role server
        expect_output "install chrony, which removes $daemon"
        serves_and_goes_back
        expect_same installed "$(on server dpkg-query -W -f '${db:Status-Status}' "$daemon")"
        expect_same "$before" "$(unit_state "$daemon")"
    done
    expect_ok on server apt-get -qy install --no-install-recommends chrony
    on server systemctl disable --now chrony
    before=$(unit_state chrony)
    serves_and_goes_back
    expect_same "$before" "$(unit_state chrony)"
}

serves_and_goes_back() {
    provision server
    expect_serves server "$traceable"
    expect_finding server owners ok
    expect_carried_out server uninstall
}

# ntpsec is enabled here and does not run: it has a ConditionCapability=CAP_SYS_TIME.
unit_state() { on server systemctl show -p ActiveState,UnitFileState "$1"; }
