// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/sample.hpp"

#include "base/error.hpp"
#include "system/temperature.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

namespace timectl::monitor {

namespace {

/// What chronyd answers for itself, in the words of chronyc(1) sources: selected, combined with it,
/// or good and not needed.
bool is_selectable(const system::ChronySource& source) {
  return source.state == '*' || source.state == '+' || source.state == '-';
}

/// A daemon that refuses has its own finding.
void try_to_read(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error&) {
    return;
  }
}

void add_counters(const system::ChronyServerStats& stats, history::Sample& sample) {
  sample.requests = static_cast<double>(stats.requests);
  sample.requests_dropped = static_cast<double>(stats.dropped);
}

void add_tracking(const system::ChronyTracking& tracking, history::Sample& sample) {
  sample.frequency_ppm = tracking.frequency_ppm;
  sample.skew_ppm = tracking.skew_ppm;
}

void add_sources(const std::vector<system::ChronySource>& sources, history::Sample& sample) {
  sample.selectable_sources =
      static_cast<double>(std::count_if(sources.begin(), sources.end(), is_selectable));
  for (const auto& source : sources) {
    if (source.state == '*') sample.reach = source.reach;
  }
}

/// The kernel has the correction, the history what it corrects. Each boot begins with none at all,
/// because timesyncd keeps no drift file, and the loop swings in for a while: that is not how the
/// clock runs. Where the host has an RTC, the sandbox of the monitor's unit closes adjtimex(2), and
/// the frequency is missing.
double frequency_by_timesyncd(const system::Clock& clock) {
  const auto discipline = clock.discipline();
  const bool swings_in = clock.since_boot() < std::chrono::hours{1};
  if (swings_in || !discipline.synchronized || discipline.frequency_ppm == 0) {
    return history::nothing;
  }
  return -discipline.frequency_ppm;
}

}  // namespace

void add_observation(const observe::Observation& seen, history::Sample& sample) {
  const auto& daemon = seen.daemon;
  if (daemon.last_reply_age) sample.source_age_s = daemon.last_reply_age->count();
  if (daemon.tracking) add_tracking(*daemon.tracking, sample);
  if (daemon.sources) add_sources(*daemon.sources, sample);
  if (daemon.server_stats) add_counters(*daemon.server_stats, sample);
  sample.rtc_temperature_c = seen.rtc.reading.temperature_c.value_or(history::nothing);
}

void complete_sample(const profile::Host& host, const probe::Ports& readers,
                     history::Sample& sample) {
  sample.boot = history::parse_boot_id(readers.clock.boot_id());
  sample.since_boot_s = Seconds{readers.clock.since_boot()}.count();
  sample.soc_temperature_c =
      system::processor_temperature(readers.files).value_or(history::nothing);
  if (profile::runs_timesyncd(host)) {
    try_to_read([&] { sample.frequency_ppm = frequency_by_timesyncd(readers.clock); });
  }
}

void count_clients(const profile::Host& host, const probe::Ports& readers,
                   history::Sample& sample) {
  // A chronyd that does not report its counters does not report its clients either.
  if (!host.serve || std::isnan(sample.requests)) return;
  try_to_read([&] {
    const auto clients = readers.daemons.chrony_clients();
    if (!clients) return;
    sample.clients =
        static_cast<double>(std::count_if(clients->begin(), clients->end(), system::is_served));
  });
}

}  // namespace timectl::monitor
