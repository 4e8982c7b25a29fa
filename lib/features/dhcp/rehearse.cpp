// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/findings.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"
#include "rehearse/rehearsal.hpp"

#include <chrono>

namespace timectl::features {

namespace {

using probe::Finding;
using rehearse::Scene;

Finding ask_dnsmasq(const Scene& scene) {
  const auto& processes = scene.ports.processes;
  if (!processes.find(platform::dnsmasq.program)) {
    return rehearse::missing_program(row::dnsmasq_config, platform::dnsmasq.program,
                                     "dnsmasq-base");
  }
  // As Debian's dnsmasq.service starts it: /etc/dnsmasq.conf, then this directory.
  const auto result = processes.run({platform::dnsmasq.program,
                                     {"--test", platform::dns::drop_ins_option},
                                     "",
                                     std::chrono::seconds{10},
                                     {}});
  return rehearse::judge_check(row::dnsmasq_config, result, "dnsmasq accepts its files",
                               "dnsmasq would not start, and with it the site's DHCP and DNS");
}

system::Command read_dnsmasq_file(const std::string& content) {
  return {platform::dnsmasq.program,
          {"--test", "-C", std::string{rehearse::standard_input}},
          content,
          std::chrono::seconds{10},
          {}};
}

std::vector<Finding> rehearse_dnsmasq(const Scene& scene) { return {ask_dnsmasq(scene)}; }

}  // namespace

constinit const rehearse::Rehearsal dhcp_rehearsals[1] = {
    {row::dnsmasq_config, platform::dns::drop_ins, rehearse_dnsmasq, &platform::dnsmasq,
     read_dnsmasq_file}};

}  // namespace timectl::features
