// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace timectl::history {

namespace {

// Not std::fmax and std::fmin, which are calls of a library. NaN gives way to any number.
void make_largest(double& most, double value) {
  if (!(most >= value)) most = std::isnan(value) ? most : value;
}
void make_least(double& least, double value) {
  if (!(least <= value)) least = std::isnan(value) ? least : value;
}

/// A sum in the making; `count` is how many values a mean has so far.
void add_value(Summing summing, double value, double& sum, double& count) {
  switch (summing) {
    case Summing::mean:
      if (!std::isfinite(value)) return;
      sum = count > 0 ? sum + value : value;
      ++count;
      return;
    case Summing::largest:
      return make_largest(sum, value);
    case Summing::least:
      return make_least(sum, value);
    case Summing::latest:
      if (!std::isnan(value)) sum = value;
      return;
  }
}

}  // namespace

Summarizer::Summarizer(WallTime from, WallTime until, std::size_t count, const ChannelSet& wanted)
    : step_(std::max<WallTime::duration>((until - from) / std::max<std::size_t>(count, 1),
                                         std::chrono::seconds{1})),
      counts_(count) {
  summary_ = {from, until, step_, std::vector<Slot>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    summary_.slots[i].from = from + step_ * static_cast<std::int64_t>(i);
  }
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (wanted[i]) wanted_.push_back(&channels[i]);
  }
}

/// Mostly that of the sample before, which takes no division.
std::size_t Summarizer::slot_of(WallTime at) {
  const auto& latest = summary_.slots[latest_];
  if (at >= latest.from && at - latest.from < step_) return latest_;
  const auto place = static_cast<std::size_t>((at - summary_.from) / step_);
  latest_ = std::min(place, summary_.slots.size() - 1);
  return latest_;
}

void Summarizer::add(const Sample& sample) {
  if (sample.at < summary_.from || sample.at > summary_.until || summary_.slots.empty()) return;
  const auto index = slot_of(sample.at);
  auto& slot = summary_.slots[index];
  ++slot.seen;
  slot.worst = std::max(slot.worst, sample.state);
  slot.boot = sample.boot;
  make_least(slot.least_offset_s, sample.offset_s);
  make_largest(slot.most_offset_s, sample.offset_s);
  for (const auto* channel : wanted_) {
    const auto place = static_cast<std::size_t>(channel - channels.data());
    add_value(channel->summing, channel->get(sample), slot.values[place], counts_[index][place]);
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
