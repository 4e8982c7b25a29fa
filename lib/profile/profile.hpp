// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "base/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The validated shape of a profile: what timectl-profile(5) describes. Everything here has been
/// checked; code behind the parser checks nothing again.
namespace timectl::profile {

/// A battery-backed clock: on an I2C bus, or a part of the board.
struct RtcFeature {
  std::string chip = "ds3231";  ///< a row of rtc/chips.hpp
  int bus = 1;
  int address = 0x68;     ///< the chip's own; 0 and no bus for one of the board
  int battery_years = 3;  ///< after how many its battery is due; 0: its age is not watched
};

/// A radio of the board: as it is, or switched off for the receiver's serial port.
enum class Radio { keep, off };

/// A GNSS receiver at this host, and the wire of its pulse (PPS).
struct GpsFeature {
  std::string device = {};           ///< a serial port below /dev; "": the board's own
  std::optional<int> pps_gpio = 18;  ///< BCM number of the pin with the pulse; none: no pulse
  std::optional<int> baud = {};      ///< none: gpsd finds it
  std::optional<Seconds> nmea_offset = {};  ///< how late its sentences come; none: as calibrated
  Radio bluetooth = Radio::keep;
  Radio wifi = Radio::keep;
  bool is_stationary = true;  ///< its antenna does not move
};

/// Where time comes from while there is an internet.
struct SourcesFeature {
  std::vector<std::string> servers;  ///< host names or addresses
  std::vector<std::string> pools{"0.debian.pool.ntp.org", "1.debian.pool.ntp.org"};
  int max_sources_per_pool = 2;
};

/// Serving NTP to the LAN.
struct ServeFeature {
  std::vector<Subnet> allow;
  int local_stratum = 10;
  /// How far off its sources may leave it before it is an island, as a root distance.
  std::chrono::milliseconds local_distance{100};
};

enum class ClientDaemon { timesyncd, chrony };

/// Following the site's servers.
struct ClientFeature {
  ClientDaemon daemon = ClientDaemon::timesyncd;
  std::vector<std::string> fallback;
  std::chrono::seconds poll_min{32};
  std::chrono::seconds poll_max{2048};
  std::chrono::seconds root_distance_max{5};
};

/// Telling DHCP clients of the site's servers, by dnsmasq.
struct DhcpFeature {
  bool advertise_ntp = true;               ///< option 42
  bool reserve_servers = true;             ///< a dhcp-host line for each server
  std::vector<std::string> networks = {};  ///< where it answers; empty: in all that the host is in
};

/// "NAME=value" each; none: no power is saved.
using Environment = std::vector<std::string>;

/// How much power is saved as long as the time is good enough for it.
struct PowerStep {
  std::optional<Seconds> bound;  ///< the largest error bound; none: the one of a trusted time
  std::chrono::seconds after{};  ///< that the time has to have been trusted without a break
  Environment environment;
};

/// The power level of one state of the time: the first step saves the least power, no
/// steps save none. A plain list of variables is one step without a bound of its own.
struct PowerLevel {
  PowerLevel() = default;
  PowerLevel(Environment variables) {
    if (!variables.empty()) steps.push_back({{}, {}, std::move(variables)});
  }

  std::vector<PowerStep> steps;
  bool is_list = true;  ///< written as a list of variables
};

/// What the controller gets while the time is in a state that can be trusted. There is none for the
/// other states: in them no power is saved.
struct PowerLevels {
  PowerLevel traceable{Environment{"CONSERVE_POWER=1", "NTP_SYNCED=true"}};
  PowerLevel holdover = traceable;
  PowerLevel island = traceable;
};

/// The service whose power saving depends on the time.
struct ControllerFeature {
  std::string unit = "controller.service";
  PowerLevels levels;
  std::chrono::seconds boot_hold_off{60};  ///< since boot
  std::chrono::seconds hold_off{120};      ///< after the second loss of an hour, then doubled
  int restarts_per_hour = 6;
};

struct MonitorFeature {
  std::chrono::seconds interval{60};
  std::chrono::seconds boot_delay{30};
  std::chrono::seconds random_delay{10};
  int drift_warn_ppm = 5;
  int drift_critical_ppm = 20;
  std::chrono::seconds bound_warn{1};
  std::chrono::seconds bound_critical{5};
  std::string textfile_directory = "/var/lib/prometheus/node-exporter";
  bool textfile_link = true;  ///< to the file in /run; else a copy, written at each check
};

enum class Addressing {
  none,            ///< timectl leaves the host's address alone
  static_address,  ///< timectl configures it
  reservation,     ///< the host asks by DHCP and the site's DHCP server reserves it
};

/// A host's address in one network of the site.
struct SiteAddress {
  std::string network;  ///< its name; "" for the only one, which has none
  IpAddress address;
  Addressing addressing = Addressing::none;
  std::optional<std::string> interface = {};  ///< default: the one with the default route
  std::optional<std::string> mac = {};
};

/// One machine of the site. An absent feature is one that the host does not have. What is asked
/// about its addresses stands in networks.hpp.
struct Host {
  std::string name;
  std::string role;  ///< a word of kind::role_words: the preset its features started from
  std::vector<SiteAddress> addresses;  ///< one a network, in the order of the document
  std::optional<RtcFeature> rtc;
  std::optional<GpsFeature> gps;
  std::optional<SourcesFeature> sources;
  std::optional<ServeFeature> serve;
  std::optional<ClientFeature> client;
  std::optional<DhcpFeature> dhcp;
  std::optional<ControllerFeature> controller;
  std::optional<MonitorFeature> monitor;
};

/// The program that keeps a host's clock.
enum class TimeDaemon { none, chrony, timesyncd };
/// A host that serves or has sources or a receiver of its own runs chronyd; a client runs what its
/// profile chooses; any other host has none. Code that chooses by it has a `switch`, so that the
/// compiler names each place that a further daemon needs.
TimeDaemon time_daemon_of(const Host& host);
bool runs_chrony(const Host& host);
bool runs_timesyncd(const Host& host);

struct SiteNetwork {
  std::string name;  ///< "" for the only one, when the profile gives it none
  Subnet subnet;
  std::optional<IpAddress> gateway = {};
  std::vector<IpAddress> dns = {};
};

struct Profile {
  std::string name;
  std::string description;
  std::vector<SiteNetwork> networks;  ///< in the order of the document
  std::vector<Host> hosts;            ///< in the order of the document
  /// Lines that say what this version would refuse in the profile of a host that runs by it already
  /// (load_kept_profile), and what it expects.
  std::vector<std::string> tolerated = {};
  std::vector<std::string> notes = {};  ///< lines about what is right and has another name now

  /// The hosts with the serve feature, in order.
  std::vector<const Host*> servers() const;
  /// Those of `tolerated` that are about this host.
  std::vector<std::string> tolerated_of(const Host& host) const;
};

/// How long power saving outlives the last tick of the monitor: three may be missed.
std::chrono::seconds longest_without_tick(const MonitorFeature& monitor);

/// Which host of the profile this machine is: `name` if given, else the host named
/// `machine_name`, else the only one with the role. Throws Error{usage or profile}, saying which
/// hosts there are, when that does not lead to exactly one, or when it has another role.
const Host& select_host(const Profile& profile, const std::optional<std::string>& role,
                        const std::optional<std::string>& name, const std::string& machine_name);

}  // namespace timectl::profile
