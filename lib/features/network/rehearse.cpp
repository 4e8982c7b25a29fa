// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/network/findings.hpp"
#include "features/network/rows.hpp"
#include "rehearse/rehearsal.hpp"

#include <chrono>

namespace timectl::features {

namespace {

using probe::Finding;
using rehearse::Scene;

Finding ask_netplan(const Scene& scene) {
  const auto& processes = scene.ports.processes;
  if (!processes.find("netplan"))
    return rehearse::missing_program(row::netplan_config, "netplan", "netplan.io");
  // It writes for the network's daemons into the sandbox's own /run, and starts nothing.
  const auto result = processes.run({"netplan", {"generate"}, "", std::chrono::seconds{30}, {}});
  return rehearse::judge_check(row::netplan_config, result, "netplan accepts its files",
                               "netplan refuses its files, and would leave the network as it is");
}

std::vector<Finding> rehearse_netplan(const Scene& scene) { return {ask_netplan(scene)}; }

}  // namespace

constinit const rehearse::Rehearsal network_rehearsals[1] = {
    {row::netplan_config, "/etc/netplan", rehearse_netplan}};

}  // namespace timectl::features
