// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "probe/rows.hpp"
#include "rehearse/questions.hpp"
#include "rehearse/record.hpp"
#include "rehearse/rows.hpp"
#include "rehearse/stage.hpp"

#include <fmt/format.h>

#include <functional>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;

/// The slowest honest run (a start, the arming, a handful of deadlines) takes a few seconds; a
/// Pi Zero under load a few times that.
constexpr std::chrono::seconds longest{90};

/// Adds what `ask` finds; what it throws becomes an unknown finding under `name`.
void add(std::vector<Finding>& findings, probe::FindingName name,
         const std::function<std::vector<Finding>()>& ask) {
  try {
    for (auto& finding : ask()) findings.push_back(std::move(finding));
  } catch (const Error& error) {
    findings.push_back({name, Verdict::unknown, error.what(), {}, error.what(), error.hint()});
  }
}

std::vector<Finding> ask_all(const Scene& scene) {
  std::vector<Finding> findings;
  if (has_file_below(scene.target, "/etc/chrony")) {
    add(findings, probe::row::chrony_config, [&] { return ask_chrony(scene); });
  }
  if (has_file_below(scene.target, "/etc/systemd/timesyncd.conf.d")) {
    add(findings, row::timesync_config, [&] { return std::vector{ask_timesyncd(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/dnsmasq.d")) {
    add(findings, probe::row::dnsmasq_config, [&] { return std::vector{ask_dnsmasq(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/netplan")) {
    add(findings, row::netplan_config, [&] { return std::vector{ask_netplan(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/systemd/system")) {
    add(findings, row::units_config, [&] { return std::vector{ask_units(scene)}; });
  }
  return findings;
}

}  // namespace

std::vector<Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                              const profile::Host& host, const Ports& ports) {
  const auto& probes = ports.probes;
  const auto stage = make_stage(target, profile, host, probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration};
  const auto text = ports.sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask_all(scene)); }, longest);
  return from_text(text);
}

}  // namespace timectl::rehearse
