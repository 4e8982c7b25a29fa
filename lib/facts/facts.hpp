// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/chrony.hpp"
#include "platform/network_backends.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "system/network.hpp"
#include "system/packages.hpp"
#include "system/rtc.hpp"
#include "system/services.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace timectl::facts {

struct OperatingSystem {
  std::string id;          ///< "debian", "raspbian", …; "" when unknown
  std::string version_id;  ///< "12"
  std::string codename;    ///< "bookworm"
  std::string pretty_name;
  bool is_raspberry_pi_os = false;  ///< /etc/rpi-issue, or raspbian
};

/// A package version as far as decisions need it.
struct Version {
  int major = 0;
  int minor = 0;
  std::string text;  ///< as dpkg has it

  auto operator<=>(const Version& other) const {
    return std::pair{major, minor} <=> std::pair{other.major, other.minor};
  }
  bool operator==(const Version& other) const {
    return major == other.major && minor == other.minor;
  }
};

using platform::NetworkBackendName;

/// A line of a back end's file that gives an interface an address, or keeps dhcpcd from it.
/// What timectl wrote itself is not among them.
struct InterfaceSetting {
  std::string interface;  ///< a name, or a pattern ("eth*")
  std::string file;
  std::size_t line = 0;
  std::string text;  ///< "iface eth0 inet dhcp"
  /// ifupdown: the file with the interface's stanzas as comments, and whether that may be.
  std::string without = {};
  /// ifupdown: the first line of the stanza that is about more than its address ("bridge_ports
  /// eth0"), and would go with it; "" without one.
  std::string more = {};
  bool may_go = false;
  /// ifupdown: options that go into timectl's own stanza, "wpa-conf FILE"; no secrets.
  std::vector<std::string> carried = {};
};

/// What one of netplan's files has below "ethernets:", "wifis:", … timectl's own file is left out.
struct NetplanDefinition {
  std::string type;  ///< "ethernets"
  std::string id;    ///< mostly, but not always, the interface's name
  std::string file;
  std::size_t line = 0;
  std::string match_name;  ///< a name or a pattern; "" when it does not match by name
  std::string match_mac;
  std::string set_name;
  /// Addresses and routes of several files add up; 0 when it has none.
  std::size_t address_line = 0;
  std::string without = {};  ///< the file with those as comments; "" when it has none
  bool may_go = false;       ///< whether it may become so
  /// "match: {}", as NetworkManager writes it: any interface of the type.
  bool matches_any = false;
};

/// Who configures the addresses of this host, and how we know.
struct NetworkOwner {
  NetworkBackendName backend = NetworkBackendName::unknown;
  std::vector<std::string> evidence;  ///< e.g. "NetworkManager.service is enabled and active"
  std::vector<InterfaceSetting> settings = {};  ///< of dhcpcd and ifupdown
  /// ifupdown: what /etc/network/interfaces reads besides: patterns, and directories as "/dir/".
  std::vector<std::string> sources = {};
  /// ifupdown: InterfaceSetting::carried of timectl's own stanzas, by interface.
  std::map<std::string, std::vector<std::string>> carried = {};
  /// ifupdown: interfaces whose Wi-Fi network is in a stanza without an IPv4 address.
  std::vector<std::string> wifi_elsewhere = {};
  std::vector<NetplanDefinition> netplan = {};
  std::vector<std::string> netplan_doubts = {};  ///< why definitions may be missing
  std::string netplan_renderer = {};  ///< "networkd" or "NetworkManager"; "" without netplan
  /// networkd, also below netplan: it hands name servers to systemd-resolved alone, and that is not
  /// in use.
  bool lacks_resolver = false;
  /// dhcpcd: its file has nothing but addresses. Without the distribution's options it asks DHCP
  /// servers not even for name servers.
  bool asks_no_options = false;

  /// Whether ifupdown reads a file at `path`, were it there.
  bool sources_file(const system::RootedPath& path) const;
};

/// An installed time daemon: chrony, systemd-timesyncd, ntpsec, ntp, openntpd.
struct TimeDaemon {
  std::string package;
  std::string unit;
  bool enabled = false;
  bool active = false;
  std::string not_known = {};  ///< why systemd could not be asked of it; "" when it could
};

