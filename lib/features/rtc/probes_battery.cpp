// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/rtc/probes.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "probe/asks.hpp"
#include "profile/limits.hpp"
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

/// By a clock that is wrong any battery may be old. Costs an observation, so it is asked only for
/// one that seems to be.
bool knows_date(const Subject& subject, const Ports& ports) {
  if (subject.facts.is_offline_root) return true;  // by the clock of the machine that runs timectl
  const auto seen =
      observe::observe(subject.profile, subject.host, ports.of_time(), observe::Peers::left_out);
  const auto limits = profile::limits_of(subject.profile, subject.host);
  return quality::knows_date(observe::judge(subject.host, seen, limits).judgement.state);
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
              std::move(judged.remedy)};
    case rtc::BatteryState::old:
      if (knows_date(subject, ports)) break;
      judged.summary += "; how old it is now is not known while the clock is not confirmed";
      return {{},
              Verdict::unknown,
              std::move(judged.summary),
              std::move(evidence),
              "the host has no source, or its clock is wrong",
              "see what timectl verify says of time.quality"};
    case rtc::BatteryState::low:
      break;
  }
  return warning({std::move(judged.summary), std::move(judged.cause), std::move(judged.remedy)},
                 std::move(evidence));
}

}  // namespace timectl::features
