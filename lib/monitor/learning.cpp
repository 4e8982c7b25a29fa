// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/learning.hpp"

#include "history/ring.hpp"

#include <utility>

namespace timectl::monitor {

namespace {

using namespace std::chrono_literals;

bool is_due(const history::Learned& known, WallTime now) {
  return now - known.looked_at >= 24h || known.looked_at > now;
}

std::optional<history::Spread> spread_since(WallTime since, const Ports& ports) {
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

void learn_wander(history::Learned known, const std::optional<history::Drift>& drift,
                  double usual_rtc, WallTime now, const Ports& ports) {
  if (!is_due(known, now)) return;
  auto learned = std::move(known);
  learned.looked_at = now;
  const auto clock = spread_since(now - history::spread_window, ports);
  if (clock) add(*clock, learned.clock);
  const auto rtc = drift ? rate_of_rtc(*drift, learned, now, usual_rtc) : std::nullopt;
  if (rtc) add(*rtc, learned.rtc);
  write_learned(ports.files, learned);
}

}  // namespace timectl::monitor
