// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"

#include "base/text.hpp"
#include "system/limits.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace timectl::backends {

namespace {

using system::RootedPath;

/// Seconds since 1900, as NTP counts them, up to the year 2262 (the end of WallTime).
std::optional<WallTime> ntp_time(std::string_view digits) {
  constexpr long long from_1900_to_1970 = 2'208'988'800;
  constexpr long long end = 9'223'372'036;
  const auto seconds = to_integer(digits);
  if (!seconds || *seconds < from_1900_to_1970 || *seconds - from_1900_to_1970 > end) {
    return std::nullopt;
  }
  return WallTime{std::chrono::seconds{*seconds - from_1900_to_1970}};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Comments begin with one of four characters (chrony.conf(5)).
bool is_comment(std::string_view line) {
  return line.empty() || std::string_view{"#%!;"}.find(line.front()) != std::string_view::npos;
}

void read_directives(const std::string& text, LeapSource& source) {
  for (const auto& line : lines_of(text)) {
    if (is_comment(trim(line))) continue;
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    if (lower(words[0]) == "leapseclist") source.list = words[1];
    if (lower(words[0]) == "leapsectz") source.zone = words[1];
  }
}

}  // namespace

std::optional<LeapTable> LeapTable::parse(std::string_view text) {
  LeapTable table;
  std::optional<WallTime> expires;
  for (const auto& line : lines_of(text)) {
    const auto shown = trim(line);
    const auto words = words_of(shown);
    if (shown.starts_with("#@")) {
      expires = ntp_time(trim(shown.substr(2)));
      if (!expires) return std::nullopt;
    } else if (!shown.empty() && shown.front() != '#') {
      const auto at = ntp_time(words.front());
      const auto offset = words.size() > 1 ? to_integer(words[1]) : std::nullopt;
      const bool is_later = at && (table.changes_.empty() || *at > table.changes_.back().at);
      if (!is_later || !offset || *offset < -1000 || *offset > 1000) return std::nullopt;
      table.changes_.push_back({*at, static_cast<int>(*offset)});
    }
  }
  if (!expires || table.changes_.empty()) return std::nullopt;
  table.expires_ = *expires;
  return table;
}

int LeapTable::tai_minus_utc(WallTime time) const {
  int offset = changes_.front().tai_minus_utc;
  for (const auto& change : changes_) {
    if (change.at <= time) offset = change.tai_minus_utc;
  }
  return offset;
}

std::optional<LeapSecond> LeapTable::next(WallTime time) const {
  const auto found = std::find_if(changes_.begin(), changes_.end(),
                                  [time](const Change& change) { return change.at > time; });
  if (found == changes_.begin() || found == changes_.end()) return std::nullopt;
  return LeapSecond{found->at, found->tai_minus_utc - std::prev(found)->tai_minus_utc};
}

LeapSource leap_source_of_chrony(const system::FileReader& files) {
  const RootedPath directory{"/etc/chrony/conf.d"};
  std::vector<RootedPath> paths{RootedPath{"/etc/chrony/chrony.conf"}};
  auto names = files.list(directory);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (name.ends_with(".conf")) paths.push_back(directory / name);
  }
  LeapSource source;
  for (const auto& path : paths) {
    if (const auto file = files.read(path)) read_directives(file->content, source);
  }
  return source;
}

}  // namespace timectl::backends
