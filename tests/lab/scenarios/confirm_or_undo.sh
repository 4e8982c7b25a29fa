# shellcheck shell=bash
# provision --confirm: nobody confirms, and the old state is back when the time is over, and after a
# reboot; confirmed, it stays. A change that needs the reboot is kept by the first boot, for its whole
# time anew, and undone by the second.
scenario() {
    boot main upstream server
    provision server
    expect_serves server "$traceable"
    on server sh -c 'timectl profile show missing-link |
        sed "s/\"name\": \"missing-link\"/\"name\": \"barn\"/" >/root/site.json'
    expect_exit 1 on server timectl confirm

    provision server --profile /root/site.json --confirm 15s
    expect_ok on server timectl generations
    expect_output "waits for 'timectl confirm' until"
    expect_exit 1 on server timectl provision --role server --profile two-servers --yes
    expect_output 'timectl confirm'
    expect_within 60 is_undone server
    expect_ok on server journalctl --no-pager -u 'timectl-expire-*'
    expect_output 'timectl undoes'

    provision server --profile /root/site.json --confirm 1h
    reboot_host server
    expect_within 60 is_undone server

    provision server --profile /root/site.json --confirm 1h
    expect_ok on server timectl confirm
    reboot_host server
    expect_ok on server test -e /etc/timectl/profile.json
    expect_ok on server timectl plan
    expect_serves server "$traceable"

    becomes_a_pi server
    provision server --confirm 1h
    expect_output 'reboot this host'
    reboot_host server
    expect_ok on server timectl recover
    expect_output "waits for 'timectl confirm'"
    expect_ok on server grep -q '^dtoverlay=i2c-rtc,ds3231' /boot/firmware/config.txt
    # shellcheck disable=SC2016
    expect_ok on server sh -c 'systemctl is-active "$(systemctl list-units --plain --no-legend "timectl-expire-*.timer" |
        cut -d" " -f1)"'
    reboot_host server
    expect_within 60 is_no_pi server
}

# The overlay of the RTC is read by a Pi's firmware, at boot only.
becomes_a_pi() {
    on "$1" sh -c 'mkdir -p /boot/firmware && echo dtparam=audio=on >/boot/firmware/config.txt
        mount -t tmpfs none /sys/firmware && mkdir -p /sys/firmware/devicetree/base &&
        printf "Raspberry Pi Zero W Rev 1.1\0" >/sys/firmware/devicetree/base/model'
}
is_no_pi() { [ "$(on "$1" cat /boot/firmware/config.txt)" = dtparam=audio=on ]; }

is_undone() {
    on "$1" sh -c '! test -e /etc/timectl/profile.json &&
        timectl generations | tail -5 | grep -q "undone: "'
}
