// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/started.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::plan {

namespace {

std::string started_by(const Change& change) {
  if (const auto* unit = std::get_if<UnitChange>(&change)) {
    return unit->action == UnitAction::start ? unit->unit : "";
  }
  const auto* reaction = std::get_if<ReactionChange>(&change);
  if (reaction == nullptr) return "";
  const auto kind = reaction->reaction.kind;
  const bool restarts =
      kind == target::ReactionKind::restart || kind == target::ReactionKind::try_restart;
  return restarts ? reaction->reaction.subject : "";
}

}  // namespace

std::vector<std::string> started_units(const Plan& plan) {
  std::vector<std::string> units;
  for (const auto& change : plan.changes) {
    const auto unit = started_by(change);
    const bool is_new = std::find(units.begin(), units.end(), unit) == units.end();
    if (!unit.empty() && is_new) units.push_back(unit);
  }
  return units;
}

std::optional<std::string> why_down(const std::string& unit, const system::UnitState& state) {
  if (state.active_state == "failed") {
    return fmt::format("{} has failed ({})", unit, state.result.empty() ? "?" : state.result);
  }
  if (state.sub_state == "auto-restart") return unit + " ends as soon as it is started";
  return std::nullopt;
}

}  // namespace timectl::plan
