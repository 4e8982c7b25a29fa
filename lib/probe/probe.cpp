// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/probe.hpp"

#include "probe/asks.hpp"
#include "quality/quality.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

namespace timectl::probe {

namespace {

using profile::ClientDaemon;
using profile::Host;

bool has_rtc(const Host& host) { return host.rtc.has_value(); }
bool serves(const Host& host) { return host.serve.has_value(); }
bool serves_or_follows(const Host& host) { return host.serve || host.client; }
bool follows_by_timesyncd(const Host& host) {
  return host.client && host.client->daemon == ClientDaemon::timesyncd;
}
bool has_dhcp(const Host& host) { return host.dhcp.has_value(); }
bool advertises_ntp(const Host& host) { return host.dhcp && host.dhcp->advertise_ntp; }
bool reserves_servers(const Host& host) { return host.dhcp && host.dhcp->reserve_servers; }
bool has_controller(const Host& host) { return host.controller.has_value(); }
bool has_monitor(const Host& host) { return host.monitor.has_value(); }
bool has_static_address(const Host& host) {
  return host.addressing == profile::Addressing::static_address;
}
bool any(const Host&) { return true; }

}  // namespace

const std::vector<Probe>& all_probes() {
  static const std::vector<Probe> probes{
      {"time.quality", "Whose time does this host have, and how far can it be off?",
       Needs::running_host, serves_or_follows, ask_time_quality},
      {"rtc.device", "Is the RTC bound to its driver under its right name?", Needs::running_host,
       has_rtc, ask_rtc_device},
      {"rtc.time", "Can the RTC's time be read and believed?", Needs::running_host, has_rtc,
       ask_rtc_time},
      {"rtc.boot", "Did the RTC set the system clock at boot, before anybody used it?",
       Needs::running_host, has_rtc, ask_rtc_boot},
      {"rtc.kernel", "Is it this RTC that the kernel reads at boot and keeps right?",
       Needs::running_host, has_rtc, ask_rtc_kernel},
      {"chrony.config", "Does chronyd accept its configuration?", Needs::running_host, runs_chrony,
       ask_chrony_config},
      {"chrony.sync", "Whose time does chronyd have, and how far can it be off?",
       Needs::running_host, runs_chrony, ask_chrony_sync},
      {"ntp.port", "Who holds UDP port 123?", Needs::running_host, serves, ask_ntp_port},
      {"ntp.reply", "What does an NTP client get from the site's servers?", Needs::running_host,
       serves_or_follows, ask_ntp_reply},
      {"ntp.access", "Are the site's addresses served, and no others?", Needs::running_host, serves,
       ask_ntp_access},
      {"timesync.server", "Which server does timesyncd follow, and how old is its last reply?",
       Needs::running_host, follows_by_timesyncd, ask_timesync_server},
      {"dnsmasq.config", "Does dnsmasq accept its configuration?", Needs::running_host, has_dhcp,
       ask_dnsmasq_config},
      {"dhcp.ntp", "Does DHCP name the site's time servers (option 42)?", Needs::running_host,
       advertises_ntp, ask_dhcp_ntp},
      {"dhcp.reservation", "Does DHCP keep the time servers' addresses for them?",
       Needs::files_only, reserves_servers, ask_dhcp_reservation},
      {"controller.environment", "Does the controller's process have the environment it should?",
       Needs::running_host, has_controller, ask_controller_environment},
      {"monitor.timer", "Does the monitor run, and did it succeed last time?", Needs::running_host,
       has_monitor, ask_monitor_timer},
      {std::string{network_address}, "Does the interface have the address that the site knows?",
       Needs::running_host, has_static_address, ask_network_address},
      {"owners", "Does anybody else set this clock or hold its port?", Needs::files_only, any,
       ask_owners},
      {"files.drift", "Are the managed files as they should be?", Needs::files_only, any,
       ask_files_drift},
  };
  return probes;
}

bool runs_chrony(const Host& host) {
  return host.serve || host.sources || (host.client && host.client->daemon == ClientDaemon::chrony);
}

int local_stratum(const profile::Profile& profile) {
  const auto servers = profile.servers();
  return servers.empty() ? profile::ServeFeature{}.local_stratum
                         : servers.front()->serve->local_stratum;
}

std::string whose_time(const std::string& reference_id, int stratum, int leap, int local_stratum) {
  if (leap == 3 || stratum < 1 || stratum > 15) {
    return quality::to_string(quality::State::unsynchronized);
  }
  const bool local = quality::is_local_reference(reference_id, stratum, local_stratum);
  return quality::to_string(local ? quality::State::island : quality::State::traceable);
}

std::string whose_time_now(const std::string& whose, Seconds reference_age) {
  const bool claims = whose == quality::to_string(quality::State::traceable);
  const bool lost = claims && !quality::is_alive(reference_age);
  return lost ? quality::to_string(quality::State::holdover) : whose;
}

std::optional<std::string> why_impossible(WallTime time) {
  if (time >= rtc::build_date()) return std::nullopt;
  return fmt::format("{} is before timectl was built ({})", format_utc(time),
                     format_utc(rtc::build_date()));
}

std::vector<std::string> server_addresses(const profile::Profile& profile) {
  std::vector<std::string> addresses;
  for (const auto* server : profile.servers()) addresses.push_back(server->address.text());
  return addresses;
}

}  // namespace timectl::probe
