// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "rehearse/record.hpp"
#include "rehearse/stage.hpp"

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

}  // namespace

std::vector<Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                              const profile::Host& host, std::span<const Rehearsal> rehearsals,
                              const Ports& ports) {
  const auto& probes = ports.probes;
  const auto stage = make_stage(target, profile, host, probes.files, probes.processes);
  const Scene scene{target, host, probes, stage.configuration};
  const auto text = ports.sandbox.run_inside(
      stage.sandbox, [&] { return to_text(ask_all(scene, rehearsals)); }, longest);
  return from_text(text);
}

}  // namespace timectl::rehearse
