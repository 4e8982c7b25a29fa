// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"
#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "observe/observation.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

#include <utility>

/// time.leap.
namespace timectl::probe {

namespace {

using namespace std::chrono_literals;
using backends::Leap;
using backends::LeapSecond;
using backends::LeapSource;
using backends::LeapTable;
using system::RootedPath;

constexpr auto new_tzdata = "apt-get update && apt-get install --only-upgrade tzdata";

std::string restart_chronyd() {
  return fmt::format("systemctl restart {}", platform::chronyd.unit);
}

/// The table that the daemon uses, else the one that it can be compared with.
struct Known {
  std::string path;
  bool is_used = false;  ///< chronyd uses it
  std::optional<LeapTable> table;
  std::optional<Problem> problem;
};

Known known_by_list(const LeapSource::Directive& list, const system::FileReader& files) {
  const auto& of_tzdata = backends::leap_table_of_tzdata.text();
  Known known{list.value, true, backends::read_leap_table(list.value, files), {}};
  if (known.table) return known;
  const auto renew = list.value == of_tzdata ? std::string{"apt-get install --reinstall tzdata"}
                                             : fmt::format("install -D -m 0644 {} {}", of_tzdata,
                                                           shell_quoted(list.value));
  known.problem =
      Problem{fmt::format("chronyd cannot use its leap second table '{}'", list.value),
              fmt::format("{} names it, and it is not there or no such table", list.file),
              fmt::format("{} && {}", renew, restart_chronyd())};
  return known;
}

/// Which package has the zones of leap seconds: Debian 13 moved them.
const char* package_of_zones(const facts::Facts& facts) {
  const auto version = to_integer(facts.os.version_id);
  return version && *version >= 13 ? "tzdata-legacy" : "tzdata";
}

/// A zone says nothing of its expiry. It comes with the list, from the same package.
Known known_by_zone(const LeapSource::Directive& zone, const facts::Facts& facts,
                    const system::FileReader& files) {
  const auto& list = backends::leap_table_of_tzdata.text();
  Known known{list, true, backends::read_leap_table(list, files), {}};
  const RootedPath zones{"/usr/share/zoneinfo"};
  const bool is_of_leap_seconds =
      zone.value.starts_with("right/") && zone.value.find("..") == std::string::npos;
  if (is_of_leap_seconds && files.status(zones / zone.value)) return known;
  known.is_used = false;
  const bool is_misspelt = !is_of_leap_seconds || files.status(zones / "right/UTC");
  const auto remedy = is_misspelt
                          ? fmt::format("sed -i 's,^\\s*leapsectz\\s.*,leapsectz right/UTC,I' {}",
                                        shell_quoted(zone.file))
                          : fmt::format("apt-get install --reinstall {}", package_of_zones(facts));
  known.problem =
      Problem{fmt::format("chronyd cannot use its leap second zone '{}'", zone.value),
              fmt::format("{} names it, and it is {}; chronyd goes on without a table", zone.file,
                          is_of_leap_seconds ? "not there" : "none of leap seconds"),
              fmt::format("{} && {}", remedy, restart_chronyd())};
  return known;
}

Known find_table(const Subject& subject, const system::FileReader& files) {
  const auto& of_tzdata = backends::leap_table_of_tzdata.text();
  if (profile::runs_chrony(subject.host)) {
    const auto source = backends::leap_source_of_chrony(files);
    if (source.list) return known_by_list(*source.list, files);
    if (source.zone) return known_by_zone(*source.zone, subject.facts, files);
  }
  return {of_tzdata, false, backends::read_leap_table(of_tzdata, files), {}};
}

std::string date_of(WallTime time) { return format_utc(time).substr(0, 10); }

WallTime midnight_before(WallTime now) { return std::chrono::floor<std::chrono::days>(now); }

/// What is compared.
struct Seen {
  WallTime now{};
  std::optional<backends::TimeDaemonView> daemon;  ///< nullopt: it does not answer
  bool is_chronyd = false;
  Known known;
  int kernel_tai_minus_utc = 0;
};

/// What the daemon will do at the end of this day: chronyd says so on that day only, and what
/// timesyncd hears it passes to the kernel at once, which acts at the next midnight. What was heard
/// yesterday is over.
std::optional<LeapSecond> announced_of(const Seen& seen) {
  if (!seen.daemon || seen.daemon->leap == Leap::none) return std::nullopt;
  const auto midnight = midnight_before(seen.now);
  const auto age = seen.daemon->last_reply_age;
  if (age && *age > seen.now - midnight) return std::nullopt;
  return LeapSecond{midnight + 24h, seen.daemon->leap == Leap::inserts ? 1 : -1};
}

/// By the daemon, else by a table, whether that has expired or not: what stands in it is decided.
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

std::optional<Problem> expiring(const Seen& seen) {
  const auto& known = seen.known;
  if (!known.table || !known.is_used) return std::nullopt;
  const auto left = known.table->expires() - seen.now;
  if (left >= std::chrono::days{30}) return std::nullopt;
  return Problem{
      fmt::format("chronyd's leap second table {} on {}", left > 0s ? "expires" : "has expired",
                  date_of(known.table->expires())),
      fmt::format("'{}' says nothing of leap seconds from then on; without an internet, copy "
                  "it from a host that has a newer one",
                  known.path),
      new_tzdata};
}

/// A table that holds until then has the last word: leap seconds are decided half a year ahead.
std::optional<Problem> contradiction(const Seen& seen) {
  const auto& table = seen.known.table;
  if (!table || !seen.daemon) return std::nullopt;
  const auto expected = table->next(seen.now);
  if (const auto announced = announced_of(seen)) {
    const bool agrees = expected && expected->after == announced->after &&
                        expected->inserted == announced->inserted;
    if (agrees || table->expires() <= announced->after) return std::nullopt;
    return Problem{text_of(*announced) + ", says the time daemon, and the table does not",
                   fmt::format("'{}' holds until {}: a source is wrong", seen.known.path,
                               date_of(table->expires())),
                   "chronyc -n ntpdata names the source with that leap status; of a server of the "
                   "site: timectl probe ntp ADDRESS"};
  }
  // Servers announce it in the course of the day.
  if (!seen.daemon->hears_source || !expected || expected->after - seen.now > 12h) {
    return std::nullopt;
  }
  return Problem{text_of(*expected) + ", and the time daemon does not know of it",
                 fmt::format("'{}' has it; the clock will be a second off until it is corrected",
                             seen.known.path),
                 "chronyc tracking; on the site's server: timectl verify --only time.leap"};
}

/// chronyd reads its table while it is synchronized, and never in island mode (reference.c).
std::optional<Problem> alone(const Seen& seen) {
  const auto leap = coming(seen);
  const bool is_alone = seen.is_chronyd && seen.daemon && !seen.daemon->hears_source;
  if (!is_alone || !leap || leap->after - seen.now > std::chrono::days{30}) return std::nullopt;
  return Problem{
      text_of(*leap) + ", and this host has no source to hear of it",
      "without sources chronyd does not look into its table, so that the clock will be a "
      "second off",
      "after that day connect the host to its sources, or: timectl rtc set --time TIME"};
}

/// timesyncd does not set the kernel's TAI offset, nor does a chronyd without a table.
std::optional<Problem> kernel_differs(const Seen& seen) {
  const auto& table = seen.known.table;
  if (!table || !seen.known.is_used || seen.kernel_tai_minus_utc == 0) return std::nullopt;
  const int right = table->tai_minus_utc(seen.now);
  if (table->expires() <= seen.now || seen.kernel_tai_minus_utc == right) return std::nullopt;
  return Problem{
      fmt::format("the kernel takes TAI - UTC for {} s, and it is {} s", seen.kernel_tai_minus_utc,
                  right),
      "programs that read CLOCK_TAI are off by the difference; chronyd tells the kernel once "
      "it is synchronized",
      restart_chronyd()};
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
  seen.is_chronyd = profile::runs_chrony(subject.host);
  std::optional<Error> refusal;
  try {
    auto daemon =
        observe::time_daemon_backend(subject.host).observe(ports.daemons, seen.now, false);
    if (daemon.answered) seen.daemon = std::move(daemon);
    seen.kernel_tai_minus_utc = ports.clock.discipline().tai_minus_utc;
  } catch (const Error& error) {
    refusal = error;  // a table that has expired is said all the same
  }
  seen.known = find_table(subject, ports.files);
  auto problem = seen.known.problem;
  for (const auto judge : {contradiction, alone, expiring, kernel_differs}) {
    if (!problem) problem = judge(seen);
  }
  if (problem) return warning(std::move(*problem), describe(seen));
  if (refusal) throw Error{*refusal};
  if (!seen.daemon) return skipped("the time daemon does not answer, see time.quality");
  return good(summary_of(seen), describe(seen));
}

}  // namespace timectl::probe
