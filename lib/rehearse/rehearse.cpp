// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "rehearse/record.hpp"
#include "rehearse/stage.hpp"

#include <algorithm>
#include <utility>

namespace timectl::rehearse {

namespace {

using probe::Finding;
using probe::Verdict;

/// The slowest honest run (a start, island mode, a handful of deadlines) takes a few seconds; a
/// Pi Zero under load a few times that.
constexpr std::chrono::seconds longest{90};

std::vector<Finding> ask_safely(const Rehearsal& rehearsal, const Scene& scene) {
  try {
    return rehearsal.ask(scene);
  } catch (const Error& error) {
    return {{rehearsal.name, Verdict::unknown, error.what(), {}, error.what(), error.hint()}};
  }
}

std::vector<Finding> ask_all(const Scene& scene, std::span<const Rehearsal> rehearsals) {
  std::vector<Finding> findings;
  for (const auto& rehearsal : rehearsals) {
    if (!has_file_below(scene.target, rehearsal.directory)) continue;
    for (auto& finding : ask_safely(rehearsal, scene)) findings.push_back(std::move(finding));
  }
  return findings;
}

/// The daemon's unit, where it has one that runs on this host.
bool runs_here(const Rehearsal& rehearsal, const Ports& ports) {
  return !rehearsal.unit.empty() && ports.probes.services.state(rehearsal.unit).is_active();
}

/// What the same question comes to with the host's files as they are.
std::vector<Finding> ask_without(const target::Target& target, const profile::Host& host,
                                 const Rehearsal& rehearsal, const Ports& ports) {
  const auto& probes = ports.probes;
  const auto stage = make_stage_of_host(probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration, Extent::files};
  const auto text = ports.sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask_safely(rehearsal, scene)); }, longest);
  return from_text(text);
}

bool has_the_same(const std::vector<Finding>& findings, const Finding& sought) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& each) {
    return each.probe == sought.probe && each.verdict == sought.verdict &&
           each.cause == sought.cause;
  });
}

}  // namespace

std::vector<Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                              const profile::Host& host, std::span<const Rehearsal> rehearsals,
                              const Ports& ports, Extent extent) {
  const auto& probes = ports.probes;
  const auto stage = make_stage(target, profile, host, probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration, extent};
  const auto text = ports.sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask_all(scene, rehearsals)); }, longest);
  return from_text(text);
}

Objections find_objections(const target::Target& target, const profile::Profile& profile,
                           const profile::Host& host, std::span<const Rehearsal> rehearsals,
                           const Ports& ports) {
  Objections objections;
  for (auto& finding : rehearse(target, profile, host, rehearsals, ports, Extent::files)) {
    if (finding.verdict == Verdict::unknown) objections.doubts.push_back(std::move(finding));
    if (finding.verdict != Verdict::failed) continue;
    const auto asked =
        std::find_if(rehearsals.begin(), rehearsals.end(),
                     [&](const Rehearsal& each) { return each.name == finding.probe; });
    const bool is_doubtful = asked != rehearsals.end() && runs_here(*asked, ports) &&
                             has_the_same(ask_without(target, host, *asked, ports), finding);
    (is_doubtful ? objections.doubts : objections.refusals).push_back(std::move(finding));
  }
  return objections;
}

}  // namespace timectl::rehearse