/// What an earlier set-up by hand or by script left, that timectl's own files would meet.
enum class ExistingKind {
  rtc_modules,         ///< the RTC's driver listed more than once in /etc/modules
  rtc_service,         ///< rtc-ds3231.service registers the chip under a wrong name, then dies
  chrony_conf,         ///< an rtcfile line beside rtcsync: chronyd refuses the pair
  chrony_local,        ///< a `local` directive: chronyd serves any time from its first second
  dhcpcd_section,      ///< an address in dhcpcd.conf
  network_connection,  ///< a connection "eth0-static" of NetworkManager
  dnsmasq_line,        ///< a reservation, or option 42, in a file of dnsmasq's
  hosts_line,          ///< of /etc/hosts, outside of timectl's block
  timesyncd_conf,      ///< settings in timesyncd.conf itself
  timesyncd_override,  ///< a drop-in that timesyncd reads after timectl's, and that takes it back
  monitor,             ///< ntp-monitor.sh and its units
  shell_alias,         ///< ntp.status and the like, outside of timectl's file
};

struct ExistingSetting {
  ExistingKind kind = ExistingKind::monitor;
  std::string file;
  std::size_t line = 0;            ///< of the first of `lines`; 0 when it is about the whole file
  std::vector<std::string> lines;  ///< as they stand there
  /// Recognized by its content as a script's, or taken over by order: it may be changed.
  bool may_go = false;
  bool is_fixed = false;   ///< not in a regular file of root's below /etc: never timectl's to edit
  bool is_closed = false;  ///< other users may not read the file: `lines` are shown nowhere
};

enum class CardEvidence {
  recorded,   ///< by an earlier provision, in its dnsmasq reservation
  neighbour,  ///< the kernel's neighbour table: who answered at that address
  lease,      ///< dnsmasq's leases: who asked for an address
};

/// A network card of some host of the site, seen from this one.
struct Card {
  IpAddress address;
  std::string name;  ///< what its host calls itself; "" when unknown
  std::string mac;   ///< as parse_mac() gives it
  CardEvidence evidence = CardEvidence::recorded;
  std::string found_in;  ///< in words, or a path
};

enum class DhcpServerKind { network_manager, pihole, kea, isc, networkd, other };

/// A program besides the distribution's dnsmasq that serves DHCP on this host, or would after its
/// next boot. dnsmasq, once it is installed, takes the port from it.
struct DhcpServer {
  DhcpServerKind kind = DhcpServerKind::other;
  std::string name;                  ///< "Pi-hole", or the program that holds the port
  std::string unit;                  ///< "" when not known
  std::string where;                 ///< what says so: a file, or the port
  std::string connection;            ///< NetworkManager: the id of its shared connection
  bool reads_dnsmasq_files = false;  ///< of /etc/dnsmasq.d
  std::string interface = {};        ///< the only one where it serves; "" when not known
};

/// How the distribution's dnsmasq would run, by its files.
struct Dnsmasq {
  bool reads_drop_ins = true;
  bool waits_for_boot = false;  ///< its unit is enabled, and does not run
  bool serves_dns = true;       ///< false: port=0
  bool has_range = false;       ///< dhcp-range: without one it is no DHCP server
  /// bind-interfaces or bind-dynamic: not the port of all addresses at once.
  bool binds_addresses = false;
  /// It has interface=, except-interface= or listen-address=.
  bool is_limited = false;
};

/// A bound UDP socket of a unit that is not the distribution's for that port.
struct PortHolder {
  std::uint16_t port = 0;
  IpAddress address;
  std::string program;
  std::string unit;  ///< its service, or the scope of its container; "" when not known

  /// "named of named.service holds UDP port 53".
  std::string in_words() const;
};

/// Pi-hole 6 sets the clock and serves NTP unless it is told not to.
struct PiHole {
  bool sets_clock = false;
  bool serves_ntp = false;
};

/// A wired connection that NetworkManager activates by itself; of several for one interface that
/// with the largest priority, then the one that was used last.
struct ManagerConnection {
  std::string id;
  std::string file;
  std::string interface;  ///< "" for any
  int priority = 0;
  std::vector<std::string> match = {};  ///< patterns of its name (match.interface-name)
  std::string mac = {};                 ///< of the only card that it is for; "" for any

