// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "features/controller/act_decision.hpp"
#include "probe/finding.hpp"
#include "profile/profile.hpp"
#include "system/services.hpp"

#include <optional>

/// Whether the controller's processes are as a check decided.
namespace timectl::features {

struct Aftermath {
  std::optional<probe::Finding> finding;
  int step = 0;  ///< of what the unit is given or a process has; 0: nothing saves power
};

/// Compares decision, unit and all processes of its control group. Not to be asked while a restart
/// of ours is under way. What systemd does not answer, and what is not known, is left to verify.
Aftermath compare_processes(const ControllerView& observed, const DropInDecision& decision,
                            const profile::PowerLevels& levels,
                            const system::ServiceReader& services);

/// The controller is down; `is_ours`: it did not come up when timectl restarted it.
probe::Finding has_failed(const ControllerView& observed, bool is_ours);

}  // namespace timectl::features
