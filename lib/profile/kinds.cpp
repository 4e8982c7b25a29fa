// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"

#include "base/text.hpp"
#include "base/visible.hpp"
#include "profile/patterns.hpp"
#include "profile/reserved.hpp"
#include "rtc/chips.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace timectl::profile::kind {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool consists_of(std::string_view text, std::string_view first, std::string_view more = {}) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return first.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

/// The text of the spot when it passes `is_right`.
template <typename Predicate>
std::optional<std::string> text_that(const Spot& spot, std::string_view expected,
                                     Predicate is_right) {
  auto text = Text::read(spot);
  if (text && !is_right(*text)) {
    spot.reject(expected);
    return std::nullopt;
  }
  return text;
}

Value text_rule(int longest, std::string pattern) {
  return object_value({{"type", text_value("string")},
                       {"maxLength", number_value(longest)},
                       {"pattern", text_value(std::move(pattern))}});
}

bool is_variable(std::string_view text) {
  constexpr std::string_view of_values = "._:,/+-";
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos || text.size() > 200) return false;
  const auto name = text.substr(0, equals);
  return consists_of(name, letters_and_digits, "_") && !consists_of(name.substr(0, 1), digits) &&
         consists_of(text.substr(equals + 1), letters_and_digits, of_values) &&
         name != "NTP_SERVER";
}

std::string_view stem_of(std::string_view unit) { return unit.substr(0, unit.rfind('.')); }

/// systemd also allows '\\' (for escaped paths); no service is named so by a person, and in a
/// rendered line it would escape. "name@.service" has no instance that could be restarted, and a
/// drop-in of "name-.service" is one of every "name-*.service" (systemd.unit(5)).
bool is_service_unit(const std::string& unit) {
  constexpr std::size_t longest = 253;  // NAME_MAX, as "UNIT.d"
  if (!unit.ends_with(".service") || unit.size() > longest) return false;
  const auto stem = stem_of(unit);
  return !stem.empty() && consists_of(stem, letters_and_digits, ":_.-@") &&
         std::string_view{"@-."}.find(stem.front()) == std::string_view::npos &&
         std::string_view{"@-"}.find(stem.back()) == std::string_view::npos;
}

/// A slash at the end is fine; a directory has one spelling besides.
bool is_path(const std::string& path) {
  return path.starts_with('/') && path.size() <= 200 && path.find("..") == std::string::npos &&
         path.find("//") == std::string::npos && (path + "/").find("/./") == std::string::npos &&
         consists_of(path, letters_and_digits, "/._-");
}

std::optional<int> from_hexadecimal(std::string_view text) {
  if (!text.starts_with("0x") || text.size() > 4) return std::nullopt;
  int number = 0;
  const auto [end, problem] =
      std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
  const bool whole = problem == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional{number} : std::nullopt;
}

}  // namespace

std::optional<std::string> Text::read(const Spot& spot) {
  if (spot.value.kind != Value::Kind::string) {
    spot.reject("text in double quotes");
    return std::nullopt;
  }
  const std::string& text = spot.value.text;
  // What a reviewer does not see would stand in units and configurations all the same.
  if (visible(text) != text) {
    spot.reject("text on one line, without control or invisible characters");
    return std::nullopt;
  }
  return text;
}

Value Text::rule() {
  return object_value(
      {{"type", text_value("string")}, {"pattern", text_value(R"(^[^\u0000-\u001f\u007f]*$)")}});
}

std::optional<bool> Truth::read(const Spot& spot) {
  if (spot.value.kind == Value::Kind::boolean) return spot.value.truth;
  spot.reject("true or false");
  return std::nullopt;
}

Value Truth::rule() { return object_value({{"type", text_value("boolean")}}); }