  bool is_for(const system::Interface& card) const;
};

/// A Wi-Fi connection of NetworkManager's. Its file may have the network's password.
struct WifiConnection {
  std::string id;
  std::string uuid = {};  ///< "" when the file has none that a command can name
  std::string file;
  std::string interface = {};           ///< "" for any
  std::vector<std::string> match = {};  ///< patterns of its name (match.interface-name)
  std::string mac = {};                 ///< of the only card that it is for; "" for any
  int priority = 0;
  bool is_automatic = true;  ///< comes up at a boot, whether a user is logged in or not
  std::string text = {};     ///< of the file; a secret
  bool may_go = false;       ///< whether several addresses that it has may

  bool is_for(const system::Interface& card) const;
};

/// A key of cloud-init's configuration about the host name or /etc/hosts.
struct CloudInitSetting {
  std::string key;    ///< "preserve_hostname", "manage_etc_hosts"
  std::string value;  ///< as it stands there
  std::string file;
  std::size_t line = 0;
  std::string text;
};

struct CloudInit {
  bool runs = false;  ///< at each boot
  /// In the order in which cloud-init reads them: the last one of a key counts.
  std::vector<CloudInitSetting> settings = {};

  /// nullptr: nothing sets it.
  const CloudInitSetting* last(const std::string& key) const;
  /// Whether a boot changes the host name, or writes /etc/hosts anew.
  bool sets_host_name() const;
  bool writes_hosts() const;
};

/// A device tree overlay that config.txt of a Raspberry Pi asks for outside of timectl's block,
/// unless it stands under a filter that does not hold for this board.
struct Overlay {
  std::string name;
  std::vector<std::string> parameters;
  std::size_t line = 0;
  std::string file = {};  ///< config.txt, or one that it includes
  std::string text = {};  ///< the line
  /// Of `dtparam=` lines behind it: the overlay's where it knows them, else the board's.
  std::vector<std::string> later = {};
  bool is_certain = true;  ///< false: under a filter of which only the board knows whether it holds
};

/// A command that sets the clock beside timectl's time daemon, or registers an RTC beside it.
struct ClockSetter {
  std::string file;
  std::size_t line = 0;
  std::string effect;     ///< half a sentence: "sets the clock from the RTC"
  std::string unit = {};  ///< that runs nothing else; "" when another program does
  /// The line, cut to what a terminal shows; "" of a file that not everybody may read.
  std::string text = {};
  bool can_be_commented_out = false;  ///< without it, the rest of the file works as before
};

struct ClockSetters {
  std::vector<ClockSetter> found;
  std::string not_known = {};  ///< why there may be more; "" when all was looked at
};

/// "/etc/rc.local line 3 ('hwclock -s')"
std::string place_of(const ClockSetter& setter);
/// A command, or what to edit; of a card below its `root`, "" for the running host.
std::string remedy_for(const ClockSetter& setter, const std::string& root);

/// systemctl's, of the running host or of the system at `root`.
std::string command_to_disable(const std::string& unit, const std::string& root);

/// What keeps a change of config.txt, or of the whole root, from lasting.
struct Boot {
  bool is_generated = false;  ///< config.txt is written anew at each update of kernel or firmware
  std::optional<system::RootedPath> source = {};  ///< what is appended to it then
  std::string unmounted = {};  ///< where the partition with config.txt would be; "" otherwise
  std::string mount_command = {};
  /// What is written while the host runs is gone at the next boot, and what says so: a word of the
  /// kernel's command line ("" where the mounts alone do) and the file that has it.
  bool is_overlay_root = false;
  std::string overlay_word = {};
  std::string overlay_place = {};
  /// cmdline.txt beside config.txt, as the firmware gives it to the kernel; "" without one.
  std::string command_line = {};
};

