# shellcheck shell=bash
# cloud-init, which would take the host name and /etc/hosts back at each boot, and Pi-hole, which would be first on its
# ports: both are refused with remedies. After those, a boot has timectl's names, chronyd on port 123 and Pi-hole on its
# own, with timectl's option 42.
# clock: untouched
# suite: any
scenario() {
    boot main upstream server
    cloud_init_installed
    pihole_installed
    expect_exit 1 on server timectl provision --profile "$profile" --host pi-ntp --yes
    expect_output "Pi-hole holds UDP port 123"
    expect_output "Pi-hole sets the clock, too"
    expect_output "$user_data line 2 \('manage_etc_hosts: true'\): cloud-init takes /etc/hosts back"
    paste_remedies
    provision server --profile "$profile" --host pi-ntp
    expect_output "DHCP on this host is Pi-hole's"
    expect_exit 1 on server dpkg-query -L dnsmasq

    reboot_host server
    say "cloud-init and Pi-hole have run, and everybody has what is his"
    expect_within 60 on server test -e /run/cloud-init/result.json
    expect_ok on server test -e /run/cloud-init-was-here
    expect_same pi-ntp "$(on server hostname)"
    expect_ok on server grep -x "$server pi-ntp" /etc/hosts
    expect_serves server "$traceable"
    expect_ok on server sh -c 'for port in 53 67; do ss -lunp sport = :$port | grep -q dnsmasq || exit; done'
    expect_ok on server grep -Fx "dhcp-option=option:ntp-server,$server" /etc/dnsmasq.d/timectl.conf
    expect_ok on server timectl plan --profile "$profile" --host pi-ntp
}

profile=/etc/timectl/pihole.json
user_data=/boot/firmware/user-data

# As Raspberry Pi OS has it. Its network is none of cloud-init's.
cloud_init_installed() {
    on server env DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Options::=--force-unsafe-io install \
        --no-install-recommends cloud-init dnsmasq-base
    say "cloud-init is installed"
    on server sh -ec 'mkdir -p /boot/firmware
        echo "instance-id: rpi" >/boot/firmware/meta-data
        cat >/etc/cloud/cloud.cfg.d/90-site.cfg' <<'CONF'
datasource_list: [ NoCloud ]
datasource: { NoCloud: { seedfrom: "file:///boot/firmware/" } }
network: { config: disabled }
# The others want an SSH server, locales and a disk.
cloud_init_modules: [ bootcmd, set_hostname, update_hostname, update_etc_hosts ]
cloud_config_modules: []
cloud_final_modules: []
CONF
    on server sh -c "cat >$user_data" <<'CONF'
#cloud-config
manage_etc_hosts: true
hostname: raspberrypi
bootcmd: [ touch /run/cloud-init-was-here ]
CONF
}

pihole_installed() {
    install -m 755 "$lab_dir/support/pihole-FTL" "$(disk_of server)/usr/bin/pihole-FTL"
    on server sh -ec 'mkdir -p /etc/pihole /etc/dnsmasq.d && cat >/etc/pihole/pihole.toml' <<'CONF'
[dhcp]
active = true
[misc]
etc_dnsmasq_d = true
[ntp.ipv4]
active = true
[ntp.ipv6]
active = true
[ntp.sync]
active = true
CONF
    on server sh -ec 'cat >/etc/systemd/system/pihole-FTL.service
        systemctl enable --now pihole-FTL.service' <<'CONF'
[Unit]
After=network-online.target
Wants=network-online.target
[Service]
ExecStart=/usr/bin/pihole-FTL
[Install]
WantedBy=multi-user.target
CONF
    on server sh -c 'mkdir -p /etc/timectl && cat >/etc/timectl/pihole.json' <<'CONF'
{
  "network": { "subnet": "192.168.4.0/24", "gateway": "192.168.4.1" },
  "hosts": {
    "pi-ntp": { "role": "server", "address": "192.168.4.2", "addressing": "static", "rtc": false,
                "sources": { "servers": ["192.168.4.9"], "pools": [] }, "dhcp": {} }
  }
}
CONF
}

# What the refusal says, word by word.
paste_remedies() {
    local remedies
    remedies=$(sed -n 's/^timectl: hint: //p' <<<"$output")
    say "remedies: $remedies"
    expect_ok on server sh -ec "$remedies"
}
