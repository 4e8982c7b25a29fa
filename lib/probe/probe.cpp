// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/probe.hpp"

#include "probe/asks.hpp"
#include "probe/rows.hpp"
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
      {row::time_quality, Needs::running_host, serves_or_follows, ask_time_quality},
      {row::time_leap, Needs::running_host, serves_or_follows, ask_time_leap},
      {row::rtc_device, Needs::running_host, has_rtc, ask_rtc_device},
      {row::rtc_time, Needs::running_host, has_rtc, ask_rtc_time},
      {row::rtc_boot, Needs::running_host, has_rtc, ask_rtc_boot},
      {row::rtc_kernel, Needs::running_host, has_rtc, ask_rtc_kernel},
      {row::chrony_config, Needs::running_host, runs_chrony, ask_chrony_config},
      {row::chrony_sync, Needs::running_host, runs_chrony, ask_chrony_sync},
      {row::ntp_port, Needs::running_host, serves, ask_ntp_port},
      {row::ntp_reply, Needs::running_host, serves_or_follows, ask_ntp_reply},
      {row::ntp_access, Needs::running_host, serves, ask_ntp_access},
      {row::timesync_server, Needs::running_host, observe::runs_timesyncd, ask_timesync_server},
      {row::dnsmasq_config, Needs::running_host, has_dhcp, ask_dnsmasq_config},
      {row::dhcp_ntp, Needs::running_host, advertises_ntp, ask_dhcp_ntp},
      {row::dhcp_reservation, Needs::files_only, reserves_servers, ask_dhcp_reservation},
      {row::controller_environment, Needs::running_host, has_controller,
       ask_controller_environment},
      {row::monitor_timer, Needs::running_host, has_monitor, ask_monitor_timer},
      {row::network_address, Needs::running_host, has_static_address, ask_network_address},
      {row::owners, Needs::files_only, any, ask_owners},
      {row::files_drift, Needs::files_only, any, ask_files_drift},
  };
  return probes;
}

bool runs_chrony(const Host& host) {
  return host.serve || host.sources || (host.client && host.client->daemon == ClientDaemon::chrony);
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

}  // namespace timectl::probe
