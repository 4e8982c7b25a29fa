// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Whatever chronyc -c says, reading it yields numbers in their ranges or an Error.
#include "base/error.hpp"
#include "system/chrony_clients.hpp"
#include "system/time_daemons.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

using namespace timectl;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_tracking(const std::string& text) {
  const auto tracking = system::parse_chrony_tracking(text);
  require(tracking.reference_id.size() == 8);
  require(tracking.stratum >= 0 && tracking.stratum <= 16);
  require(!std::isnan(tracking.root_delay.count()) && !std::isnan(tracking.frequency_ppm));
}

void read_sources(const std::string& text) {
  for (const auto& source : system::parse_chrony_sources(text)) {
    require(source.reach <= 0377 && source.stratum >= 0 && source.stratum <= 16);
    require(!source.since_last_sample || source.since_last_sample->count() >= 0);
  }
}

void read_clients(const std::string& text) {
  for (const auto& client : system::parse_chrony_clients(text)) {
    require(!client.since_last || client.since_last->count() >= 0);
    require(!client.interval || client.interval->count() > 0);
  }
}

void read_server_stats(const std::string& text) {
  const auto stats = system::parse_chrony_server_stats(text);
  require(std::in_range<std::int64_t>(stats.requests));
  require(std::in_range<std::int64_t>(stats.dropped));
}

void read_report(const std::string& text) {
  const auto report = system::parse_chrony_report(text);
  require(report.tracking.reference_id.size() == 8);
}

void attempt(void (*read)(const std::string&), const std::string& text) {
  try {
    read(text);
  } catch (const Error&) {
    return;  // the answer to what cannot be read
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  attempt(read_tracking, text);
  attempt(read_sources, text);
  attempt(read_clients, text);
  attempt(read_server_stats, text);
  attempt(read_report, text);
  return 0;
}
