// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/channels.hpp"

#include <fmt/format.h>

#include <cmath>

namespace timectl::history {

namespace {

/// Blocks hold the state as its place in the list: it must never be sorted anew.
constexpr bool are_in_order() {
  for (std::size_t i = 0; i < quality::all_states.size(); ++i) {
    if (static_cast<std::size_t>(quality::all_states[i]) != i) return false;
  }
  return true;
}
static_assert(are_in_order());

/// Each id once, and none of those that blocks have for other things.
constexpr bool are_distinct() {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].id < 2) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (channels[i].id == channels[j].id) return false;
    }
  }
  return true;
}
static_assert(are_distinct());

}  // namespace

std::vector<Channel> channels_of(std::span<const publish::Measure> measures) {
  std::vector<Channel> kept;
  for (const auto& each : measures) {
    if (details::is_kept(each)) kept.push_back(channel_of(each));
  }
  std::sort(kept.begin(), kept.end(), details::is_before);
  return kept;
}

std::size_t place_of_id(std::uint8_t id, std::span<const Channel> list) {
  std::size_t place = 0;
  while (place < list.size() && list[place].id != id) ++place;
  return place;
}

std::string text_of(const Channel& channel, const Sample& sample) {
  if (channel.kind == publish::Kind::state) return quality::to_string(sample.state);
  const double value = channel.get(sample);
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace timectl::history
