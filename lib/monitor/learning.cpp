// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/learning.hpp"

#include "history/learned.hpp"
#include "history/ring.hpp"

#include <optional>

namespace timectl::monitor {

namespace {

using namespace std::chrono_literals;

/// Sources vouched for the RTC a day ago or more, and are followed again now.
std::optional<history::RtcRun> run_of(const observe::Observation& seen,
                                      const observe::HostTime& time, const Ports& ports) {
  const auto& record = seen.record;
  if (!time.is_synchronized || !record || record->vouched_by != "sources") return std::nullopt;
  const auto utc = seen.clock.now + std::chrono::duration_cast<WallTime::duration>(
                                        seen.daemon.tracking->system_offset);
  const Seconds span = utc - record->vouched_at;
  if (span < 24h) return std::nullopt;
  const auto ahead = history::rtc_before(
      {history::parse_boot_id(ports.look.clock.boot_id()), utc, Seconds{seen.clock.since_boot}},
      history::recall(ports.files, seen.clock.now - history::run_window));
  if (!ahead) return std::nullopt;
  return history::RtcRun{*ahead, span, utc};
}

bool is_due(const history::Learned& learned, WallTime now) {
  return now - learned.looked_at >= 24h || learned.looked_at > now;
}

std::optional<history::FrequencySpread> spread_since(WallTime since, const Ports& ports) {
  history::ChannelSet wanted;
  for (const auto* name : {"state", "frequency_ppm", "skew_ppm"}) {
    wanted.set(history::place_of(name));
  }
  history::FrequencyLearner learner;
  history::visit_samples(ports.files, since, wanted,
                         [&](const history::Sample& sample) { learner.add(sample); });
  return learner.spread();
}

}  // namespace

void learn_wander(const observe::Observation& seen, const observe::HostTime& time, bool wrote_block,
                  const Ports& ports) {
  auto learned = seen.learned;
  bool is_news = false;
  if (const auto run = run_of(seen, time, ports)) {
    history::add_run(*run, learned);
    is_news = true;
  }
  if (wrote_block && is_due(learned, seen.clock.now)) {
    if (const auto spread = spread_since(seen.clock.now - history::spread_window, ports)) {
      learned.looked_at = seen.clock.now;
      history::add_spread(*spread, learned);
      is_news = true;
    }
  }
  if (is_news) history::write_learned(ports.files, learned);
}

}  // namespace timectl::monitor
