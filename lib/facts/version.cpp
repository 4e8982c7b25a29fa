// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"

#include <string_view>

namespace timectl::facts {

namespace {

/// Takes a number off the front of `text`; 0 when there is none or it is absurdly long.
int take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = to_integer(text.substr(0, std::min<std::size_t>(end, 9)));
  text.remove_prefix(end);
  return static_cast<int>(value.value_or(0));
}

}  // namespace

Version parse_version(const std::string& text) {
  Version version;
  version.text = text;
  std::string_view rest = text;
  const auto epoch = rest.find(':');
  if (epoch != std::string_view::npos) rest.remove_prefix(epoch + 1);
  version.major = take_number(rest);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    version.minor = take_number(rest);
  }
  return version;
}

}  // namespace timectl::facts