struct Facts {
  std::string host_name;
  std::string architecture;  ///< dpkg's word, "" when unknown
  OperatingSystem os;
  bool is_offline_root = false;      ///< --root: nothing runs there
  std::string root = {};             ///< where that is on the running host; "" without --root
  std::optional<std::string> board;  ///< device-tree model, "Raspberry Pi Zero 2 W Rev 1.0"
  /// Versions of the packages that decisions are made by (chrony, systemd, systemd-timesyncd,
  /// dnsmasq-base, network-manager, …); a missing key is a package that is not installed.
  std::map<std::string, Version> packages;
  NetworkOwner network;
  std::optional<std::string> default_interface;
  bool is_interface_assumed = false;          ///< no file of an offline root names it
  std::vector<system::Interface> interfaces;  ///< empty for an offline root
  std::optional<system::RootedPath>
      boot_config;                ///< config.txt of a Pi, where the firmware reads it
  std::vector<Overlay> overlays;  ///< of `boot_config`, and of what it is made from
  Boot boot;
  std::vector<system::RtcDevice> rtcs;  ///< empty for an offline root
  std::vector<TimeDaemon> time_daemons;
  bool has_fake_hwclock = false;
  std::vector<ExistingSetting> existing;
  std::optional<Chrony> chrony;  ///< nullopt: not there, its package brings its own configuration
  ClockSetters clock_setters;
  /// Where dnsmasq.service does not serve DHCP: who does, or will.
  std::vector<DhcpServer> dhcp_servers;
  /// Of UDP 53 and 67 where dnsmasq.service does not run, and of 123; where nothing runs, by units
  /// that are enabled.
  std::vector<PortHolder> port_holders;
  PiHole pihole;
  Dnsmasq dnsmasq;
  CloudInit cloud_init;
  std::vector<ManagerConnection> connections;
  std::vector<WifiConnection> wifi_connections;
  /// Of NetworkManager's connections the files and directories that this user may not read.
  std::vector<std::string> unread_connections;
  /// Files of others that timectl changed once, as its record has them; by who has the record.
  std::set<std::string> changed_once = {};
  std::vector<Card> cards;  ///< where dnsmasq is: whom it can reserve addresses for
  /// Where timectl is on that machine (its units call it); nullopt when it is not installed.
  std::optional<std::string> timectl_path;

  /// For --take-over: existing configuration may be changed, recognized or not.
  void let_everything_go();

  /// "timectl provision", for messages: with the --root of these facts.
  std::string command(const std::string& words) const;

  /// Of `dhcp_servers` the first that could be left in charge of a site's network; nullptr: none.
  const DhcpServer* dhcp_server_in_charge() const;

  bool is_raspberry_pi() const;
  /// Where lines for the firmware are written: `boot_config`, or what that is generated from.
  system::RootedPath firmware_file() const { return boot.source ? *boot.source : *boot_config; }
  /// True when the package is installed with at least this version.
  bool has_at_least(const std::string& package, int major, int minor) const;
  /// A card that came into sight is something to record at the next provision; files without it
  /// are as they should be.
  void forget_new_cards();
};

/// What is known of one host's card.
struct KnownCard {
  std::optional<std::string> mac;  ///< what to reserve its address for
  std::string newly_found_in;      ///< where `mac` comes from when it was not recorded
  std::string contradiction;       ///< why what is seen is not trusted; "" when nothing disagrees
};

/// `given` by the profile comes before what was recorded, and that before what is seen: a card that
/// was replaced and another machine that claims to be the server look the same from here. What has
/// its name counts in `subnet` alone, where that is given.
KnownCard card_of(const Facts& facts, const std::string& name, const IpAddress& address,
                  const std::optional<std::string>& given,
                  const std::optional<Subnet>& subnet = std::nullopt);

/// The ports that detect() needs. Everything is read, nothing is run.
struct Ports {
  const system::FileReader& files;
  const system::ServiceReader& services;
  const system::PackageReader& packages;
  const system::Network* network = nullptr;  ///< nullptr for an offline root
  const system::RtcReader* rtcs = nullptr;   ///< nullptr for an offline root
};

struct Detector;  // facts/detector.hpp

/// The host itself, then what `detectors` add, in their order. A systemd that cannot be asked
/// leaves what depends on it unknown, with the reason; the rest is detected all the same.
Facts detect(const Ports& ports, std::span<const Detector> detectors);

/// The timectl that units of that machine can call; nullopt when there is none.
std::optional<std::string> installed_timectl(const system::FileReader& files);

}  // namespace timectl::facts
