// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"

namespace timectl::facts {

using system::RootedPath;

namespace {

/// os-release(5) is shell: a value may stand in quotes, and \ escapes inside double ones.
std::string unquoted(std::string_view value) {
  value = trim(value);
  if (value.size() < 2 || (value.front() != '"' && value.front() != '\'')) {
    return std::string{value};
  }
  const bool escapes = value.front() == '"';
  std::string plain;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    if (escapes && value[i] == '\\' && i + 2 < value.size()) ++i;
    plain += value[i];
  }
  return plain;
}

std::map<std::string, std::string> parse_os_release(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const auto& line : lines_of(text)) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.starts_with('#')) continue;
    values[std::string{trim(line.substr(0, equals))}] = unquoted(line.substr(equals + 1));
  }
  return values;
}

}  // namespace

OperatingSystem read_os(const system::FileReader& files) {
  auto text = readable(files, RootedPath{"/etc/os-release"});
  if (!text) text = readable(files, RootedPath{"/usr/lib/os-release"});
  auto values = parse_os_release(text.value_or(""));

  OperatingSystem os;
  os.id = values["ID"];
  os.version_id = values["VERSION_ID"];
  os.codename = values["VERSION_CODENAME"];
  os.pretty_name = values["PRETTY_NAME"];
  // The 64-bit Raspberry Pi OS calls itself "debian": only its issue file shows it.
  os.is_raspberry_pi_os =
      os.id == "raspbian" || files.status(RootedPath{"/etc/rpi-issue"}).has_value();
  return os;
}

}  // namespace timectl::facts
