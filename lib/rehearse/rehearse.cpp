// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "rehearse/questions.hpp"
#include "rehearse/record.hpp"
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
void add(std::vector<Finding>& findings, const std::string& name,
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
    add(findings, "chrony.config", [&] { return ask_chrony(scene); });
  }
  if (has_file_below(scene.target, "/etc/systemd/timesyncd.conf.d")) {
    add(findings, "timesync.config", [&] { return std::vector{ask_timesyncd(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/dnsmasq.d")) {
    add(findings, "dnsmasq.config", [&] { return std::vector{ask_dnsmasq(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/netplan")) {
    add(findings, "netplan.config", [&] { return std::vector{ask_netplan(scene)}; });
  }
  if (has_file_below(scene.target, "/etc/systemd/system")) {
    add(findings, "units.config", [&] { return std::vector{ask_units(scene)}; });
  }
  return findings;
}

}  // namespace

std::vector<Finding> rehearse(const render::Target& target, const profile::Profile& profile,
                              const profile::Host& host, const Ports& ports) {
  const auto& probes = ports.probes;
  const auto stage = make_stage(target, profile, host, probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration};
  const auto text = ports.sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask_all(scene)); }, longest);
  return from_text(text);
}

}  // namespace timectl::rehearse
