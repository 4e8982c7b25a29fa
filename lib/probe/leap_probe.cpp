// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"
#include "observe/observation.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

/// time.leap.
namespace timectl::probe {

namespace {

using namespace std::chrono_literals;
using backends::Leap;
using backends::LeapSecond;
using backends::LeapTable;
using system::RootedPath;

constexpr auto new_tzdata = "apt-get update && apt-get install --only-upgrade tzdata";

/// The table that the daemon goes by, else the one that it can be compared with.
struct Known {
  std::string path;
  bool is_used = false;  ///< chronyd goes by it
  std::optional<LeapTable> table;
  std::optional<Trouble> problem;
};

std::optional<LeapTable> read_table(const RootedPath& path, const system::FileReader& files) {
  const auto file = files.read(path);
  return file ? LeapTable::parse(file->content) : std::nullopt;
}

Known known_by_list(const std::string& path, const system::FileReader& files) {
  Known known{path, true, {}, {}};
  const bool is_of_tzdata = path == backends::leap_table_of_tzdata.text();
  const auto* remedy = is_of_tzdata ? "apt-get install --reinstall tzdata"
                                    : "in chrony's configuration: leapseclist "
                                      "/usr/share/zoneinfo/leap-seconds.list";
  // Of a path that has to be followed to be known chronyd alone knows.
  const bool is_plain = path.starts_with('/') && path.find("/..") == std::string::npos;
  if (!is_plain || !files.status(RootedPath{path})) {
    known.problem = Trouble{fmt::format("chronyd's leap second table '{}' is not there", path),
                            "leapseclist in chrony's configuration names it", remedy};
    return known;
  }
  known.table = read_table(RootedPath{path}, files);
  if (!known.table) {
    known.problem = Trouble{fmt::format("chronyd's leap second table '{}' cannot be read", path),
                            "it has no date of expiry, or a line that is none of a table", remedy};
  }
  return known;
}

/// A zone says nothing of its expiry. It comes with the list, from the same package.
Known known_by_zone(const std::string& zone, const system::FileReader& files) {
  const auto& list = backends::leap_table_of_tzdata;
  Known known{list.text(), true, read_table(list, files), {}};
  const RootedPath zones{"/usr/share/zoneinfo"};
  const bool is_name = !zone.starts_with('/') && zone.find("..") == std::string::npos;
  if (is_name && files.status(zones / zone)) return known;
  known.is_used = false;
  known.problem =
      Trouble{fmt::format("chronyd's leap second zone '{}' is not there", zone),
              "leapsectz in chrony's configuration names it; chronyd goes on without a table",
              "apt-get install tzdata-legacy; systemctl restart chrony.service"};
  return known;
}

Known find_table(const profile::Host& host, const system::FileReader& files) {
  const auto& of_tzdata = backends::leap_table_of_tzdata;
  if (runs_chrony(host)) {
    const auto source = backends::leap_source_of_chrony(files);
    if (!source.list.empty()) return known_by_list(source.list, files);
    if (!source.zone.empty()) return known_by_zone(source.zone, files);
  }
  return {of_tzdata.text(), false, read_table(of_tzdata, files), {}};
}

std::string date_of(WallTime time) { return format_utc(time).substr(0, 10); }

/// The midnight behind the last day of the month: until then an announcement stands.
WallTime end_of_month(WallTime now) {
  using namespace std::chrono;
  const year_month_day today{floor<days>(now)};
  return WallTime{sys_days{(today.year() / today.month() + months{1}) / 1}};
}

/// What is compared.
struct Seen {
  WallTime now{};
  std::optional<Leap> announced;  ///< by the daemon; nullopt: it does not answer
  Known known;
  int kernel_tai_minus_utc = 0;
};

std::optional<LeapSecond> announced_of(const Seen& seen) {
  if (!seen.announced || *seen.announced == Leap::none) return std::nullopt;
  return LeapSecond{end_of_month(seen.now), *seen.announced == Leap::inserts ? 1 : -1};
}

/// By the daemon, else by a table, whether that has expired or not: it does not unsay one.
std::optional<LeapSecond> coming(const Seen& seen) {
  if (auto announced = announced_of(seen)) return announced;
  return seen.known.table ? seen.known.table->next(seen.now) : std::nullopt;
}

std::string text_of(const LeapSecond& leap) {
  return fmt::format("a second is {} at the end of {} (UTC)",
                     leap.inserted > 0 ? "inserted" : "left out", date_of(leap.after - 12h));
}

std::string summary_of(const Seen& seen) {
  if (const auto leap = coming(seen)) return text_of(*leap);
  if (!seen.known.is_used || !seen.known.table) return "no leap second is announced";
  return fmt::format("no leap second until {}, where chronyd's table ends",
                     date_of(seen.known.table->expires()));
}

std::optional<Trouble> expiring(const Seen& seen) {
  const auto& known = seen.known;
  if (!known.table || !known.is_used) return std::nullopt;
  const auto left = known.table->expires() - seen.now;
  if (left >= std::chrono::days{30}) return std::nullopt;
  return Trouble{
      fmt::format("chronyd's leap second table {} on {}", left > 0s ? "expires" : "has expired",
                  date_of(known.table->expires())),
      fmt::format("'{}' says nothing of leap seconds from then on", known.path), new_tzdata};
}

/// A table that holds until then has the last word: leap seconds are decided half a year ahead.
std::optional<Trouble> contradiction(const Seen& seen) {
  const auto& table = seen.known.table;
  if (!table || !seen.announced) return std::nullopt;
  const auto expected = table->next(seen.now);
  if (const auto announced = announced_of(seen)) {
    const bool agrees = expected && expected->after == announced->after &&
                        expected->inserted == announced->inserted;
    if (agrees || table->expires() <= announced->after) return std::nullopt;
    return Trouble{text_of(*announced) + ", says the time daemon, and the table has none",
                   fmt::format("'{}' holds until {}: a source is wrong", seen.known.path,
                               date_of(table->expires())),
                   "chronyc -n ntpdata names the source with that leap status; of a server of the "
                   "site: timectl probe ntp ADDRESS"};
  }
  const bool is_today = expected && expected->after - seen.now <= 24h;
  if (!is_today) return std::nullopt;
  return Trouble{text_of(*expected) + ", and the time daemon does not announce it",
                 fmt::format("'{}' has it; the clock will be a second off until it is corrected",
                             seen.known.path),
                 "chronyc tracking; on the site's server: timectl verify --only time.leap"};
}

std::optional<Trouble> kernel_differs(const Seen& seen) {
  const auto& table = seen.known.table;
  if (!table || seen.kernel_tai_minus_utc == 0) return std::nullopt;
  const int right = table->tai_minus_utc(seen.now);
  if (table->expires() <= seen.now || seen.kernel_tai_minus_utc == right) return std::nullopt;
  return Trouble{fmt::format("the kernel takes TAI - UTC for {} s, and it is {} s",
                             seen.kernel_tai_minus_utc, right),
                 "programs that read CLOCK_TAI are off by the difference",
                 "systemctl restart chrony.service; chronyd tells the kernel once it is "
                 "synchronized"};
}

Evidence describe(const Seen& seen) {
  Evidence evidence;
  const auto leap = coming(seen);
  evidence.emplace_back("leap_seconds", std::int64_t{leap ? leap->inserted : 0});
  if (leap) evidence.emplace_back("leap_at", format_utc(leap->after));
  evidence.emplace_back("is_announced", announced_of(seen).has_value());
  if (const auto& table = seen.known.table) {
    evidence.emplace_back("table", seen.known.path);
    evidence.emplace_back("table_is_chronyds", seen.known.is_used);
    evidence.emplace_back("table_expires", format_utc(table->expires()));
    evidence.emplace_back("tai_minus_utc_s", std::int64_t{table->tai_minus_utc(seen.now)});
  }
  if (seen.kernel_tai_minus_utc != 0) {
    evidence.emplace_back("kernel_tai_minus_utc_s", std::int64_t{seen.kernel_tai_minus_utc});
  }
  return evidence;
}

}  // namespace

Finding ask_time_leap(const Subject& subject, const Ports& ports) {
  Seen seen;
  seen.now = ports.clock.now();
  const auto daemon = observe::time_daemon_of(subject.host).look(ports.daemons, seen.now, false);
  if (daemon.answered) seen.announced = daemon.leap;
  seen.known = find_table(subject.host, ports.files);
  seen.kernel_tai_minus_utc = ports.clock.discipline().tai_minus_utc;
  auto trouble = seen.known.problem;
  for (const auto judge : {contradiction, expiring, kernel_differs}) {
    if (!trouble) trouble = judge(seen);
  }
  if (trouble) return warning(std::move(*trouble), describe(seen));
  if (!seen.announced) return skipped("the time daemon does not answer, see time.quality");
  return good(summary_of(seen), describe(seen));
}

}  // namespace timectl::probe
