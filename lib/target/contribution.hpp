// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

/// What a feature adds to a target: the row that render() takes a list of.
namespace timectl::target {

class Draft;

/// When a contribution is made. Within a phase the list's order counts.
enum class Phase {
  clock,     ///< which other daemons must not keep the clock
  host,      ///< address and names
  hardware,  ///< what sets the clock before its daemon runs
  services,  ///< what the host does for itself and others
  /// What an earlier set-up left: a line of it may stand in a file that has a block by now.
  existing,
};

/// `add` does nothing on a host that lacks the feature. Throws what render() does.
struct Contribution {
  Phase phase = Phase::services;
  void (*add)(Draft& draft) = nullptr;
};

}  // namespace timectl::target
