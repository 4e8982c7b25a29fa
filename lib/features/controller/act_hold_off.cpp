// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_hold_off.hpp"

#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace timectl::features {

using monitor::State;

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Instants = std::vector<nanoseconds>;

constexpr nanoseconds hour = 1h;

/// Those of the `span` before `now`, in order.
Instants within(const Instants& instants, nanoseconds span, nanoseconds now) {
  Instants recent;
  std::copy_if(instants.begin(), instants.end(), std::back_inserter(recent),
               [&](auto instant) { return now - instant < span; });
  std::sort(recent.begin(), recent.end());
  return recent;
}

void forget_beyond(Instants& instants, nanoseconds span, nanoseconds now) {
  instants = within(instants, span, now);
}

/// At most so many restarts within that span.
struct Cap {
  nanoseconds span;
  std::size_t most;
};

/// When `count` more restarts fit in; nullopt: now.
std::optional<nanoseconds> room_for(std::size_t count, const Instants& restarts, const Cap& cap,
                                    nanoseconds now) {
  const auto recent = within(restarts, cap.span, now);
  if (recent.size() + count <= cap.most) return std::nullopt;
  const auto too_many = recent.size() + count - cap.most;
  // The profile has no steps that never fit; a state may be of another profile.
  return (too_many > recent.size() ? now : recent[too_many - 1]) + cap.span;
}

std::optional<Delay> by_hold_off(const State& state, const HoldOffRules& rules, nanoseconds now) {
  const auto losses = within(state.losses, hour, now);
  if (losses.size() < 2) return std::nullopt;
  auto wait = std::min(rules.hold_off, hour);
  for (std::size_t flap = 2; flap < losses.size() && wait < hour; ++flap) wait *= 2;
  const auto until = losses.back() + std::min(wait, hour);
  if (now >= until) return std::nullopt;
  return Delay{fmt::format("power saving was lost {} times within an hour", losses.size()), until};
}

std::string restarts_ahead(std::size_t count) {
  return count == restarts_for(1)
             ? "to begin and to end takes two more"
             : fmt::format("the next step up and all steps down again take {} more", count);
}

std::optional<Delay> by_cap(const State& state, const HoldOffRules& rules, nanoseconds now,
                            std::size_t count) {
  const auto until = room_for(count, state.restarts, {hour, rules.restarts_per_hour}, now);
  if (!until) return std::nullopt;
  return Delay{fmt::format("monitor restarted it {} times within an hour, and {}; "
                           "restarts_per_hour is {}",
                           within(state.restarts, hour, now).size(), restarts_ahead(count),
                           rules.restarts_per_hour),
               *until};
}

std::optional<Delay> by_start_limit(const State& state, const HoldOffRules& rules, nanoseconds now,
                                    std::size_t count) {
  if (rules.start_limit_interval <= 0ns || rules.start_limit_burst == 0) return std::nullopt;
  // A unit that allows one start would never save power; its count is reset before each of ours.
  const auto most = std::max<std::size_t>(rules.start_limit_burst, count);
  const auto until = room_for(count, state.restarts, {rules.start_limit_interval, most}, now);
  if (!until) return std::nullopt;
  return Delay{fmt::format("its unit allows {} starts within {} (StartLimitBurst=)",
                           rules.start_limit_burst, format_span(rules.start_limit_interval)),
               *until};
}

}  // namespace

HoldOffRules hold_off_rules(const profile::ControllerFeature& controller,
                            const system::UnitState& unit) {
  // Nanoseconds hold 292 years; longer is "infinity", and no boot lasts as long.
  constexpr std::chrono::microseconds longest = 24h * 365;
  return {controller.boot_hold_off, controller.hold_off,
          static_cast<std::size_t>(controller.restarts_per_hour),
          std::min(unit.start_limit_interval, longest), unit.start_limit_burst};
}

std::optional<Delay> delay_of_saving(const State& state, const HoldOffRules& rules, nanoseconds now,
                                     std::size_t restarts) {
  if (now < rules.boot_hold_off) {
    return Delay{"the host has just started", rules.boot_hold_off, true};
  }
  std::optional<Delay> longest;
  for (auto delay : {by_hold_off(state, rules, now), by_cap(state, rules, now, restarts),
                     by_start_limit(state, rules, now, restarts)}) {
    if (delay && (!longest || delay->until > longest->until)) longest = delay;
  }
  return longest;
}

bool has_room(const State& state, const HoldOffRules& rules, nanoseconds now,
              std::size_t restarts) {
  return !by_cap(state, rules, now, restarts) && !by_start_limit(state, rules, now, restarts);
}

void note_loss(State& state, nanoseconds now) {
  forget_beyond(state.losses, hour, now);
  state.losses.push_back(now);
}

void note_own_restart(State& state, const HoldOffRules& rules, nanoseconds now) {
  forget_beyond(state.restarts, std::max(hour, rules.start_limit_interval), now);
  // A unit's interval may be days; more than its burst never count.
  const std::size_t most = std::max<std::size_t>(rules.restarts_per_hour, 60);
  if (state.restarts.size() >= most) state.restarts.erase(state.restarts.begin());
  state.restarts.push_back(now);
}

}  // namespace timectl::features
