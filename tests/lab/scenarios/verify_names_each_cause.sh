# shellcheck shell=bash
# What the specification's troubleshooting is about, verify names: no RTC, chronyd stopped, masked or
# blocked, the monitor not running, the controller's environment removed or frozen.
scenario() {
    site_up
    on main systemctl stop timectl-monitor.timer
    expect_cause main monitor.timer failed 'nobody watches.*enable --now timectl-monitor\.timer'
    expect_cause server rtc.device failed 'no I2C bus 1 .*no such bus'

    expect_by_ticks saving
    drop_in=/run/systemd/system/controller.service.d/ntp-environment.conf
    on main mv "$drop_in" /run/kept
    expect_cause main controller.environment failed 'drop-in of controller\.service is gone.*timectl monitor'
    on main systemctl daemon-reload
    expect_cause main controller.environment failed 'it was started with it.*try-restart'
    expect_next_tick saving
    on main sh -c "rm $drop_in && systemctl daemon-reload && systemctl restart controller"
    on main sh -c "mv /run/kept $drop_in && systemctl daemon-reload"
    expect_cause main controller.environment failed 'another environment than its unit.*try-restart'

    on server chronyc deny 192.168.4.0/24
    expect_cause main ntp.reply failed 'a firewall drops UDP 123, or its allow list'
    expect_cause server ntp.reply failed 'chronyd does not allow this address'
    expect_cause server ntp.access failed '192\.168\.4\.1 gets no answer: chronyd does not allow it'
    on server systemctl stop chrony
    expect_cause server chrony.sync failed 'chronyd does not run.*inactive.*systemctl start chrony'
    expect_cause server ntp.port failed 'nobody holds UDP port 123.*inactive'
    expect_cause main ntp.reply failed 'no NTP server runs there.*on 192\.168\.4\.2: systemctl status'
    on server systemctl mask chrony
    expect_cause server chrony.sync failed 'masked.*systemctl unmask chrony'
    expect_cause server ntp.port failed 'masked.*systemctl unmask chrony'
}
