// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/state.hpp"

#include "rtc/boot_document.hpp"
#include "rtc/store.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace timectl::monitor {

namespace {

const system::RootedPath state_path{"/run/timectl/monitor.json"};

State parse_state(const nlohmann::json& document) {
  State state;
  state.quality = document.value("quality", "");
  state.good_ticks = document.value("good_ticks", 0);
  state.restarted_invocation = document.value("restarted_invocation", "");
  state.restarted_environment = document.value("restarted_environment", "");
  state.controller = document.value("controller", "");
  state.restarting_from = document.value("restarting_from", "");
  for (const auto span : document.value("entries_ns", std::vector<std::int64_t>{})) {
    state.entries.emplace_back(span);
  }
  return state;
}

}  // namespace

State read_state(const system::FileReader& files, const std::string& boot_id) {
  return rtc::read_boot_document<State>(files, state_path, boot_id, parse_state);
}

void write_state(system::FileStore& files, const State& state) {
  std::vector<std::int64_t> entries;
  for (const auto span : state.entries) entries.push_back(span.count());
  const nlohmann::ordered_json document{
      {"schema", 1},
      {"boot_id", state.boot_id},
      {"quality", state.quality},
      {"good_ticks", state.good_ticks},
      {"restarted_invocation", state.restarted_invocation},
      {"restarted_environment", state.restarted_environment},
      {"controller", state.controller},
      {"restarting_from", state.restarting_from},
      {"entries_ns", entries},
  };
  rtc::replace_file(files, state_path, document.dump(2) + "\n");
}

}  // namespace timectl::monitor
