// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/patterns.hpp"

#include "base/text.hpp"
#include "profile/names.hpp"
#include "profile/reserved.hpp"

#include <fmt/format.h>

#include <cctype>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::profile {

namespace {

constexpr std::string_view label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/// "[Ll][Oo]" of "lo": a JSON Schema has no flag for it.
std::string in_any_case(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) {
      pattern += c == '.' ? "\\." : std::string{c};
      continue;
    }
    pattern +=
        fmt::format("[{}{}]", static_cast<char>(std::toupper(static_cast<unsigned char>(c))), c);
  }
  return pattern;
}

/// The names that mean something on every host: of one label, or of several.
std::vector<std::string> local_in_any_case(bool is_one_label) {
  // "localhost.localdomain" is a name below localhost.localdomain as well, which has its own rule.
  std::vector<std::string> patterns;
  for (const auto name : local_names()) {
    const bool one_label = name.find('.') == std::string_view::npos;
    if (one_label == is_one_label && name != "localhost.localdomain") {
      patterns.push_back(in_any_case(name));
    }
  }
  return patterns;
}

/// What begins so, or is exactly so.
struct Refused {
  std::vector<std::string> whole;
  std::vector<std::string> beginnings;
};

Refused refused(std::span<const Reserved> all, std::string_view rest) {
  Refused refused;
  for (const auto& each : all) {
    const bool is_beginning = each.pattern.ends_with(rest);
    auto stem = std::string{each.pattern};
    if (is_beginning) stem.resize(stem.size() - rest.size());
    (is_beginning ? refused.beginnings : refused.whole).push_back(stem);
  }
  return refused;
}

}  // namespace

std::string host_name_pattern() {
  auto words = local_in_any_case(true);
  for (const auto* word : {"ignore", "infinite"}) words.push_back(in_any_case(word));
  return fmt::format("^(?!(?:[0-9]+[SsMmHhDdWw]?|0[Xx][0-9A-Fa-f]*|{})$){}$", join(words, "|"),
                     label);
}

std::string remote_name_pattern() {
  const auto localhost = in_any_case("localhost");
  return fmt::format(R"((?!(?:.*\.)?(?:[0-9]+|0[Xx][0-9A-Fa-f]*)$)(?!(?:{})$))"
                     R"((?!(?:.*\.)?{}(?:\.{})?$)(?!(?:{})$){}(?:\.{})*)",
                     join(local_in_any_case(true), "|"), localhost, in_any_case("localdomain"),
                     join(local_in_any_case(false), "|"), label, label);
}

std::string service_unit_pattern() {
  const auto [whole, beginnings] = refused(reserved_units(), "*");
  return fmt::format(
      R"(^(?!(?:{})\.service$)(?!{})[A-Za-z0-9:_](?:[A-Za-z0-9:_.@-]*[A-Za-z0-9:_.])?\.service$)",
      join(whole, "|"), join(beginnings, "|"));
}

std::string metrics_directory_pattern() {
  const auto [whole, tops] = refused(reserved_directories(), "/*");
  // The root is no directory of a name, which the end of the pattern asks for.
  std::vector<std::string> named;
  for (const auto& each : whole) {
    if (each != "/") named.push_back(each);
  }
  return fmt::format(
      R"(^(?!.*(?:\.\.|/\./|/\.$))(?!(?:{})/?$)(?!(?:{})(?:/|$))(?:/[A-Za-z0-9._-]+)+/?$)",
      join(named, "|"), join(tops, "|"));
}

}  // namespace timectl::profile
