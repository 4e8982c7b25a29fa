// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/limits.hpp"
#include "profile/profile.hpp"
#include "publish/sample.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// The row of a measured value. Metrics, the JSON of `timectl status` with its schema, the manual
/// and the channels of the history are made from rows: none of them knows a measure by name.
namespace timectl::publish {

/// What a check knows at its end: all that a measure can be read from. NaN: not measured.
struct Check {
  const profile::Host& host;
  const profile::Limits& limits;
  Sample sample = {};
  double until_limit_s = nothing;  ///< infinite when the bound does not grow
  double rtc_drift_ppm = nothing;
  double rtc_drift_margin_ppm = nothing;
  double power_level = nothing;  ///< the step of power saving, 0 when none is allowed
  bool saving_delayed = false;
  double recent_restarts = 0;
  bool acted = true;
  double checked_at_s = nothing;  ///< since 1970
};

/// What a number stands for.
enum class Kind {
  number,
  flag,   ///< 1 or 0, in JSON true or false
  state,  ///< a quality::State, in JSON its name
};

/// How a measure is exported to Prometheus: names and units follow
/// https://prometheus.io/docs/practices/naming/. They are an interface, and never change.
struct Metric {
  const char* name = nullptr;   ///< nullptr: it is not exported
  const char* help = nullptr;   ///< a sentence; nullptr: the measure's own
  double factor = 1;            ///< from the measure's unit to the metric's
  const char* label = nullptr;  ///< of a metric that several rows share, or of a state
  const char* label_value = nullptr;
  /// Its name in earlier versions, exported beside it for one minor version; of one without labels.
  const char* former = nullptr;
};

/// What one number says of many samples.
enum class Summing { mean, largest, least, latest };

/// How the history keeps a measure.
struct Kept {
  std::uint8_t id = 0;  ///< in blocks, 2 to 255: never given to anything else; 0: it is not kept
  double per_unit = 1;  ///< the history keeps whole numbers of the unit's parts: 1000 of a second
  Summing summing = Summing::mean;  ///< in a slot of a summary
  double (*get)(const Sample& sample) = nullptr;
  /// Of as many samples as values: one call for a column.
  void (*set_all)(std::span<Sample> samples, const double* values) = nullptr;
};

struct Measure {
  const char* key;   ///< in the JSON of status and history
  const char* unit;  ///< "" for a number of things, a state or a flag
  const char* help;  ///< for manual and schema: half a sentence
  Kind kind = Kind::number;
  double (*read)(const Check& check);
  bool (*exists)(const profile::Host& host) = nullptr;  ///< nullptr: on each host
  Metric metric = {};
  Kept kept = {};

  bool is_on(const profile::Host& host) const { return exists == nullptr || exists(host); }
};

/// "how far …" as "How far ….".
std::string sentence_of(std::string half);

/// A sentence for Prometheus: the metric's own, else the measure's.
std::string metric_help(const Measure& measure);

namespace details {

constexpr double to_number(double value) { return value; }
constexpr double to_number(bool value) { return value ? 1 : 0; }
constexpr double to_number(quality::State state) { return static_cast<double>(state); }

constexpr void assign(double& member, double value) { member = value; }
constexpr void assign(bool& member, double value) { member = value == 1; }
/// A state of a version to come is none that this version may call good.
constexpr void assign(quality::State& member, double value) {
  const bool is_known = value >= 0 && value < static_cast<double>(quality::all_states.size());
  member = is_known ? quality::all_states[static_cast<std::size_t>(value)]
                    : quality::State::unsynchronized;
}

}  // namespace details

/// Reads a member of Check, or of its Sample.
template <auto member>
double read_of(const Check& check) {
  if constexpr (requires { check.*member; }) {
    return details::to_number(check.*member);
  } else {
    return details::to_number(check.sample.*member);
  }
}

/// Keeps a member of Sample.
template <auto member>
constexpr Kept kept(std::uint8_t id, double per_unit, Summing summing) {
  return {id, per_unit, summing,
          [](const Sample& sample) { return details::to_number(sample.*member); },
          [](std::span<Sample> samples, const double* values) {
            for (auto& sample : samples) details::assign(sample.*member, *values++);
          }};
}

}  // namespace timectl::publish
