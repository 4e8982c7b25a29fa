// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "rehearse/record.hpp"
#include "rehearse/stage.hpp"

#include <algorithm>
#include <functional>
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

std::vector<Finding> ask_inside(const Stage& stage, const system::Sandbox& sandbox,
                                std::span<const Rehearsal> rehearsals,
                                const std::function<std::vector<Finding>()>& ask) {
  const auto said = sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask()); }, longest);
  return from_text(said, rehearsals);
}

/// Whether its daemon does.
bool runs_here(const Rehearsal& rehearsal, const Ports& ports) {
  return rehearsal.daemon != nullptr &&
         ports.probes.services.state(rehearsal.daemon->unit).is_active();
}

/// What the same question comes to with the host's files as they are.
std::vector<Finding> ask_without(const target::Target& target, const profile::Host& host,
                                 const Rehearsal& rehearsal, const Ports& ports) {
  const auto& probes = ports.probes;
  const auto stage = make_stage_of_host(probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration, Extent::files};
  return ask_inside(stage, ports.sandbox, {&rehearsal, 1},
                    [&] { return ask_safely(rehearsal, scene); });
}

/// Whether its daemon runs on this host, and fails in the sandbox without the target, too.
bool fails_anyway(const Finding& finding, const target::Target& target, const profile::Host& host,
                  std::span<const Rehearsal> rehearsals, const Ports& ports) {
  const auto asked = std::find_if(rehearsals.begin(), rehearsals.end(),
                                  [&](const auto& each) { return each.name == finding.probe; });
  if (asked == rehearsals.end() || !runs_here(*asked, ports)) return false;
  const auto without = ask_without(target, host, *asked, ports);
  return std::any_of(without.begin(), without.end(), [&](const Finding& each) {
    return each.probe == finding.probe && each.verdict == finding.verdict &&
           each.cause == finding.cause;
  });
}

bool is_doubtful(const Finding& finding, const target::Target& target, const profile::Host& host,
                 std::span<const Rehearsal> rehearsals, const Ports& ports) {
  if (finding.verdict != Verdict::failed) return true;
  return ports.guest != nullptr ? may_be_different_there(finding.cause)
                                : fails_anyway(finding, target, host, rehearsals, ports);
}

}  // namespace

std::vector<Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                              const profile::Host& host, std::span<const Rehearsal> rehearsals,
                              const Ports& ports, Extent extent) {
  const auto& probes = ports.probes;
  const auto& files = ports.guest != nullptr ? ports.guest->files : probes.files;
  auto stage = make_stage(target, profile, host, files, probes.processes);
  if (ports.guest != nullptr) confine(stage.sandbox, *ports.guest);
  const Scene scene{target, host, probes, stage.configuration, extent};
  return ask_inside(stage, ports.sandbox, rehearsals, [&] { return ask_all(scene, rehearsals); });
}

Objections find_objections(const target::Target& target, const profile::Profile& profile,
                           const profile::Host& host, std::span<const Rehearsal> rehearsals,
                           const Ports& ports) {
  Objections objections;
  for (auto& finding : rehearse(target, profile, host, rehearsals, ports, Extent::files)) {
    if (finding.verdict != Verdict::failed && finding.verdict != Verdict::unknown) continue;
    const bool is_doubt = is_doubtful(finding, target, host, rehearsals, ports);
    (is_doubt ? objections.doubts : objections.refusals).push_back(std::move(finding));
  }
  return objections;
}

}  // namespace timectl::rehearse
