// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace timectl::history {

namespace {

/// A sum in the making; `count` is how many values a mean has so far. NaN gives way to any number.
void add_value(Summing summing, double value, double& sum, double& count) {
  switch (summing) {
    case Summing::mean:
      if (!std::isfinite(value)) return;
      sum = count > 0 ? sum + value : value;
      ++count;
      return;
    case Summing::largest:
      sum = std::fmax(sum, value);
      return;
    case Summing::least:
      sum = std::fmin(sum, value);
      return;
    case Summing::latest:
      if (!std::isnan(value)) sum = value;
      return;
  }
}

}  // namespace

Summarizer::Summarizer(WallTime from, WallTime until, std::size_t count)
    : step_(std::max<WallTime::duration>((until - from) / std::max<std::size_t>(count, 1),
                                         std::chrono::seconds{1})),
      counts_(count) {
  summary_ = {from, until, step_, std::vector<Slot>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    summary_.slots[i].from = from + step_ * static_cast<std::int64_t>(i);
  }
}

void Summarizer::add(const Sample& sample) {
  const auto count = summary_.slots.size();
  if (sample.at < summary_.from || sample.at > summary_.until || count == 0) return;
  const auto place = static_cast<std::size_t>((sample.at - summary_.from) / step_);
  const auto index = std::min(place, count - 1);
  auto& slot = summary_.slots[index];
  ++slot.seen;
  slot.worst = std::max(slot.worst, sample.state);
  slot.boot = sample.boot;
  slot.least_offset_s = std::fmin(slot.least_offset_s, sample.offset_s);
  slot.most_offset_s = std::fmax(slot.most_offset_s, sample.offset_s);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    add_value(channels[i].summing, channels[i].get(sample), slot.values[i], counts_[index][i]);
  }
}

Summary Summarizer::summary() const {
  auto summary = summary_;
  for (std::size_t index = 0; index < summary.slots.size(); ++index) {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if (counts_[index][i] > 0) summary.slots[index].values[i] /= counts_[index][i];
    }
  }
  return summary;
}

Summary summarize(const std::vector<Sample>& samples, WallTime from, WallTime until,
                  std::size_t count) {
  Summarizer summarizer{from, until, count};
  for (const auto& sample : samples) summarizer.add(sample);
  return summarizer.summary();
}

}  // namespace timectl::history
