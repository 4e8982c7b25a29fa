// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/rtc/probes.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

#include <algorithm>

/// rtc.boot.
namespace timectl::features {

using namespace probe;

namespace {

using system::RootedPath;

struct UnitFile {
  bool default_dependencies = true;
  std::vector<std::string> before;
};

UnitFile read_unit_file(const system::FileReader& files, const std::string& path) {
  UnitFile unit;
  const auto file = path.empty() ? std::nullopt : files.read(RootedPath{path});
  for (const auto& line : lines_of(file ? file->content : "")) {
    if (line == "DefaultDependencies=no") unit.default_dependencies = false;
    if (!line.starts_with("Before=")) continue;
    for (auto& name : words_of(line.substr(7))) unit.before.push_back(std::move(name));
  }
  return unit;
}

bool is_early(const UnitFile& unit) {
  const auto is_before = [&](const char* name) {
    return std::find(unit.before.begin(), unit.before.end(), name) != unit.before.end();
  };
  return !unit.default_dependencies &&
         (is_before("time-set.target") || is_before(platform::chronyd.unit));
}

}  // namespace

Finding ask_rtc_boot(const Subject& /*subject*/, const Ports& ports) {
  const auto unit = ports.services.state(boot_unit);
  const Evidence evidence{{"unit", std::string{boot_unit}},
                          {"load_state", unit.load_state},
                          {"unit_file_state", unit.unit_file_state},
                          {"active_state", unit.active_state},
                          {"result", unit.result}};
  if (!unit.exists()) {
    return failed({fmt::format("there is no {}", boot_unit), "this host was not provisioned",
                   "timectl provision"},
                  evidence);
  }
  if (unit.is_masked()) {
    // The mask has the place of timectl's own unit file: unmasking would leave no unit.
    return failed({fmt::format("{} is masked", boot_unit),
                   "the system clock is not set from the RTC at boot", "timectl provision"},
                  evidence);
  }
  if (!unit.is_enabled()) {
    return failed({fmt::format("{} is {}", boot_unit, unit.unit_file_state),
                   "the system clock is not set from the RTC at boot",
                   fmt::format("systemctl enable {}", boot_unit)},
                  evidence);
  }
  if (unit.active_state == "failed" || (unit.result != "success" && !unit.result.empty())) {
    return failed({fmt::format("{} failed in this boot", boot_unit),
                   fmt::format("its result is {}", unit.result),
                   fmt::format("journalctl -b -u {}", boot_unit)},
                  evidence);
  }
  if (unit.invocation_id.empty()) {
    if (auto wait = awaited_reboot(ports)) {
      return pending({fmt::format("{} runs at the next boot", boot_unit), "", ""}, std::move(*wait),
                     evidence);
    }
    return warning({fmt::format("{} has not run in this boot", boot_unit),
                    "it was enabled after boot, or the RTC was not there in time",
                    fmt::format("reboot, or systemctl start {}", boot_unit)},
                   evidence);
  }
  if (!is_early(read_unit_file(ports.files, unit.fragment_path))) {
    return warning({fmt::format("{} is not ordered before the time services", boot_unit),
                    "chronyd can start and serve before the clock was set", "timectl provision"},
                   evidence);
  }
  return good("the RTC's unit ran in this boot, before the time services", evidence);
}

}  // namespace timectl::features
