// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/values.hpp"

#include "base/text.hpp"
#include "base/visible.hpp"
#include "profile/reserved.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace timectl::profile {

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
  auto text = as_text(spot);
  if (text && !is_right(*text)) {
    spot.reject(expected);
    return std::nullopt;
  }
  return text;
}

template <typename Meaning, std::size_t count>
using Words = std::array<std::pair<std::string_view, Meaning>, count>;

/// One of a few words.
template <typename Meaning, std::size_t count>
std::optional<Meaning> word_of(const Spot& spot, const Words<Meaning, count>& words) {
  const auto text = as_text(spot);
  if (!text) return std::nullopt;
  std::vector<std::string> known;
  for (const auto& [word, meaning] : words) {
    if (*text == word) return meaning;
    known.emplace_back(word);
  }
  spot.reject(fmt::format("one of {}{}", join(known, ", "), suggestion(*text, known)));
  return std::nullopt;
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

std::optional<std::string> as_variable(const Spot& spot) {
  // No quotes, blanks, '%', '$' and backslashes: they have a meaning in a unit's Environment=.
  return text_that(spot,
                   "\"NAME=value\" of letters, digits and \"._:,/+-\"; NTP_SERVER is set by itself",
                   [](const std::string& text) { return is_variable(text); });
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

std::optional<std::string> as_text(const Spot& spot) {
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

std::optional<bool> as_truth(const Spot& spot) {
  if (spot.value.kind == Value::Kind::boolean) return spot.value.truth;
  spot.reject("true or false");
  return std::nullopt;
}

std::optional<long long> as_integer(const Spot& spot, long long least, long long most) {
  const bool whole = spot.value.kind == Value::Kind::integer;
  if (whole && spot.value.number >= least && spot.value.number <= most) return spot.value.number;
  spot.reject(fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<int> as_local_stratum(const Spot& spot) {
  constexpr int least = 8;
  const bool whole = spot.value.kind == Value::Kind::integer;
  if (!whole || spot.value.number < 1 || spot.value.number >= least) {
    return as_number<least, 15>(spot);
  }
  spot.reject(
      fmt::format("a whole number from {} to 15: below it a server that follows a pool "
                  "would look like an island",
                  least));
  return std::nullopt;
}

std::optional<std::string> as_profile_name(const Spot& spot) {
  return text_that(spot, "a name of at most 64 letters, digits, '.', '_' and '-'",
                   [](const std::string& name) {
                     return !name.empty() && name.size() <= 64 && name.front() != '.' &&
                            name.front() != '-' && consists_of(name, letters_and_digits, "._-");
                   });
}

std::optional<std::string> as_description(const Spot& spot) {
  // It may be rendered into units, where a backslash escapes or joins lines and '%' expands.
  return text_that(spot, "at most 200 characters without '%' and '\\'",
                   [](const std::string& text) {
                     return text.size() <= 200 && text.find_first_of("%\\") == std::string::npos;
                   });
}

std::optional<std::string> as_role(const Spot& spot) {
  static constexpr Words<const char*, 2> roles{{{"server", "server"}, {"client", "client"}}};
  const auto role = word_of(spot, roles);
  return role ? std::optional<std::string>{*role} : std::nullopt;
}

std::optional<Addressing> as_addressing(const Spot& spot) {
  static constexpr Words<Addressing, 3> ways{{{"none", Addressing::none},
                                              {"static", Addressing::static_address},
                                              {"reservation", Addressing::reservation}}};
  return word_of(spot, ways);
}

std::optional<ClientDaemon> as_client_daemon(const Spot& spot) {
  static constexpr Words<ClientDaemon, 2> daemons{
      {{"timesyncd", ClientDaemon::timesyncd}, {"chrony", ClientDaemon::chrony}}};
  return word_of(spot, daemons);
}

std::optional<std::string> as_interface(const Spot& spot) {
  // The kernel allows more, but '*', '?', '[' and '!' are patterns in networkd's [Match] and '%'
  // expands in units: such a name would match other cards.
  return text_that(spot, "an interface name of 1 to 15 letters, digits, '.', '_' and '-'",
                   [](const std::string& name) {
                     return !name.empty() && name.size() <= 15 && name != "." && name != ".." &&
                            name.front() != '-' && consists_of(name, letters_and_digits, "._-");
                   });
}

std::optional<std::string> as_mac(const Spot& spot) {
  const auto text = as_text(spot);
  if (!text) return std::nullopt;
  auto mac = parse_mac(*text);
  if (!mac) spot.reject("the MAC address of a network card such as \"b8:27:eb:12:34:56\"");
  return mac;
}

std::optional<std::string> as_chip(const Spot& spot) {
  return text_that(spot, "the kernel's name of an RTC chip such as \"ds3231\"",
                   [](const std::string& name) {
                     return !name.empty() && name.size() <= 19 && name.front() != '-' &&
                            consists_of(name, "abcdefghijklmnopqrstuvwxyz", "0123456789-");
                   });
}

std::optional<int> as_i2c_address(const Spot& spot) {
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

std::optional<std::string> as_service_unit(const Spot& spot) {
  auto unit = text_that(
      spot, "the name of a unit that ends in .service, of letters, digits, ':', '_', '.', '-', '@'",
      is_service_unit);
  if (!unit) return std::nullopt;
  const auto why = why_no_controller(stem_of(*unit));
  if (why.empty()) return unit;
  spot.reject(fmt::format("a unit that timectl may restart at any check: {} {}", *unit, why));
  return std::nullopt;
}

std::optional<Environment> as_environment(const Spot& spot) {
  auto variables = as_list<as_variable>(spot);
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

std::optional<std::string> as_metrics_directory(const Spot& spot) {
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

}  // namespace timectl::profile
