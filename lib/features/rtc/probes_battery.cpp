// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/rtc/probes.hpp"
#include "probe/asks.hpp"
#include "rtc/battery.hpp"
#include "rtc/rtc.hpp"

/// rtc.battery.
namespace timectl::features {

using namespace probe;

namespace {

std::optional<system::RtcReading> read_rtc(const profile::RtcFeature& wanted, const Ports& ports) {
  const auto device =
      rtc::find_device(ports.rtcs.list(), {wanted.chip, wanted.bus, wanted.address});
  return device ? std::optional{ports.rtcs.read(*device)} : std::nullopt;
}

Evidence known_of(const rtc::BatteryNote& note, int years,
                  const std::optional<system::RtcReading>& reading) {
  Evidence evidence{{"battery_years", std::int64_t{years}}};
  if (note.replaced) evidence.emplace_back("replaced", rtc::format_date(*note.replaced));
  if (note.replaced && years > 0) {
    evidence.emplace_back("due", rtc::format_date(rtc::due_date(*note.replaced, years)));
  }
  if (reading && reading->voltage_low) evidence.emplace_back("voltage_low", *reading->voltage_low);
  return evidence;
}

}  // namespace

Finding ask_rtc_battery(const Subject& subject, const Ports& ports) {
  const auto& wanted = *subject.host.rtc;
  const int years = wanted.battery_years;
  const auto note = rtc::read_battery(ports.files, wanted.chip);
  const auto reading = read_rtc(wanted, ports);
  auto judged = rtc::judge_battery(note, years, reading, ports.clock.now());
  auto evidence = known_of(note, years, reading);
  switch (judged.state) {
    case rtc::BatteryState::not_watched:
      return skipped(std::move(judged.summary));
    case rtc::BatteryState::good:
      return good(std::move(judged.summary), std::move(evidence));
    case rtc::BatteryState::not_known:
      return {{},
              Verdict::unknown,
              std::move(judged.summary),
              std::move(evidence),
              std::move(judged.cause),
              "timectl rtc battery --replaced DATE notes the date anew"};
    case rtc::BatteryState::low:
    case rtc::BatteryState::old:
      break;
  }
  return warning({std::move(judged.summary), std::move(judged.cause), rtc::battery_remedy},
                 std::move(evidence));
}

}  // namespace timectl::features
