// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/packages_apt.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace timectl::system::os {

namespace {

/// The value of the field on this line, if it is that field's.
std::optional<std::string_view> value_of(std::string_view line, std::string_view field) {
  if (!line.starts_with(field)) return std::nullopt;
  return line.substr(field.size());
}

/// By the last of its three words: the first is what is wanted ("hold" for a pinned package), and
/// one that waits for a trigger is unpacked and configured.
bool is_installed_state(std::string_view state) {
  const auto word = state.substr(state.rfind(' ') + 1);
  return word == "installed" || word == "triggers-awaited" || word == "triggers-pending";
}

struct AptWords {
  std::string_view said;
  ErrorKind kind;
  const char* hint;
};
constexpr const char* fetch_hint = "run apt-get update, or come back with a network";
constexpr std::array<AptWords, 8> apt_words{{
    {"dpkg was interrupted", ErrorKind::external, "run dpkg --configure -a"},
    {"Unable to locate package", ErrorKind::missing, fetch_hint},
    {"has no installation candidate", ErrorKind::missing, fetch_hint},
    {"Can't find a source to download", ErrorKind::missing, fetch_hint},
    {"Unable to fetch some archives", ErrorKind::missing, fetch_hint},
    {"Failed to fetch", ErrorKind::missing, fetch_hint},
    {"Could not get lock", ErrorKind::busy, "another package tool is at work: wait for it"},
    {"are you root?", ErrorKind::permission, "run it as root"},
}};

/// RFC 3986, 2.1: "%2b" is '+'.
std::string unquoted_uri(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(i + 1, 2);
    unsigned char code = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16).ptr;
    const bool is_quoted = text[i] == '%' && end == digits.data() + 2;
    plain += is_quoted ? static_cast<char>(code) : text[i];
    if (is_quoted) i += 2;
  }
  return plain;
}

/// apt's last error, which is what a user would see first.
std::string reason_of(const CommandResult& result) {
  std::string reason;
  for (const auto& line : lines_of(result.errors)) {
    if (line.starts_with("E: ")) return line.substr(3);
    if (!trim(line).empty()) reason = trim(line);
  }
  return reason.empty() ? fmt::format("exit status {}", result.status) : reason;
}

}  // namespace

// One pass with memchr (inside find), no copies: the file has some megabytes, and a second run of
// provision that finds nothing to do should take a few milliseconds in all.
std::map<std::string, std::string> parse_dpkg_status(std::string_view status) {
  std::map<std::string, std::string> installed;
  std::string_view name;
  bool is_installed = false;
  while (!status.empty()) {
    const auto end = std::min(status.find('\n'), status.size());
    const auto line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (line.empty() || line.front() == ' ') continue;  // most of them: lists and descriptions
    if (const auto package = value_of(line, "Package: ")) {
      name = *package;
      is_installed = false;
    } else if (const auto state = value_of(line, "Status: ")) {
      is_installed = is_installed_state(*state);
    } else if (const auto version = value_of(line, "Version: "); version && is_installed) {
      installed.emplace(name, *version);
    }
  }
  return installed;
}

PackageSteps parse_simulation(std::string_view output) {
  PackageSteps steps;
  for (const auto& line : lines_of(output)) {
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    if (words[0] == "Inst") steps.install.push_back(words[1]);
    if (words[0] == "Remv" || words[0] == "Purg") steps.remove.push_back(words[1]);
  }
  return steps;
}

// "Inst chrony [4.2-1] (4.3-2+deb12u1 Debian:12.5/stable [amd64])", the old version in brackets
// only where there is one.
std::map<std::string, std::string> parse_simulated_versions(std::string_view output) {
  std::map<std::string, std::string> versions;
  for (const auto& line : lines_of(output)) {
    const auto words = words_of(line);
    if (words.size() < 3 || words[0] != "Inst") continue;
    const auto version = std::find_if(words.begin() + 2, words.end(), [](const std::string& word) {
      return word.starts_with('(');
    });
    if (version != words.end()) versions.emplace(words[1], version->substr(1));
  }
  return versions;
}

// "'file:/srv/debian/pool/chrony_4.3-2%2bdeb12u1_amd64.deb' chrony_4.3-2+deb12u1_amd64.deb 292 …"
std::vector<std::string> parse_local_archives(std::string_view uris) {
  constexpr std::string_view scheme = "'file:";
  std::vector<std::string> paths;
  for (const auto& line : lines_of(uris)) {
    const auto end = line.find('\'', 1);
    if (!line.starts_with(scheme) || end == std::string::npos) continue;
    const auto path = unquoted_uri(line.substr(scheme.size(), end - scheme.size()));
    paths.push_back(path.starts_with("//") ? path.substr(path.find_first_not_of('/') - 1) : path);
  }
  return paths;
}

std::optional<PackageProgress> parse_progress(std::string_view line) {
  for (const auto* words : {"Need to get ", "After this operation, "}) {
    if (line.starts_with(words)) return PackageProgress{std::string{trim(line)}, {}};
  }
  if (!line.starts_with("dlstatus:") && !line.starts_with("pmstatus:")) return std::nullopt;
  // Behind the package, which may have its architecture ("libc6:amd64"), or a number.
  for (auto at = line.find(':', line.find(':') + 1); at != std::string_view::npos;
       at = line.find(':', at + 1)) {
    const auto end = line.find(':', at + 1);
    if (end == std::string_view::npos) return std::nullopt;
    const auto field = line.substr(at + 1, end - at - 1);
    const auto percent = to_integer(field.substr(0, field.find('.')));
    if (!percent || *percent < 0 || *percent > 100) continue;
    return PackageProgress{std::string{trim(line.substr(end + 1))}, static_cast<int>(*percent)};
  }
  return std::nullopt;
}

void throw_apt_error(const CommandResult& result, const std::string& what) {
  if (result.timed_out) {
    throw Error{ErrorKind::timeout, fmt::format("cannot {}: it did not finish in time", what)};
  }
  const auto reason = reason_of(result);
  for (const auto& words : apt_words) {
    if (result.errors.find(words.said) == std::string::npos) continue;
    throw Error{words.kind, fmt::format("cannot {}: {}", what, reason), words.hint};
  }
  throw Error{ErrorKind::external, fmt::format("cannot {}: {}", what, reason)};
}

void throw_dpkg_error(const CommandResult& result, const std::string& what) {
  const auto lines = lines_of(result.errors);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    // Two lines: "dpkg: error processing archive x.deb (--install):" and why.
    if (!lines[i].starts_with("dpkg: error ")) continue;
    throw Error{ErrorKind::external,
                fmt::format("cannot {}: {} {}", what, lines[i].substr(6), trim(lines[i + 1]))};
  }
  throw_apt_error(result, what);
}

// " a conflicts with time-daemon", then, two columns in, one of
// "  b provides time-daemon and is present and installed." and
// "  b (version 1) is present and unpacked but not configured."
std::vector<std::string> parse_conflicts(std::string_view dpkg_errors) {
  std::vector<std::string> names;
  for (const auto& line : lines_of(dpkg_errors)) {
    if (!line.starts_with("  ") || line.find(" is present and ") == std::string::npos) continue;
    names.push_back(words_of(line).front());
  }
  return names;
}

}  // namespace timectl::system::os
