// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "monitor/step.hpp"
#include "probe/probe.hpp"
#include "rehearse/rehearsal.hpp"
#include "target/contribution.hpp"

#include <span>
#include <string_view>
#include <vector>

/// What timectl can do for a host, one folder each. A feature is rows of the modules that take a
/// list of them; no module includes a feature, and no feature another one.
namespace timectl::features {

struct Feature {
  std::string_view name;  ///< its folder's; others stand for rows of a module
  std::span<const target::Contribution> contributions = {};
  std::span<const probe::Probe> probes = {};
  std::span<const rehearse::Rehearsal> rehearsals = {};
  std::span<const monitor::Step> steps = {};
  std::span<const facts::Detector> detectors = {};
};

/// What they detect on a machine.
const std::vector<facts::Detector>& detectors();

/// What all of them add to a target.
std::vector<target::Contribution> contributions();

/// Every question of verify, those of no feature among them.
const std::vector<probe::Probe>& probes();

/// Every question of a rehearsal.
std::vector<rehearse::Rehearsal> rehearsals();

/// What a check does.
std::vector<monitor::Step> steps();

}  // namespace timectl::features
