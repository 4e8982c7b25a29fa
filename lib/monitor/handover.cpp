// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/handover.hpp"

#include "monitor/state.hpp"

namespace timectl::monitor {

Tick withdraw_from_controller(const Ports& ports, std::span<const Step> steps,
                              const std::string& next) {
  const auto boot_id = ports.readers.clock.boot_id();
  const auto before = read_state(ports.files, boot_id).controller;
  if (before.empty() || before == next) return {};
  const auto tick = withdraw_all(ports, steps, DryRun::no);
  if (!tick.could_update_power_saving) return tick;
  auto state = read_state(ports.files, boot_id);
  state.controller.clear();
  state.given.clear();
  state.restarting_from.clear();
  write_state(ports.files, state);
  return tick;
}

}  // namespace timectl::monitor
