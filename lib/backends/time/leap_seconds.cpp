// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "system/chrony_files.hpp"

#include <algorithm>
#include <iterator>

namespace timectl::backends {

namespace {

using system::RootedPath;

/// Seconds between TAI and UTC that no table has.
constexpr long long implausible = 1000;

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

/// Of another path only a program knows where it leads.
bool is_plain(const std::string& path) {
  return path.starts_with('/') && path.find("/..") == std::string::npos;
}

/// chronyd's own test of a table: it knows that June 2012 had a leap second, and December none.
bool knows_2012(const LeapTable& table) {
  const WallTime june{std::chrono::seconds{1'341'100'799}};
  const WallTime december{std::chrono::seconds{1'356'998'399}};
  const auto leap = table.next(june);
  return table.tai_minus_utc(june) == 34 && leap && leap->inserted == 1 &&
         leap->after - june == std::chrono::seconds{1} && table.tai_minus_utc(december) == 35 &&
         table.tai_minus_utc(december + std::chrono::seconds{1}) == 35;
}

}  // namespace

std::optional<LeapTable> LeapTable::parse(std::string_view text) {
  LeapTable table;
  std::optional<WallTime> made;
  std::optional<WallTime> expires;
  for (const auto& line : lines_of(text)) {
    const auto shown = trim(line);
    const auto words = words_of(shown);
    if (shown.starts_with("#$") || shown.starts_with("#@")) {
      auto& date = shown[1] == '$' ? made : expires;
      date = ntp_time(trim(shown.substr(2)));
      if (!date) return std::nullopt;
    } else if (!shown.empty() && shown.front() != '#' && !table.add(words)) {
      return std::nullopt;
    }
  }
  if (!made || !expires || table.changes_.empty() || !knows_2012(table)) return std::nullopt;
  table.expires_ = *expires;
  return table;
}

bool LeapTable::add(const std::vector<std::string>& words) {
  if (words.size() < 2) return false;
  const auto at = ntp_time(words[0]);
  const auto offset = to_integer(words[1]).value_or(implausible);
  const bool is_later = at && (changes_.empty() || *at > changes_.back().at);
  if (!is_later || offset <= -implausible || offset >= implausible) return false;
  changes_.push_back({*at, static_cast<int>(offset)});
  return true;
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

std::optional<LeapTable> read_leap_table(const std::string& path, const system::FileReader& files) {
  const auto file = is_plain(path) ? files.read(RootedPath{path}) : std::nullopt;
  return file ? LeapTable::parse(file->content) : std::nullopt;
}

LeapSource leap_source_of_chrony(const system::FileReader& files) {
  const auto read = system::read_chrony_files(
      files, {platform::chrony::configuration, platform::chrony::own_drop_in,
              platform::chrony::own_sources});
  if (read.lacks_permission) throw Error{ErrorKind::permission, read.doubts.front()};
  LeapSource found;
  for (const auto& directive : read.directives) {
    if (directive.words.size() < 2) continue;
    if (directive.words[0] == "leapseclist") found.list = {directive.words[1], directive.file};
    if (directive.words[0] == "leapsectz") found.zone = {directive.words[1], directive.file};
  }
  return found;
}

}  // namespace timectl::backends
