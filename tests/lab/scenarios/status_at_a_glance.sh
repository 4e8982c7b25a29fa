# shellcheck shell=bash
# status says where a host has its time from, UTC and from the site's clock; a server says whom it serves.
# suite: any
scenario() {
    site_up
    expect_finding server time.quality ok 60
    expect_finding main time.quality ok 60
    expect_finding server ntp.access ok

    expect_exit 3 on server timectl status # there is no RTC here
    expect_output '^time +traceable: UTC to .*, the site.s clock to 0'
    expect_output '^clients +[1-9][0-9]* served'
    expect_output '^last change +.*timectl provision'
    expect_ok on server timectl clients
    expect_output ' 192\.168\.4\.1 main-pi$'
    expect_ok on main timectl status
    expect_output '^time +traceable: UTC to .*, the site.s clock to .*s$'
    expect_output '^controller +controller\.service'

    # An ordinary user sees what the kernel shows everybody; a line that root could tell more of says so.
    expect_exit 3 on server runuser -u nobody -- timectl status
    expect_output '^time +traceable: UTC to .*, the site.s clock to 0'
    expect_output '^clients +cannot list clients: .*\(sudo'
    expect_output '^last change +.*timectl provision'
    expect_ok on server runuser -u nobody -- timectl generations
    expect_output 'provision: pi-ntp as server'
    expect_ok on server runuser -u nobody -- timectl verify --only time.quality
    expect_ok on server runuser -u nobody -- timectl status --short
    expect_exit 3 on main runuser -u nobody -- timectl status
    expect_output '^controller +unknown: .*permission denied \(sudo'

    cut_cable server
    expect_finding main time.quality warning 60
    expect_exit 0 on main timectl status
    expect_output '^time +warning: holdover'

    # Where chronyd closes its port to users, they see what the monitor saw.
    on server systemctl start timectl-monitor
    on server sh -c 'echo "cmdport 0" >/etc/chrony/conf.d/zz-closed.conf && systemctl restart chrony'
    expect_exit 3 on server runuser -u nobody -- timectl status
    expect_output '^time +[a-z_]+.* at the monitor'
}
