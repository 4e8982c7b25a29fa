# shellcheck shell=bash
# A bare Debian becomes the site's time server: chrony installed, port 123 served, upstream followed.
# clock: untouched
scenario() {
    boot main upstream server
    expect_exit 3 on server timectl plan --role server
    provision server
    # No chronyd was there: that of the package was asked before it was installed.
    expect_output '^fetches chrony to try the configuration with it$'
    expect_ok on server hostname && expect_output '^pi-ntp$'
    expect_ok on server ip -4 -brief address show eth0 && expect_output '192\.168\.4\.2/24'
    expect_finding server chrony.config ok
    expect_finding server ntp.port ok
    expect_finding server owners ok
    expect_finding server files.drift ok
    expect_serves server "$traceable"
    expect_finding server ntp.reply ok
    expect_finding server chrony.sync ok 30
}
