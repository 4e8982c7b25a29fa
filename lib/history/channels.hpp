// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"
#include "publish/measures.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the history keeps of a check: the measures that say so (publish/measures.hpp), in the order
/// of their ids. The blocks on the disk, the JSON and the CSV of `timectl history`, its manual and
/// its schema are made from it.
namespace timectl::history {

using publish::Summing;

struct Channel {
  std::uint8_t id;      ///< in blocks, 2 to 255: never given to anything else
  const char* name;     ///< of the key and of the column
  const char* unit;     ///< "" for a number of things
  double per_unit;      ///< the history keeps whole numbers of the unit's parts: 1000 of a second
  Summing summing;      ///< in a slot of a summary
  const char* meaning;  ///< for the manual
  publish::Kind kind;
  double (*get)(const Sample& sample);
  /// Of as many samples as values: one call for a column.
  void (*set_all)(std::span<Sample> samples, const double* values);

  void set(Sample& sample, double value) const { set_all({&sample, 1}, &value); }
};

constexpr Channel channel_of(const publish::Measure& measure) {
  const auto& kept = measure.kept;
  return {kept.id,      measure.key,  measure.unit, kept.per_unit, kept.summing,
          measure.help, measure.kind, kept.get,     kept.set_all};
}

/// Those of the measures that the history keeps.
std::vector<Channel> channels_of(std::span<const publish::Measure> measures);

namespace details {

constexpr bool is_kept(const publish::Measure& measure) { return measure.kept.id != 0; }
constexpr bool is_before(const Channel& a, const Channel& b) { return a.id < b.id; }

constexpr auto make_channels() {
  constexpr auto& all = publish::measures;
  std::array<Channel, std::count_if(all.begin(), all.end(), is_kept)> kept{};
  auto* next = kept.begin();
  for (const auto& each : all) {
    if (is_kept(each)) *next++ = channel_of(each);
  }
  std::sort(kept.begin(), kept.end(), is_before);
  return kept;
}

}  // namespace details

inline constexpr auto channels = details::make_channels();

/// The channels that a caller needs: reading the others would take most of the time.
using ChannelSet = std::bitset<64>;
static_assert(channels.size() < ChannelSet{}.size());
constexpr ChannelSet all_channels{~0ULL};

/// The place in the list of the channel with that id; the list's size when it has none.
std::size_t place_of_id(std::uint8_t id, std::span<const Channel> list = channels);

/// Where in the list the channel is; the list's size for a name that it does not have.
constexpr std::size_t place_of(std::string_view name) {
  std::size_t place = 0;
  while (place < channels.size() && channels[place].name != name) ++place;
  return place;
}

/// As in a table: a state by its name, a number in full, "" where nothing was seen.
std::string text_of(const Channel& channel, const Sample& sample);

}  // namespace timectl::history
