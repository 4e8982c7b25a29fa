// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/boot_state.hpp"

#include "kept/boot_document.hpp"
#include "system/replace_file.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace timectl::rtc {

namespace {

const system::RootedPath state_path{"/run/timectl/rtc.json"};

BootState parse_state(const nlohmann::ordered_json& document) {
  BootState state;
  state.clock_was_set = document.value("clock_was_set", false);
  state.rtc_kept_time = document.value("rtc_kept_time", false);
  state.awaits_reboot = document.value("awaits_reboot", false);
  if (document.contains("synchronized_at_ns")) {
    state.synchronized_at =
        std::chrono::nanoseconds{document["synchronized_at_ns"].get<std::int64_t>()};
  }
  // The program of before 0.2 called it so, and may have been replaced since the host booted.
  const auto before = document.value("armed_invocation", "");
  state.enabled_invocation = document.value("enabled_invocation", before);
  state.disabled_invocation = document.value("disabled_invocation", "");
  if (document.contains("island_distance_s")) {
    state.island_distance = Seconds{document["island_distance_s"].get<double>()};
  }
  const auto rtc_time = parse_utc(document.value("reading_rtc_time", ""));
  if (rtc_time) {
    const auto since_boot = document.value("reading_since_boot_ns", std::int64_t{0});
    state.reading = SteadyReading{*rtc_time, std::chrono::nanoseconds{since_boot}};
  }
  return state;
}

}  // namespace

BootState read_boot_state(const system::FileReader& files, const std::string& boot_id) {
  return kept::read_boot_document<BootState>(files, state_path, boot_id, parse_state);
}

void write_boot_state(system::FileStore& files, const BootState& state) {
  nlohmann::ordered_json document;
  document["schema"] = 1;
  document["boot_id"] = state.boot_id;
  document["enabled_invocation"] = state.enabled_invocation;
  if (!state.disabled_invocation.empty()) {
    document["disabled_invocation"] = state.disabled_invocation;
  }
  if (state.island_distance) document["island_distance_s"] = state.island_distance->count();
  if (state.clock_was_set) document["clock_was_set"] = true;
  if (state.rtc_kept_time) document["rtc_kept_time"] = true;
  if (state.awaits_reboot) document["awaits_reboot"] = true;
  if (state.synchronized_at) {
    document["synchronized_at_ns"] = std::int64_t{state.synchronized_at->count()};
  }
  if (state.reading) {
    document["reading_rtc_time"] = format_utc(state.reading->rtc_time);
    document["reading_since_boot_ns"] = std::int64_t{state.reading->since_boot.count()};
  }
  system::replace_file(files, state_path, document.dump(2) + "\n");
}

void note_rtc_kept_time(system::FileStore& files, const std::string& boot_id) {
  auto state = read_boot_state(files, boot_id);
  if (state.rtc_kept_time) return;
  state.rtc_kept_time = true;
  write_boot_state(files, state);
}

void note_awaited_reboot(system::FileStore& files, const std::string& boot_id) {
  auto state = read_boot_state(files, boot_id);
  if (state.awaits_reboot) return;
  state.awaits_reboot = true;
  write_boot_state(files, state);
}

void forget_synchronization(system::FileStore& files, const std::string& boot_id, Chronyd chronyd) {
  auto state = read_boot_state(files, boot_id);
  const bool is_news = chronyd == Chronyd::running && !state.clock_was_set;
  if (!is_news && !state.synchronized_at) return;
  state.synchronized_at.reset();
  if (is_news) state.clock_was_set = true;
  write_boot_state(files, state);
}

}  // namespace timectl::rtc
