// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_power.hpp"

#include <algorithm>

namespace timectl::features {

using monitor::State;

namespace {

PowerDecision give(const PowerView& view, int step) {
  const auto& allowance = view.allowance;
  const auto text =
      controller::wanted_text(allowance.levels, allowance.state, step, allowance.server);
  return {text.empty() ? 0 : step, decide_drop_in(view.observed, text), std::nullopt};
}

bool changes(const PowerView& view, const PowerDecision& decision) {
  return begins(view.observed, decision.drop_in, view.state);
}

std::optional<Delay> delay_of(const PowerView& view, std::size_t restarts) {
  return delay_of_saving(view.state, view.rules, view.now, restarts);
}

PowerDecision go_down(const PowerView& view, int step) {
  auto decision = give(view, step);
  const bool may_end_later = has_room(view.state, view.rules, view.now, restarts_for(1));
  return may_end_later || !changes(view, decision) ? decision : give(view, 0);
}

/// Stays at the step, whose text may be another one now.
PowerDecision stay(const PowerView& view, int step) {
  auto decision = give(view, step);
  if (!changes(view, decision)) return decision;
  const auto delay = delay_of(view, restarts_for(1));
  if (!delay) return decision;
  auto end = give(view, 0);
  end.delay = delay;
  return end;
}

}  // namespace

std::optional<std::chrono::nanoseconds> trusted_since(const State& before, bool is_trusted,
                                                      std::chrono::nanoseconds now,
                                                      std::chrono::nanoseconds longest_gap) {
  if (!is_trusted) return std::nullopt;
  const bool goes_on = before.trusted_since && now - before.ticked <= longest_gap;
  return goes_on ? *before.trusted_since : now;
}

int step_in_force(const ControllerView& observed, const State& state) {
  if (!observed.drop_in) return 0;
  return std::min(state.power_step,
                  controller::step_of(controller::variables_of(*observed.drop_in)));
}

PowerDecision decide_power(const PowerView& view) {
  const int present = step_in_force(view.observed, view.state);
  const int highest = view.allowance.highest;
  if (highest < present) return go_down(view, highest);
  if (highest == present) return stay(view, present);
  if (present > 0 && changes(view, give(view, present))) return stay(view, present);
  auto decision = give(view, present + 1);
  if (!changes(view, decision)) return decision;
  const auto delay = delay_of(view, restarts_for(present + 1));
  if (!delay) return decision;
  decision = give(view, present);
  decision.delay = delay;
  return decision;
}

void note_given(const ControllerView& observed, const PowerDecision& decision,
                std::chrono::nanoseconds now, State& state) {
  const bool is_down = decision.step < step_in_force(observed, state);
  if (is_down || decision.drop_in.file == FileStep::remove) note_loss(state, now);
  state.given = decision.drop_in.text;
  state.power_step = decision.step;
}

}  // namespace timectl::features
