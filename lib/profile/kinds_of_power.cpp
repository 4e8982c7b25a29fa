// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/schema.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace timectl::profile::kind {

namespace {

/// The longest that a client's root_distance_max_s may be, and less than any clock is known to.
constexpr double least_bound = 0.000001;
constexpr double largest_bound = 16;

Spot at_key(const Spot& step, std::string_view key) {
  const Value* value = step.value.find(key);
  return value == nullptr ? step : Spot{*value, pointer_to(step.pointer, key), step.mistakes};
}

std::string in_words(const std::optional<timectl::Seconds>& bound) {
  return bound ? fmt::format("bound_s {}", bound->count()) : "no bound_s";
}

/// Later steps save more power, so that they need a time that is at least as good.
void check_order(const Spot& spot, std::size_t index, const PowerStep& before,
                 const PowerStep& step) {
  const Spot at = spot.item(index);
  const auto unlimited = timectl::Seconds{std::numeric_limits<double>::infinity()};
  if (step.bound.value_or(unlimited) > before.bound.value_or(unlimited)) {
    at_key(at, "bound_s")
        .reject(fmt::format("step {} with {}", index + 1, in_words(step.bound)),
                fmt::format("at most {}, that of step {}: later steps save more power",
                            before.bound->count(), index));
  }
  if (step.after < before.after) {
    at_key(at, "after_s")
        .reject(fmt::format("step {} with after_s {}", index + 1, step.after.count()),
                fmt::format("at least {}, that of step {}: later steps save more power",
                            before.after.count(), index));
  }
}

bool is_text(const Value& value) { return value.kind == Value::Kind::string; }

std::optional<profile::PowerLevel> read_steps(const Spot& spot) {
  profile::PowerLevel level;
  level.is_list = false;
  for (std::size_t i = 0; i < spot.value.items.size(); ++i) {
    const Spot at = spot.item(i);
    if (at.value.kind != Value::Kind::object) {
      at.reject("an object with bound_s, after_s and environment, as the first step is");
      return std::nullopt;
    }
    PowerStep step;
    read_object(at, step_table, step);
    const bool is_read = !spot.mistakes.concern(spot.pointer);
    if (i > 0 && is_read) check_order(spot, i, level.steps.back(), step);
    level.steps.push_back(std::move(step));
  }
  return level;
}

}  // namespace

std::optional<timectl::Seconds> StepBound::read(const Spot& spot) {
  const bool is_number =
      spot.value.kind == Value::Kind::integer || spot.value.kind == Value::Kind::real;
  const auto number = is_number ? to_number(spot.value.text) : std::nullopt;
  if (number && *number >= least_bound && *number <= largest_bound) {
    return timectl::Seconds{*number};
  }
  spot.reject(fmt::format("a number of seconds from 0.000001 to {}", largest_bound));
  return std::nullopt;
}

Value StepBound::rule() {
  return object_value({{"type", text_value("number")},
                       {"minimum", real_value(least_bound)},
                       {"maximum", real_value(largest_bound)}});
}

std::optional<profile::Environment> StepEnvironment::read(const Spot& spot) {
  auto variables = Environment::read(spot);
  for (std::size_t i = 0; variables && i < spot.value.items.size(); ++i) {
    const Spot at = spot.item(i);
    if (!is_text(at.value) || !at.value.text.starts_with("POWER_LEVEL=")) continue;
    at.reject("another name: POWER_LEVEL is the number of the step, and set by itself");
  }
  return variables;
}

Value StepEnvironment::rule() {
  auto rule = Environment::rule();
  for (Member& member : rule.members) {
    if (member.key != "items") continue;
    add(member.value, "not", object_value({{"pattern", text_value("^POWER_LEVEL=")}}));
  }
  return rule;
}

std::optional<profile::PowerLevel> PowerLevel::read(const Spot& spot) {
  const auto& items = spot.value.items;
  const bool is_list_of_objects = spot.value.kind == Value::Kind::array && !items.empty() &&
                                  items.front().kind == Value::Kind::object;
  if (is_list_of_objects) return read_steps(spot);
  auto variables = Environment::read(spot);
  return variables ? std::optional{profile::PowerLevel{*std::move(variables)}} : std::nullopt;
}

Value PowerLevel::write(const profile::PowerLevel& level) {
  if (level.is_list) {
    return Environment::write(level.steps.empty() ? profile::Environment{}
                                                  : level.steps.front().environment);
  }
  std::vector<Value> steps;
  for (const auto& step : level.steps) steps.push_back(write_object(step_table, step));
  return list_value(std::move(steps));
}

Value PowerLevel::rule() {
  auto step = object_value({{"type", text_value("object")}});
  auto definitions = object_value();
  auto properties = object_value();
  for (const Key& key : object_of(step_table).keys) {
    add(properties, key.key, rule_of(key, definitions));
  }
  add(step, "additionalProperties", truth_value(false));
  add(step, "properties", std::move(properties));
  auto steps = object_value({{"description", text_value(std::string{step_table.description})}});
  add(steps, "items", std::move(step));
  return object_value({{"type", text_value("array")},
                       {"anyOf", list_value({Environment::rule(), std::move(steps)})}});
}

}  // namespace timectl::profile::kind
