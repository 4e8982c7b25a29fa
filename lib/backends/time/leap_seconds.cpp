// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"

#include "base/text.hpp"
#include "platform/platform.hpp"

#include <algorithm>
#include <cctype>
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

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Comments begin with one of four characters (chrony.conf(5)).
bool is_comment(std::string_view line) {
  return line.empty() || std::string_view{"#%!;"}.find(line.front()) != std::string_view::npos;
}

/// Of another path only a program knows where it leads.
bool is_plain(const std::string& path) {
  return path.starts_with('/') && path.find("/..") == std::string::npos;
}

/// Reads files as chronyd does, one line after the other.
class Configuration {
 public:
  explicit Configuration(const system::FileReader& files) : files_(files) {}

  void read(const std::string& path, int depth) {
    constexpr int deepest = 10;  // as chronyd's (conf.c)
    const auto file = is_plain(path) ? files_.read(RootedPath{path}) : std::nullopt;
    if (!file || depth > deepest) return;
    for (const auto& line : lines_of(file->content)) {
      if (is_comment(trim(line))) continue;
      const auto words = words_of(line);
      if (words.size() > 1) read_line(words, path, depth);
    }
  }

  LeapSource found;

 private:
  void read_line(const std::vector<std::string>& words, const std::string& path, int depth) {
    const auto directive = lower(words[0]);
    if (directive == "leapseclist") found.list = {words[1], path};
    if (directive == "leapsectz") found.zone = {words[1], path};
    if (directive == "include") read(words[1], depth + 1);
    if (directive != "confdir") return;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (is_plain(words[i])) read_directory(words[i], depth);
    }
  }

  void read_directory(const std::string& directory, int depth) {
    for (const auto& name : files_.list(RootedPath{directory})) {
      if (name.ends_with(".conf")) read(directory + "/" + name, depth + 1);
    }
  }

  const system::FileReader& files_;
};

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
  Configuration configuration{files};
  configuration.read(platform::chrony::configuration, 0);
  return configuration.found;
}

}  // namespace timectl::backends
