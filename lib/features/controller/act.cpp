// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "controller/contract.hpp"
#include "features/controller/act_power.hpp"
#include "features/controller/act_power_saving.hpp"
#include "features/controller/findings.hpp"
#include "features/controller/rows.hpp"
#include "observe/judge.hpp"

#include <optional>

/// Power saving: allowed by a time that can be trusted, withdrawn at once.
namespace timectl::features {

namespace {

using monitor::Situation;

/// Where nothing may be given: whether the drop-in that is there may stay.
bool may_stay(const Situation& situation, const Allowance& allowance) {
  const auto path = controller::drop_in_path(situation.host.controller->unit);
  const auto drop_in = situation.ports.files.read(path);
  // A list without steps may have a POWER_LEVEL of its own, which is no step.
  const bool has_steps = controller::has_steps(allowance.levels);
  int step = drop_in ? 1 : 0;
  if (drop_in && has_steps) {
    step = controller::step_of(controller::variables_of(drop_in->content));
  }
  if (step > allowance.highest) return false;
  situation.tick.saving = drop_in.has_value();
  if (has_steps) situation.tick.power_level = step;
  return true;
}

void set_power_saving(Situation& situation) {
  const auto& controller = *situation.host.controller;
  const auto& judgement = situation.time.judgement;
  const auto now = situation.ports.readers.clock.since_boot();
  const bool is_trusted =
      observe::follows_trusted_server(situation.seen, situation.time, situation.limits);
  auto& since = situation.state.trusted_since;
  since = trusted_since(situation.state, is_trusted, now, situation.limits.longest_without_check);
  Allowance allowance{controller.levels, judgement.state, 0,
                      is_trusted ? situation.seen.daemon.followed : ""};
  if (since) {
    allowance.highest = controller::highest_step(controller.levels,
                                                 {judgement.state, judgement.bound, now - *since});
  }
  if (situation.scope == monitor::Scope::only_take_away) {
    if (is_trusted && may_stay(situation, allowance)) return;
    allowance.highest = 0;
  }
  update_power_saving(
      {controller, situation.ports, situation.dry_run, situation.state, situation.tick}, allowance);
}

/// From the controller that an earlier check of this boot allowed to save power.
void withdraw(const monitor::Withdrawal& withdrawal) {
  auto& state = withdrawal.state;
  if (state.controller.empty()) return;
  profile::ControllerFeature controller;
  controller.unit = state.controller;
  state.trusted_since.reset();
  update_power_saving({controller, withdrawal.ports, withdrawal.dry_run, state, withdrawal.tick},
                      {controller.levels, quality::State::unsynchronized, 0, ""});
}

bool saves_power(const profile::Host& host) { return host.controller && host.client; }

constexpr probe::FindingName names_beside_verify[] = {row::controller_hold_off};

}  // namespace

constinit const monitor::Step controller_steps[1] = {
    {.turn = monitor::Turn::first,
     .applies = saves_power,
     .act = set_power_saving,
     .withdraw = withdraw,
     .prints = names_beside_verify},
};

}  // namespace timectl::features
