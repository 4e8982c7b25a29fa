// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/state.hpp"

#include "kept/boot_document.hpp"
#include "system/replace_file.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace timectl::monitor {

namespace {

const system::RootedPath state_path{"/run/timectl/monitor.json"};

using Spans = std::vector<std::chrono::nanoseconds>;

Spans spans_of(const nlohmann::ordered_json& document, const char* key) {
  Spans spans;
  for (const auto span : document.value(key, std::vector<std::int64_t>{})) spans.emplace_back(span);
  return spans;
}

std::optional<std::chrono::nanoseconds> span_of(const nlohmann::ordered_json& document,
                                                const char* key) {
  if (!document.contains(key)) return std::nullopt;
  return std::chrono::nanoseconds{document.at(key).get<std::int64_t>()};
}

std::vector<std::int64_t> counts_of(const Spans& spans) {
  std::vector<std::int64_t> counts;
  for (const auto span : spans) counts.push_back(span.count());
  return counts;
}

State parse_state(const nlohmann::ordered_json& document) {
  State state;
  state.quality = document.value("quality", "");
  state.good_ticks = document.value("good_ticks", 0);
  state.restarted_invocation = document.value("restarted_invocation", "");
  state.restarted_environment = document.value("restarted_environment", "");
  state.controller = document.value("controller", "");
  state.restarting_from = document.value("restarting_from", "");
  state.restarts = spans_of(document, "restarts_ns");
  state.losses = spans_of(document, "losses_ns");
  state.given = document.value("given", "");
  state.power_step = document.value("power_step", 0);
  state.trusted_since = span_of(document, "trusted_since_ns");
  state.names = document.value("names", std::vector<std::string>{});
  if (document.contains("drift_ppm")) state.drift_ppm = document.at("drift_ppm").get<double>();
  state.drift_margin_ppm = document.value("drift_margin_ppm", 0.0);
  state.alerts = document.value("alerts", std::vector<std::string>{});
  state.ticked = std::chrono::nanoseconds{document.value("ticked_ns", std::int64_t{})};
  state.ticked_at = parse_utc(document.value("ticked_at", "")).value_or(WallTime{});
  state.skipped_since = span_of(document, "skipped_since_ns");
  if (document.contains("overriding")) {
    state.overriding = document.at("overriding").get<std::vector<std::string>>();
  }
  state.silent_ticks = document.value("silent_ticks", 0);
  if (document.contains("battery_replaced")) {
    state.battery = {rtc::parse_date(document.at("battery_replaced").get<std::string>()), ""};
  }
  return state;
}

}  // namespace

State read_state(const system::FileReader& files, const std::string& boot_id) {
  return kept::read_boot_document<State>(files, state_path, boot_id, parse_state);
}

void write_state(system::FileStore& files, const State& state) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["boot_id"] = state.boot_id;
  document["quality"] = state.quality;
  document["good_ticks"] = state.good_ticks;
  document["restarted_invocation"] = state.restarted_invocation;
  document["restarted_environment"] = state.restarted_environment;
  document["controller"] = state.controller;
  document["restarting_from"] = state.restarting_from;
  document["restarts_ns"] = counts_of(state.restarts);
  document["losses_ns"] = counts_of(state.losses);
  document["given"] = state.given;
  document["power_step"] = state.power_step;
  document["names"] = state.names;
  document["drift_margin_ppm"] = state.drift_margin_ppm;
  document["alerts"] = state.alerts;
  document["ticked_ns"] = state.ticked.count();
  document["ticked_at"] = format_utc(state.ticked_at);
  document["silent_ticks"] = state.silent_ticks;
  if (state.trusted_since) document["trusted_since_ns"] = state.trusted_since->count();
  if (state.skipped_since) document["skipped_since_ns"] = state.skipped_since->count();
  if (state.overriding) document["overriding"] = *state.overriding;
  if (state.drift_ppm) document["drift_ppm"] = *state.drift_ppm;
  if (const auto& note = state.battery) {
    document["battery_replaced"] = note->replaced ? rtc::format_date(*note->replaced) : "";
  }
  system::replace_file(files, state_path, document.dump(2) + "\n");
}

}  // namespace timectl::monitor
