# shellcheck shell=bash
# A managed file is edited: verify says which, plan shows it, provisioning mends it.
# clock: untouched
# suite: any
scenario() {
    boot server
    provision server
    on server sh -c 'echo "# by hand" >>/etc/chrony/conf.d/50-timectl.conf'
    expect_finding server files.drift failed
    expect_exit 3 on server timectl verify --role server
    expect_output '50-timectl\.conf'
    expect_exit 3 on server timectl plan --role server
    expect_output '^-# by hand'
    provision server
    expect_finding server files.drift ok
    expect_exit 1 on server grep -q 'by hand' /etc/chrony/conf.d/50-timectl.conf
}