std::optional<long long> read_integer(const Spot& spot, long long least, long long most) {
  const bool whole = spot.value.kind == Value::Kind::integer;
  if (whole && spot.value.number >= least && spot.value.number <= most) return spot.value.number;
  spot.reject(fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

Value integer_rule(long long least, long long most) {
  return object_value({{"type", text_value("integer")},
                       {"minimum", number_value(least)},
                       {"maximum", number_value(most)}});
}

std::optional<int> LocalStratum::read(const Spot& spot) {
  constexpr int least = 8;
  const bool whole = spot.value.kind == Value::Kind::integer;
  if (!whole || spot.value.number < 1 || spot.value.number >= least) {
    return Number<8, 15>::read(spot);
  }
  spot.reject(
      fmt::format("a whole number from {} to 15: below it a server that follows a pool "
                  "would look like an island",
                  least));
  return std::nullopt;
}

std::optional<std::string> ProfileName::read(const Spot& spot) {
  return text_that(spot, "a name of at most 64 letters, digits, '.', '_' and '-'",
                   [](const std::string& name) {
                     return !name.empty() && name.size() <= 64 && name.front() != '.' &&
                            name.front() != '-' && consists_of(name, letters_and_digits, "._-");
                   });
}

Value ProfileName::rule() { return text_rule(64, "^[A-Za-z0-9_][A-Za-z0-9._-]*$"); }

std::optional<std::string> Description::read(const Spot& spot) {
  // It may be rendered into units, where a backslash escapes or joins lines and '%' expands.
  return text_that(spot, "at most 200 characters without '%' and '\\'",
                   [](const std::string& text) {
                     return text.size() <= 200 && text.find_first_of("%\\") == std::string::npos;
                   });
}

Value Description::rule() { return text_rule(200, R"(^[^\u0000-\u001f\u007f%\\]*$)"); }

void reject_word(const Spot& spot, const std::vector<std::string>& known) {
  spot.reject(fmt::format("one of {}{}", join(known, ", "), suggestion(spot.value.text, known)));
}

Value word_rule(const std::vector<std::string>& known) {
  return object_value({{"type", text_value("string")}, {"enum", list_of_texts(known)}});
}

std::optional<std::string> Role::read(const Spot& spot) {
  const auto role = WordOf<role_words>::read(spot);
  return role ? std::optional<std::string>{*role} : std::nullopt;
}

std::optional<std::string> Interface::read(const Spot& spot) {
  // The kernel allows more, but '*', '?', '[' and '!' are patterns in networkd's [Match] and '%'
  // expands in units: such a name would match other cards.
  return text_that(spot, "an interface name of 1 to 15 letters, digits, '.', '_' and '-'",
                   [](const std::string& name) {
                     return !name.empty() && name.size() <= 15 && name != "." && name != ".." &&
                            name.front() != '-' && consists_of(name, letters_and_digits, "._-");
                   });
}

Value Interface::rule() { return text_rule(15, "^[A-Za-z0-9._][A-Za-z0-9._-]*$"); }

std::optional<std::string> Mac::read(const Spot& spot) {
  const auto text = Text::read(spot);
  if (!text) return std::nullopt;
  auto mac = parse_mac(*text);
  if (!mac) spot.reject("the MAC address of a network interface such as \"b8:27:eb:12:34:56\"");
  return mac;
}

Value Mac::rule() {
  return object_value({{"type", text_value("string")},
                       {"pattern", text_value("^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$")}});
}

std::optional<std::string> Chip::read(const Spot& spot) {
  auto name = Text::read(spot);
  if (!name || rtc::find_chip(*name)) return name;
  const auto known = rtc::chip_names();
  spot.reject_outdated(fmt::format("the kernel's name of an RTC chip, one of {}{}",
                                   join(known, ", "), suggestion(*name, known)));
  return std::nullopt;
}

Value Chip::rule() { return word_rule(rtc::chip_names()); }

std::optional<int> I2cAddress::read(const Spot& spot) {
  constexpr std::string_view expected = "an I2C address from \"0x03\" to \"0x77\"";
  std::optional<int> address;
  if (spot.value.kind == Value::Kind::string) {
    address = from_hexadecimal(spot.value.text);
  } else if (spot.value.kind == Value::Kind::integer && spot.value.number <= 0x77) {
    address = static_cast<int>(std::max(spot.value.number, 0LL));
  }
  if (address && *address >= 0x03 && *address <= 0x77) return address;
  spot.reject(expected);
  return std::nullopt;
}

Value I2cAddress::write(int address) { return text_value(fmt::format("0x{:02x}", address)); }

Value I2cAddress::rule() {
  return object_value({{"type", list_of_texts({"string", "integer"})},
                       {"pattern", text_value("^0x[0-9A-Fa-f]{1,2}$")},
                       {"minimum", number_value(0x03)},
                       {"maximum", number_value(0x77)}});
}

std::optional<std::string> ServiceUnit::read(const Spot& spot) {
  auto unit = text_that(
      spot, "the name of a unit that ends in .service, of letters, digits, ':', '_', '.', '-', '@'",
      is_service_unit);
  if (!unit) return std::nullopt;
  const auto why = why_no_controller(stem_of(*unit));
  if (why.empty()) return unit;
  spot.reject(fmt::format("a unit that timectl may restart at any check: {} {}", *unit, why));
  return std::nullopt;
}

Value ServiceUnit::rule() { return text_rule(253, service_unit_pattern()); }

std::optional<std::string> Variable::read(const Spot& spot) {
  // No quotes, blanks, '%', '$' and backslashes: they have a meaning in a unit's Environment=.
  return text_that(spot,
                   "\"NAME=value\" of letters, digits and \"._:,/+-\"; NTP_SERVER is set by itself",
                   [](const std::string& text) { return is_variable(text); });
}

Value Variable::rule() {
  return text_rule(200, "^(?!NTP_SERVER=)[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9._:,/+-]*$");
}

std::optional<profile::Environment> Environment::read(const Spot& spot) {
  auto variables = ListOf<Variable>::read(spot);
  if (!variables) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& variable : *variables) {
    const auto name = variable.substr(0, variable.find('='));
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      spot.reject(fmt::format("{} a second time", name), "it once");
    }
    names.push_back(name);
  }
  return variables;
}

Value Environment::rule() {
  return object_value({{"type", text_value("array")},
                       {"uniqueItems", truth_value(true)},
                       {"items", Variable::rule()}});
}

std::optional<std::string> MetricsDirectory::read(const Spot& spot) {
  auto path = text_that(
      spot, "an absolute path of letters, digits, '/', '.', '_' and '-', without \"..\"", is_path);
  if (!path) return std::nullopt;
  if (path->size() > 1 && path->ends_with('/')) path->pop_back();
  const auto why = why_no_metrics(*path);
  if (why.empty()) return path;
  spot.reject(fmt::format(
      "a directory for metrics such as \"/var/lib/prometheus/node-exporter\": {} {}", *path, why));
  return std::nullopt;
}

Value MetricsDirectory::rule() { return text_rule(200, metrics_directory_pattern()); }

Value list_rule(std::string_view meaning, const Value& item, int least) {
  auto items = object_value({{"description", text_value(std::string{meaning})}});
  for (const Member& member : item.members) items.members.push_back(member);
  auto rule = object_value({{"type", text_value("array")}});
  if (least > 0) add(rule, "minItems", number_value(least));
  add(rule, "uniqueItems", truth_value(true));
  add(rule, "items", std::move(items));
  return rule;
}

}  // namespace timectl::profile::kind
