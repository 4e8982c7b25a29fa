// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_time_daemons.hpp"

#include "base/address.hpp"
#include "base/error.hpp"

#include <fmt/format.h>

namespace timectl::test {

namespace {

std::string reference_id_of(const std::string& address) {
  const auto parsed = IpAddress::parse(address).value();
  const auto& bytes = parsed.bytes();
  return fmt::format("{:02X}{:02X}{:02X}{:02X}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

}  // namespace

void FakeTimeDaemons::follow(const std::string& address, int stratum) {
  system::ChronyTracking now;
  now.reference_id = reference_id_of(address);
  now.source = address;
  now.stratum = stratum;
  now.leap = "Normal";
  now.system_offset = Seconds{1e-6};
  now.root_delay = Seconds{0.01};
  now.root_dispersion = Seconds{0.001};
  now.update_interval = Seconds{64};
  tracking = now;
  system::ChronySource source;
  source.mode = '^';
  source.state = '*';
  source.name = address;
  source.stratum = stratum - 1;
  source.poll_log2 = 6;
  source.reach = 0377;
  source.since_last_sample = Seconds{20};
  sources = {source};
}

void FakeTimeDaemons::run_unsynchronized() {
  tracking = system::ChronyTracking{};
  tracking->reference_id = "00000000";
  tracking->leap = "Not synchronised";
  sources = std::vector<system::ChronySource>{};
}

void FakeTimeDaemons::timesync_follow(const std::string& address, WallTime last, Seconds poll) {
  system::TimesyncState state;
  state.server_name = address;
  state.server_address = address;
  state.system_servers = {address};
  state.poll_interval = poll;
  state.root_distance_max = Seconds{5};
  system::TimesyncMessage message;
  message.stratum = 3;
  message.reference_id = "C0A80403";
  message.root_delay = Seconds{0.01};
  message.root_dispersion = Seconds{0.001};
  message.origin = message.receive = message.transmit = message.destination = last;
  message.packet_count = 12;
  state.message = message;
  timesync_state = state;
}

void FakeTimeDaemons::check_works() const {
  if (!broken.empty()) throw Error{ErrorKind::external, broken};
}

void FakeTimeDaemons::check_chrony_runs(const std::string& what) const {
  check_works();
  if (!tracking) {
    throw Error{ErrorKind::external, fmt::format("cannot {}: chronyd does not run", what)};
  }
}

std::optional<system::ChronyTracking> FakeTimeDaemons::chrony_tracking() const {
  check_works();
  return tracking;
}

std::optional<std::vector<system::ChronySource>> FakeTimeDaemons::chrony_sources() const {
  check_works();
  return sources;
}

std::optional<system::ChronyReport> FakeTimeDaemons::chrony_report(
    system::ChronyCounters counters) const {
  check_works();
  if (!tracking || !sources) return std::nullopt;
  const bool are_told = counters == system::ChronyCounters::yes && !refuses_counters;
  return system::ChronyReport{*tracking, *sources, are_told ? server_stats : std::nullopt};
}

std::optional<std::vector<system::ChronyClient>> FakeTimeDaemons::chrony_clients() const {
  check_works();
  ++asked_for_clients;
  if (refuses_counters) throw Error{ErrorKind::permission, "chronyd says '501 Not authorised'"};
  return clients;
}

std::optional<system::TimesyncState> FakeTimeDaemons::timesync() const {
  check_works();
  return timesync_state;
}

void FakeTimeDaemons::enable_local(const system::LocalReference& reference) {
  check_chrony_runs("enable island mode");
  local_stratum = reference.stratum;
  local_orphan = reference.orphan;
  local_distance = reference.distance;
  if (tracking->stratum != 0) return;
  tracking->reference_id = "7F7F0101";
  tracking->stratum = reference.stratum;
  tracking->leap = "Normal";
}

void FakeTimeDaemons::disable_local() {
  check_chrony_runs("disable island mode");
  local_stratum.reset();
  if (tracking->reference_id == "7F7F0101") run_unsynchronized();
}

void FakeTimeDaemons::reload_sources() {
  check_chrony_runs("reload the sources");
  ++source_reloads;
}

void FakeTimeDaemons::step_clock() {
  check_chrony_runs("step the clock");
  ++steps;
}

void FakeTimeDaemons::measure_anew() {
  check_chrony_runs("measure anew");
  if (cannot_measure) throw Error{ErrorKind::timeout, "cannot measure anew: no answer"};
  ++measured_anew;
}

void FakeTimeDaemons::set_runtime_servers(const std::vector<std::string>& servers) {
  check_works();
  if (!timesync_state) {
    throw Error{ErrorKind::external, "cannot set runtime servers: timesyncd does not run"};
  }
  runtime_servers_set.push_back(servers);
  timesync_state->runtime_servers = servers;
  if (servers.empty() && !timesync_state->system_servers.empty()) {
    timesync_state->server_name = timesync_state->server_address =
        timesync_state->system_servers.front();
  }
}

}  // namespace timectl::test
