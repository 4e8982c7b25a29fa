# timectl manages this (profile missing-link, template /etc/timectl/aliases.sh): change the profile, then run 'timectl provision'
# Short words for interactive shells, in timectl's, systemctl's and journalctl's terms.
# Whose time is it, how far can it be off, and what would the monitor do now?
alias ntp.show='/usr/bin/timectl monitor --dry-run'
# Does everything work? Each probe with its evidence.
alias ntp.test='/usr/bin/timectl verify'
alias ntp.status='systemctl status systemd-timesyncd.service timectl-monitor.timer'
alias ntp.monitor.status='systemctl status timectl-monitor.timer timectl-monitor.service'
alias ntp.monitor.logs='journalctl -u timectl-monitor.service'
alias ntp.monitor.run='systemctl start timectl-monitor.service'
