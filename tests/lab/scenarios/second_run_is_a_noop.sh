# shellcheck shell=bash
# Provisioning again finds nothing to do, writes nothing, restarts nothing, and is quick.
# suite: any
scenario() {
    site_up
    for host in server main; do
        # What a first tick does (the controller!) must not be taken for what provisioning did; the next is a
        # minute away.
        on "$host" systemctl start timectl-monitor.service
        expect_ok on "$host" timectl plan --role "$(role_of "$host")"
        before=$(footprint "$host")
        provision "$host"
        expect_same "$before" "$(footprint "$host")"
    done
}
