// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/rtc_trust.hpp"

#include "commands/rtc_place.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using rtc::Assessment;
using system::RtcHealth;

// --- show ---------------------------------------------------------------------------------------

ordered_json record_json(const std::optional<rtc::Record>& record) {
  if (!record || !record->damage.empty()) return nullptr;
  ordered_json json;
  json["rtc_time"] = format_utc(record->rtc_time);
  json["system_time"] = format_utc(record->system_time);
  json["traceable"] = record->traceable;
  json["validated_by"] = record->validated_by;
  if (record->last_traceable) json["last_traceable"] = format_utc(*record->last_traceable);
  return json;
}

ordered_json show_json(const Assessment& assessment, const std::optional<rtc::Record>& record,
                       const rtc::Decision& island) {
  const auto& reading = assessment.reading;
  const bool readable = assessment.device && reading.health == RtcHealth::readable;
  ordered_json json;
  json["schema"] = 1;
  json["trust"] = rtc::to_string(assessment.trust);
  json["reason"] = assessment.reason;
  json["device"] = assessment.device ? ordered_json(assessment.device->name) : nullptr;
  json["earliest_plausible_time"] = format_utc(assessment.earliest.time);
  json["earliest_plausible_time_source"] = assessment.earliest.source;
  json["doubts"] = assessment.doubts;
  json["record"] = record_json(record);
  json["may_enable_island"] = island.yes;
  json["may_enable_island_reason"] = island.reason;
  if (readable) {
    json["rtc_time"] = format_utc(reading.time);
    json["ahead_of_system_s"] = rtc::ahead_of_system(reading).count();
  }
  if (reading.temperature_c) json["temperature_c"] = *reading.temperature_c;
  if (reading.voltage_low) json["voltage_low"] = *reading.voltage_low;
  return json;
}

void show_text(Report& report, const Assessment& assessment, const rtc::Decision& island) {
  const auto& reading = assessment.reading;
  if (assessment.device) {
    const auto& device = *assessment.device;
    // A board's own clock is on no bus: its driver says what it is.
    const auto what = device.i2c_client.empty()
                          ? device.driver
                          : fmt::format("{} at {}", device.chip, device.i2c_client);
    report.line(fmt::format("device    {} ({})", device.name, what));
  }
  report.line(fmt::format("trust     {}: {}", rtc::to_string(assessment.trust), assessment.reason));
  if (assessment.device && reading.health == RtcHealth::readable) {
    report.line(fmt::format("ahead     {} of the system clock, within a second",
                            format_span(rtc::ahead_of_system(reading))));
  }
  if (reading.temperature_c) report.line(fmt::format("chip      {} °C", *reading.temperature_c));
  report.line(fmt::format("earliest  {} ({})", format_utc(assessment.earliest.time),
                          assessment.earliest.source));
  report.line(fmt::format("island    {}: {}", island.yes ? "may be enabled" : "may not be enabled",
                          island.reason));
  for (const auto& doubt : assessment.doubts) report.line("doubt     " + doubt);
}

}  // namespace

ExitStatus show_rtc(Context& context) {
  const auto place = find_place(context);
  const auto seen = observe_clocks(context, place);
  const auto& assessment = seen.rtc;
  const auto island = may_enable_island(context, place);
  if (context.options().json) {
    context.report().json(show_json(assessment, seen.record, island));
  } else {
    show_text(context.report(), assessment, island);
  }
  return assessment.is_trusted() ? ExitStatus::done : ExitStatus::answer_is_no;
}

}  // namespace timectl::cli
