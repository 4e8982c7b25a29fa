// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/unit_name.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::system {

namespace {

constexpr std::size_t longest_name = 255;  // UNIT_NAME_MAX, without the NUL
constexpr std::string_view allowed =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";

/// Where the instance begins and ends; both npos for a unit that has no "@".
struct Place {
  std::size_t at = std::string_view::npos;
  std::size_t dot = std::string_view::npos;
  bool has_at() const { return at != std::string_view::npos; }
};

Place place_of_instance(std::string_view unit) {
  const Place place{unit.find('@'), unit.rfind('.')};
  const bool is_whole = place.has_at() && place.dot != std::string_view::npos;
  return is_whole && place.at < place.dot ? place : Place{};
}

}  // namespace

bool is_unit_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (name.size() > longest_name || dot == std::string_view::npos || dot == 0) return false;
  if (name.front() == '-') return name == "-.mount" || name == "-.slice";
  if (name.front() == '@') return false;
  const bool is_suffix_known = std::find(unit_suffixes.begin(), unit_suffixes.end(),
                                         name.substr(dot)) != unit_suffixes.end();
  return is_suffix_known && name.find_first_not_of(allowed) == std::string_view::npos;
}

void require_unit_name(std::string_view name, const std::string& what) {
  if (is_unit_name(name)) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot {}: '{}' is not the name of a unit", what, name)};
}

std::string template_of(std::string_view unit) {
  const auto place = place_of_instance(unit);
  if (!place.has_at() || place.at + 1 == place.dot) return {};
  return std::string{unit.substr(0, place.at + 1)}.append(unit.substr(place.dot));
}

std::string instance_of(std::string_view unit) {
  const auto place = place_of_instance(unit);
  if (!place.has_at()) return {};
  return std::string{unit.substr(place.at + 1, place.dot - place.at - 1)};
}

std::string instantiate(std::string_view unit_template, std::string_view instance) {
  const auto place = place_of_instance(unit_template);
  if (!place.has_at()) return std::string{unit_template};
  return std::string{unit_template.substr(0, place.at + 1)}.append(instance).append(
      unit_template.substr(place.dot));
}

bool is_template(std::string_view unit) {
  const auto place = place_of_instance(unit);
  return place.has_at() && place.at + 1 == place.dot;
}

bool holds_links(std::string_view directory) {
  return directory.ends_with(".wants") || directory.ends_with(".requires") ||
         directory.ends_with(".upholds");
}

}  // namespace timectl::system
