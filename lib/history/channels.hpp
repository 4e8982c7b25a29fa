// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The one list of what the history keeps of a check. The blocks on the disk, the JSON and the CSV
/// of `timectl history`, its manual and its schema are made from it: a new channel is a member of
/// Sample and a row of the list.
namespace timectl::history {

/// What one number says of many samples.
enum class Summing { mean, largest, least, latest };

struct Channel {
  std::uint8_t id;      ///< in blocks, 2 to 255: never given to anything else
  const char* name;     ///< of the key and of the column
  const char* unit;     ///< "" for a number of things
  double per_unit;      ///< the history keeps whole numbers of the unit's parts: 1000 of a second
  Summing summing;      ///< in a slot of a summary
  const char* meaning;  ///< for the manual
  double (*get)(const Sample& sample);
  /// Of as many samples as values: one call for a column.
  void (*set_all)(std::span<Sample> samples, const double* values);

  void set(Sample& sample, double value) const { set_all({&sample, 1}, &value); }
};

namespace details {

constexpr double to_number(double value) { return value; }
constexpr double to_number(bool value) { return value ? 1 : 0; }
constexpr double to_number(quality::State state) { return static_cast<double>(state); }

constexpr void assign(double& member, double value) { member = value; }
constexpr void assign(bool& member, double value) { member = value == 1; }
/// A state of a version to come is none that this version may call good.
void assign(quality::State& member, double value);

/// The row of `member`, with what reads and writes it.
template <auto member>
constexpr Channel row(std::uint8_t id, const char* name, const char* unit, double per_unit,
                      Summing summing, const char* meaning) {
  return {id,
          name,
          unit,
          per_unit,
          summing,
          meaning,
          [](const Sample& sample) { return to_number(sample.*member); },
          [](std::span<Sample> samples, const double* values) {
            for (auto& sample : samples) assign(sample.*member, *values++);
          }};
}

}  // namespace details

// clang-format off
inline constexpr std::array channels{
    details::row<&Sample::state>(2, "state", "", 1, Summing::largest,
        "how well the time can be traced to UTC (\"worst_state\" in the JSON)"),
    details::row<&Sample::saving>(3, "saving", "", 1, Summing::mean,
        "1 while the controller may save power, else 0"),
    details::row<&Sample::bound_s>(4, "bound_s", "s", 1e7, Summing::largest,
        "how far the clock could be off at most"),
    details::row<&Sample::offset_s>(5, "offset_s", "s", 1e9, Summing::mean,
        "how slow the clock was of its source"),
    details::row<&Sample::rtc_ahead_s>(6, "rtc_ahead_s", "s", 1e4, Summing::mean,
        "how far the RTC was ahead of the clock"),
    details::row<&Sample::since_boot_s>(7, "since_boot_s", "s", 1e3, Summing::latest,
        "the time since boot, by the clock that is never set"),
    details::row<&Sample::frequency_ppm>(8, "frequency_ppm", "ppm", 1e3, Summing::mean,
        "how fast the clock would run if nothing corrected it"),
    details::row<&Sample::skew_ppm>(9, "skew_ppm", "ppm", 1e3, Summing::largest,
        "how uncertain that is (chrony)"),
    details::row<&Sample::reach>(10, "reach", "", 1, Summing::latest,
        "which of the last eight polls the source answered, 255 for all (chrony)"),
    details::row<&Sample::source_age_s>(11, "source_age_s", "s", 1, Summing::largest,
        "the time since the last reply of the source"),
    details::row<&Sample::selectable_sources>(12, "selectable_sources", "", 1, Summing::least,
        "how many sources could be selected (chrony)"),
    details::row<&Sample::requests>(13, "requests", "", 1, Summing::latest,
        "NTP requests of clients since chronyd started"),
    details::row<&Sample::requests_dropped>(14, "requests_dropped", "", 1, Summing::latest,
        "how many of them the rate limit dropped"),
    details::row<&Sample::clients>(15, "clients", "", 1, Summing::latest,
        "how many addresses chronyd remembers requests of, counted twice an hour"),
    details::row<&Sample::rtc_temperature_c>(16, "rtc_temperature_c", "\u00b0C", 100, Summing::mean,
        "the temperature of the RTC, where it has a sensor"),
    details::row<&Sample::soc_temperature_c>(17, "soc_temperature_c", "\u00b0C", 100, Summing::mean,
        "the temperature of the processor, where it has a sensor"),
};
// clang-format on

/// The channels that a caller needs: reading the others would take most of the time.
using ChannelSet = std::bitset<channels.size()>;
constexpr ChannelSet all_channels{~0ULL};

/// The place in the list of the channel with that id; the list's size when this version has none.
std::size_t place_of_id(std::uint8_t id);

/// Where in the list the channel is; the list's size for a name that it does not have.
constexpr std::size_t place_of(std::string_view name) {
  std::size_t place = 0;
  while (place < channels.size() && channels[place].name != name) ++place;
  return place;
}

/// As in a table: a state by its name, a number in full, "" where nothing was seen.
std::string text_of(const Channel& channel, const Sample& sample);

}  // namespace timectl::history
