// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/follow/findings.hpp"
#include "features/follow/rows.hpp"
#include "platform/platform.hpp"
#include "rehearse/rehearsal.hpp"

#include <fmt/format.h>

#include <chrono>

namespace timectl::features {

namespace {

using probe::Finding;
using probe::Verdict;
using rehearse::Scene;

Finding ask_timesyncd(const Scene& scene) {
  const auto& processes = scene.ports.processes;
  if (!processes.find("systemd-analyze")) {
    return rehearse::missing_program(row::timesync_config, "systemd-analyze", "systemd");
  }
  const auto result = processes.run({"systemd-analyze",
                                     {"cat-config", "systemd/timesyncd.conf"},
                                     "",
                                     std::chrono::seconds{10},
                                     {{"SYSTEMD_PAGER", ""}}});
  for (const auto& file : scene.target.files) {
    if (file.path.parent().text() != platform::timesync::drop_ins) continue;
    if (result.output.find("# " + file.path.text()) == std::string::npos) {
      return {row::timesync_config,
              Verdict::failed,
              fmt::format("systemd-timesyncd would not read {}", file.path.text()),
              {},
              rehearse::last_said(rehearse::all_said(result)),
              "look for a file of that name in /run or a link to null"};
    }
  }
  return {row::timesync_config,
          Verdict::ok,
          "systemd-timesyncd will read its drop-in; what it makes of it shows when it runs",
          {},
          "",
          ""};
}

std::vector<Finding> rehearse_timesyncd(const Scene& scene) { return {ask_timesyncd(scene)}; }

}  // namespace

constinit const rehearse::Rehearsal follow_rehearsals[1] = {
    {row::timesync_config, platform::timesync::drop_ins, rehearse_timesyncd}};

}  // namespace timectl::features
