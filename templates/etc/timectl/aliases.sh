# Short words for interactive shells, in timectl's, systemctl's and journalctl's terms.
# Whose time is it, how far can it be off, and what would the monitor do now?
alias ntp.show='{{timectl}} monitor --dry-run'
# Does everything work? Each probe with its evidence.
alias ntp.test='{{timectl}} verify'
alias ntp.status='systemctl status {{daemon}}.service timectl-monitor.timer'
alias ntp.monitor.status='systemctl status timectl-monitor.timer timectl-monitor.service'
alias ntp.monitor.logs='journalctl -u timectl-monitor.service'
alias ntp.monitor.run='systemctl start timectl-monitor.service'
