// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/state.hpp"

#include "base/error.hpp"
#include "rtc/store.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace timectl::monitor {

namespace {

const system::RootedPath state_path{"/run/timectl/monitor.json"};

State parse_state(const std::string& text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  State state;
  if (!document.is_object()) return state;
  state.boot_id = document.value("boot_id", "");
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
  State fresh;
  fresh.boot_id = boot_id;
  try {
    const auto file = files.read(state_path);
    const auto state = file ? parse_state(file->content) : fresh;
    return state.boot_id == boot_id ? state : fresh;
  } catch (const Error&) {
    return fresh;
  } catch (const nlohmann::json::exception&) {
    return fresh;  // a key of another type than ours
  }
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
