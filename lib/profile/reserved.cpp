// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/reserved.hpp"

#include <array>

namespace timectl::profile {

namespace {

constexpr std::string_view own_unit = "is timectl's own";
constexpr std::string_view ends_check = "is needed by the check that restarts the controller";
constexpr std::string_view keeps_time = "keeps the time that power saving depends on";
constexpr std::string_view networks = "takes the network along";
constexpr std::string_view logins = "takes logins and sessions along";
constexpr std::string_view installs = "may be installing packages";
constexpr std::string_view boots = "is a part of the boot";

// "dbus-*" and "dbus-org.freedesktop.timesync1" are the names by which D-Bus starts a service, and
// so aliases of the others; chronyd, sshd, ntp and network-manager are Debian's aliases.
constexpr std::array units{
    Reserved{"timectl", own_unit},
    Reserved{"timectl-*", own_unit},
    Reserved{"dbus", ends_check},
    Reserved{"dbus-*", ends_check},
    Reserved{"systemd-*", "is systemd's own"},
    Reserved{"chrony", keeps_time},
    Reserved{"chrony-*", keeps_time},
    Reserved{"chronyd", keeps_time},
    Reserved{"chronyd-*", keeps_time},
    Reserved{"ntp", keeps_time},
    Reserved{"ntpd", keeps_time},
    Reserved{"ntpsec", keeps_time},
    Reserved{"ntpsec-*", keeps_time},
    Reserved{"openntpd", keeps_time},
    Reserved{"fake-hwclock", keeps_time},
    Reserved{"fake-hwclock-*", keeps_time},
    Reserved{"hwclock*", keeps_time},
    Reserved{"dnsmasq", networks},
    Reserved{"dnsmasq@*", networks},
    Reserved{"NetworkManager", networks},
    Reserved{"NetworkManager-*", networks},
    Reserved{"network-manager", networks},
    Reserved{"networking", networks},
    Reserved{"network", networks},
    Reserved{"ifup@*", networks},
    Reserved{"ifupdown-*", networks},
    Reserved{"netplan-*", networks},
    Reserved{"dhcpcd", networks},
    Reserved{"dhcpcd5", networks},
    Reserved{"dhcpcd@*", networks},
    Reserved{"wpa_supplicant", networks},
    Reserved{"wpa_supplicant-*", networks},
    Reserved{"wpa_supplicant@*", networks},
    Reserved{"iwd", networks},
    Reserved{"connman", networks},
    Reserved{"hostapd", networks},
    Reserved{"hostapd@*", networks},
    Reserved{"resolvconf", networks},
    Reserved{"nftables", networks},
    Reserved{"firewalld", networks},
    Reserved{"ufw", networks},
    Reserved{"netfilter-persistent", networks},
    Reserved{"ModemManager", networks},
    Reserved{"wg-quick@*", networks},
    Reserved{"getty", logins},
    Reserved{"getty@*", logins},
    Reserved{"getty-static", logins},
    Reserved{"serial-getty@*", logins},
    Reserved{"container-getty@*", logins},
    Reserved{"console-getty", logins},
    Reserved{"autovt@*", logins},
    Reserved{"user@*", logins},
    Reserved{"user-runtime-dir@*", logins},
    Reserved{"ssh", logins},
    Reserved{"ssh@*", logins},
    Reserved{"sshd", logins},
    Reserved{"sshd@*", logins},
    Reserved{"regenerate_ssh_host_keys", logins},
    Reserved{"dropbear", logins},
    Reserved{"dropbear@*", logins},
    Reserved{"display-manager", logins},
    Reserved{"lightdm", logins},
    Reserved{"gdm", logins},
    Reserved{"gdm3", logins},
    Reserved{"sddm", logins},
    Reserved{"lxdm", logins},
    Reserved{"xdm", logins},
    Reserved{"greetd", logins},
    Reserved{"apt-daily", installs},
    Reserved{"apt-daily-*", installs},
    Reserved{"dpkg-*", installs},
    Reserved{"packagekit", installs},
    Reserved{"packagekit-*", installs},
    Reserved{"unattended-upgrades", installs},
    Reserved{"init", boots},
    Reserved{"emergency", boots},
    Reserved{"rescue", boots},
    Reserved{"rescue-ssh", boots},
    Reserved{"debug-shell", boots},
    Reserved{"initrd-*", boots},
    Reserved{"plymouth-*", boots},
    Reserved{"rc", boots},
    Reserved{"rcS", boots},
    Reserved{"rc-local", boots},
    Reserved{"kmod", boots},
    Reserved{"kmod-static-nodes", boots},
    Reserved{"modprobe@*", boots},
    Reserved{"udev", boots},
    Reserved{"cloud-config", boots},
    Reserved{"cloud-final", boots},
    Reserved{"cloud-init", boots},
    Reserved{"cloud-init-local", boots},
    Reserved{"rpi-eeprom-update", boots},
    Reserved{"ldconfig", boots},
};

constexpr std::string_view whole_system = "holds more than metrics";
constexpr std::string_view kernel = "is the kernel's";
constexpr std::string_view packages = "belongs to packages and to the boot";
constexpr std::string_view configuration =
    "is for configuration, and its directories are read as such";
constexpr std::string_view own_directory = "is timectl's own";
constexpr std::string_view others_state = "is another program's own";
constexpr std::string_view hidden = "is hidden from the monitor (ProtectHome=)";
constexpr std::string_view temporary = "is another directory for the monitor (PrivateTmp=)";

constexpr std::array directories{
    Reserved{"/", whole_system},
    Reserved{"/run", whole_system},
    Reserved{"/var", whole_system},
    Reserved{"/var/cache", whole_system},
    Reserved{"/var/lib", whole_system},
    Reserved{"/var/log", whole_system},
    Reserved{"/var/run", whole_system},
    Reserved{"/usr/local", whole_system},
    Reserved{"/proc/*", kernel},
    Reserved{"/sys/*", kernel},
    Reserved{"/dev/*", kernel},
    Reserved{"/boot/*", packages},
    Reserved{"/efi/*", packages},
    Reserved{"/bin/*", packages},
    Reserved{"/sbin/*", packages},
    Reserved{"/lib/*", packages},
    Reserved{"/lib32/*", packages},
    Reserved{"/lib64/*", packages},
    Reserved{"/libx32/*", packages},
    Reserved{"/usr", packages},
    Reserved{"/usr/bin/*", packages},
    Reserved{"/usr/include/*", packages},
    Reserved{"/usr/lib/*", packages},
    Reserved{"/usr/libexec/*", packages},
    Reserved{"/usr/local/bin/*", packages},
    Reserved{"/usr/local/lib/*", packages},
    Reserved{"/usr/local/sbin/*", packages},
    Reserved{"/usr/sbin/*", packages},
    Reserved{"/usr/share/*", packages},
    Reserved{"/usr/src/*", packages},
    Reserved{"/etc/*", configuration},
    Reserved{"/usr/local/etc/*", configuration},
    Reserved{"/var/lib/timectl/*", own_directory},
    Reserved{"/run/timectl/*", own_directory},
    Reserved{"/var/run/timectl/*", own_directory},
    Reserved{"/run/systemd/*", others_state},
    Reserved{"/run/udev/*", others_state},
    Reserved{"/run/dbus/*", others_state},
    Reserved{"/run/chrony/*", others_state},
    Reserved{"/run/lock/*", others_state},
    Reserved{"/var/run/systemd/*", others_state},
    Reserved{"/var/run/chrony/*", others_state},
    Reserved{"/var/lock/*", others_state},
    Reserved{"/var/lib/systemd/*", others_state},
    Reserved{"/var/lib/chrony/*", others_state},
    Reserved{"/var/lib/dpkg/*", others_state},
    Reserved{"/var/lib/apt/*", others_state},
    Reserved{"/var/spool/*", others_state},
    Reserved{"/home/*", hidden},
    Reserved{"/root/*", hidden},
    Reserved{"/run/user/*", hidden},
    Reserved{"/var/run/user/*", hidden},
    Reserved{"/tmp/*", temporary},
    Reserved{"/var/tmp/*", temporary},
};

bool fits_unit(std::string_view pattern, std::string_view stem) {
  if (!pattern.ends_with('*')) return stem == pattern;
  return stem.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool fits_directory(std::string_view pattern, std::string_view directory) {
  if (!pattern.ends_with("/*")) return directory == pattern;
  const auto top = pattern.substr(0, pattern.size() - 2);
  return directory == top || directory.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

std::span<const Reserved> reserved_units() { return units; }

std::string_view why_no_controller(std::string_view stem) {
  for (const auto& [pattern, reason] : units) {
    if (fits_unit(pattern, stem)) return reason;
  }
  return {};
}

std::span<const Reserved> reserved_directories() { return directories; }

std::string_view why_no_metrics(std::string_view directory) {
  for (const auto& [pattern, reason] : directories) {
    if (fits_directory(pattern, directory)) return reason;
  }
  return {};
}

}  // namespace timectl::profile
