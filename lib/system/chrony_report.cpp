// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/chrony_clients.hpp"
#include "system/time_daemons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace timectl::system {

namespace {

/// The fields of one line of chronyc -c. Each access says what is wrong with the whole line.
class Record {
 public:
  Record(std::string report, std::string line, std::size_t least)
      : report_(std::move(report)), line_(std::move(line)), fields_(split(line_, ',')) {
    if (fields_.size() < least) fail();
  }

  const std::string& text(std::size_t index) const { return fields_[index]; }

  double number(std::size_t index) const {
    const auto value = to_number(fields_[index]);
    if (!value) fail();
    return *value;
  }

  Seconds seconds(std::size_t index) const { return Seconds{number(index)}; }

  long long integer(std::size_t index, long long least, long long most) const {
    const auto value = to_integer(fields_[index]);
    if (!value || *value < least || *value > most) fail();
    return *value;
  }

  unsigned octal(std::size_t index) const {
    const auto& field = fields_[index];
    unsigned value = 0;
    const auto* end = field.data() + field.size();
    const auto [stopped, problem] = std::from_chars(field.data(), end, value, 8);
    if (problem != std::errc{} || stopped != end || value > 0377) fail();
    return value;
  }

  char letter(std::size_t index, std::string_view allowed) const {
    const auto& field = fields_[index];
    if (field.size() != 1 || allowed.find(field[0]) == std::string_view::npos) fail();
    return field[0];
  }

  [[noreturn]] void fail() const {
    throw Error{ErrorKind::external,
                fmt::format("cannot understand chronyc {}: '{}'", report_, line_)};
  }

 private:
  std::string report_;
  std::string line_;
  std::vector<std::string> fields_;
};

bool is_reference_id(const std::string& text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  return text.size() == 8 && std::all_of(text.begin(), text.end(), is_digit);
}

/// chronyd reports 0 for "never"; what lies outside the years we can hold is no time either.
std::optional<WallTime> reference_time(const Record& record, double since_1970) {
  if (since_1970 == 0) return std::nullopt;
  if (since_1970 < 0 || since_1970 > 9e9) record.fail();
  return wall_time_from_seconds(since_1970);
}

/// Whole seconds; the largest number stands for "never".
std::optional<Seconds> age(const Record& record, std::size_t index) {
  constexpr long long never = std::numeric_limits<std::uint32_t>::max();
  const auto seconds = record.integer(index, 0, never);
  if (seconds == never) return std::nullopt;
  return Seconds{static_cast<double>(seconds)};
}

ChronySource parse_source(const std::string& line) {
  const Record record{"sources", line, 10};
  ChronySource source;
  source.mode = record.letter(0, "^=#");
  source.state = record.letter(1, "*+-x~? ");
  source.name = record.text(2);
  source.stratum = static_cast<int>(record.integer(3, 0, 16));
  source.poll_log2 = static_cast<int>(record.integer(4, -32, 32));
  source.reach = record.octal(5);
  source.since_last_sample = age(record, 6);
  source.offset = record.seconds(7);
  source.error = record.seconds(9);
  return source;
}

/// A base-2 logarithm of seconds; 127 stands for "not known".
std::optional<Seconds> interval(const Record& record, std::size_t index) {
  constexpr long long not_known = 127;
  const auto log2 = record.integer(index, -128, 127);
  if (log2 == not_known) return std::nullopt;
  return Seconds{std::exp2(static_cast<double>(log2))};
}

ChronyClient parse_client(const std::string& line) {
  const Record record{"clients", line, 10};
  ChronyClient client;
  client.address = record.text(0);
  constexpr long long most = std::numeric_limits<std::uint32_t>::max();
  client.requests = static_cast<std::uint64_t>(record.integer(1, 0, most));
  client.dropped = static_cast<std::uint64_t>(record.integer(2, 0, most));
  client.interval = interval(record, 3);
  client.since_last = age(record, 5);
  return client;
}

}  // namespace

Seconds error_bound(const ChronyTracking& tracking) {
  return Seconds{std::abs(tracking.system_offset.count())} + tracking.root_dispersion +
         tracking.root_delay / 2;
}

ChronyTracking parse_chrony_tracking(const std::string& csv) {
  const Record record{"tracking", std::string{trim(csv)}, 14};
  ChronyTracking tracking;
  tracking.reference_id = record.text(0);
  if (!is_reference_id(tracking.reference_id)) record.fail();
  tracking.source = record.text(1);
  tracking.stratum = static_cast<int>(record.integer(2, 0, 16));
  tracking.reference_time = reference_time(record, record.number(3));
  tracking.system_offset = record.seconds(4);
  tracking.last_offset = record.seconds(5);
  tracking.rms_offset = record.seconds(6);
  tracking.frequency_ppm = record.number(7);
  tracking.skew_ppm = record.number(9);
  tracking.root_delay = record.seconds(10);
  tracking.root_dispersion = record.seconds(11);
  tracking.update_interval = record.seconds(12);
  tracking.leap = record.text(13);
  return tracking;
}

std::vector<ChronySource> parse_chrony_sources(const std::string& csv) {
  std::vector<ChronySource> sources;
  for (const auto& line : lines_of(csv)) {
    if (!trim(line).empty()) sources.push_back(parse_source(line));
  }
  return sources;
}

bool is_served(const ChronyClient& client) {
  return client.requests > 0 && client.address != "127.0.0.1" && client.address != "::1";
}

std::vector<ChronyClient> parse_chrony_clients(const std::string& csv) {
  std::vector<ChronyClient> clients;
  for (const auto& line : lines_of(csv)) {
    if (!trim(line).empty()) clients.push_back(parse_client(line));
  }
  return clients;
}

ChronyServerStats parse_chrony_server_stats(const std::string& csv) {
  const Record record{"serverstats", std::string{trim(csv)}, 2};
  // Four bytes until chrony 4.3, eight since.
  constexpr long long most = std::numeric_limits<long long>::max();
  return {static_cast<std::uint64_t>(record.integer(0, 0, most)),
          static_cast<std::uint64_t>(record.integer(1, 0, most))};
}

ChronyReport parse_chrony_report(const std::string& csv) {
  const auto lines = lines_of(csv);
  if (lines.empty()) return {parse_chrony_tracking(csv), {}, {}};
  ChronyReport report{parse_chrony_tracking(lines.front()), {}, {}};
  std::string sources;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto& line = lines[i];
    if (line.empty() || line.starts_with("501 ")) continue;
    // A source begins with its mode, the counters with a number.
    const bool is_source = std::string_view{"^=#"}.find(line.front()) != std::string_view::npos;
    if (is_source) {
      sources += line + "\n";
    } else {
      report.server_stats = parse_chrony_server_stats(line);
    }
  }
  report.sources = parse_chrony_sources(sources);
  return report;
}

}  // namespace timectl::system
