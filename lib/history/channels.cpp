// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/channels.hpp"

#include <fmt/format.h>

#include <algorithm>
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

using Places = std::array<std::uint8_t, 256>;

constexpr Places make_places() {
  Places places{};
  places.fill(channels.size());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    places[channels[i].id] = static_cast<std::uint8_t>(i);
  }
  return places;
}
constexpr Places places = make_places();

}  // namespace

void details::assign(quality::State& member, double value) {
  const bool is_known = value >= 0 && value < static_cast<double>(quality::all_states.size());
  member = is_known ? quality::all_states[static_cast<std::size_t>(value)]
                    : quality::State::unsynchronized;
}

std::size_t place_of_id(std::uint8_t id) { return places[id]; }

std::string text_of(const Channel& channel, const Sample& sample) {
  if (channel.id == channels[place_of("state")].id) return quality::to_string(sample.state);
  const double value = channel.get(sample);
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace timectl::history
