# shellcheck shell=bash
# An unpacked image is provisioned with --root before it ever ran; its first boot serves time.
# clock: untouched
# suite: any
scenario() {
    boot main upstream
    insert_card
    install_on_card chrony
    expect_exit 3 on_bench timectl plan --root "$card" --role server
    expect_ok on_bench timectl provision --root "$card" --role server --yes
    expect_ok on_bench timectl plan --root "$card" --role server
    expect_ok on_bench sh -c '! [ -e /etc/chrony ] && ! [ -e /etc/timectl ]'
    remove_card
    boot server
    expect_serves server "$traceable"
    expect_ok on server timectl plan --role server
    expect_finding server chrony.config ok
    expect_finding server files.drift ok
}
