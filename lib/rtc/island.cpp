// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/island.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace timectl::rtc {

namespace {

using namespace std::chrono_literals;

// What a free-running crystal of a small board can do at its worst, and an RTC in the cold.
constexpr double crystal_ppm = 200;
constexpr double rtc_ppm = 20;
constexpr Seconds worth_a_step{20};
// The RTC is read to the second, and the sources may not have set it for a month.
constexpr Seconds tolerated_at_step{5};
constexpr Seconds largest_distance{3};
constexpr auto longest_plausible_future = std::chrono::years{20};

/// chronyd followed a source outside of this site within the hour before `now`, the right time.
bool follows_real_source(const system::ChronyTracking& tracking, int local_stratum, WallTime now,
                         const std::vector<std::string>& site_servers) {
  const bool own = tracking.reference_id == "7F7F0101" || tracking.reference_id == "00000000";
  const bool of_this_site =
      std::find(site_servers.begin(), site_servers.end(), tracking.source) != site_servers.end();
  return !own && !of_this_site && has_reference(tracking) && tracking.stratum >= 1 &&
         tracking.stratum < local_stratum && std::chrono::abs(now - *tracking.reference_time) <= 1h;
}

/// The selected source, if it is none of the site's and answered the last poll.
bool has_live_source(const std::vector<system::ChronySource>& sources,
                     const std::vector<std::string>& site_servers) {
  return std::any_of(sources.begin(), sources.end(), [&](const system::ChronySource& source) {
    const bool is_of_site =
        std::find(site_servers.begin(), site_servers.end(), source.name) != site_servers.end();
    return source.state == '*' && (source.reach & 1U) != 0 && !is_of_site;
  });
}

/// Whole hundredths: a distance that changes a little is no news.
Seconds rounded_up(Seconds distance) {
  return Seconds{std::ceil(distance.count() * 100 - 1e-6) / 100};
}

/// True while the distance between RTC and system clock is no more than a reading's second and a
/// crystal that has run free since both agreed explain.
bool runs_on_rtc(const system::RtcReading& reading, const Synchronized& synchronized,
                 const SystemClockView& clock) {
  const Seconds free_running = clock.since_boot - synchronized.value_or(0ns);
  const Seconds explained = Seconds{2} + crystal_ppm * 1e-6 * free_running;
  return std::abs(ahead_of_system(reading).count()) <= explained.count();
}

std::string apart(const Assessment& assessment) {
  const auto ahead = ahead_of_system(assessment.reading);
  return fmt::format("the system clock is {} {} the RTC, more than a free-running crystal explains",
                     format_span(Seconds{std::abs(ahead.count())}),
                     ahead.count() > 0 ? "behind" : "ahead of");
}

/// Did the RTC run between two readings as the monotonic clock did?
bool ran_steadily(const SteadyReading& earlier, const SteadyReading& later) {
  const Seconds elapsed = later.since_boot - earlier.since_boot;
  const Seconds counted = later.rtc_time - earlier.rtc_time;
  const double allowed = 2 + (crystal_ppm + rtc_ppm) * 1e-6 * elapsed.count();
  return elapsed.count() > 0 && std::abs((counted - elapsed).count()) <= allowed;
}

/// Has the RTC lost its time? A chip that was reset says so plainly. One reading that is merely out
/// of order may be a glitch of the bus: it takes two that ran as a clock does.
bool is_discredited(const Assessment& assessment, const std::optional<SteadyReading>& earlier,
                    const SystemClockView& clock) {
  const auto trust = assessment.trust;
  if (trust == Trust::oscillator_stopped || trust == Trust::before_build) return true;
  const bool odd = trust == Trust::behind_last_reading || trust == Trust::far_ahead;
  return odd && earlier && ran_steadily(*earlier, {assessment.reading.time, clock.since_boot});
}

/// The same record, not validated any more; nullopt when it was not.
std::optional<Record> not_validated(const std::optional<Record>& record) {
  if (!record || record->validated_by.empty()) return std::nullopt;
  Record next = *record;
  next.validated_by.clear();
  return next;
}

/// Whether a changed record is worth a write to the card.
bool is_news(const std::optional<Record>& before, const Record& after) {
  if (!before) return true;
  const bool lowered =
      after.rtc_time + 3s < before->rtc_time ||
      (before->last_traceable && *after.last_traceable + 3s < *before->last_traceable);
  return lowered || before->validated_by != after.validated_by ||
         before->traceable != after.traceable ||
         std::chrono::abs(after.rtc_time - before->rtc_time) >= 1h ||
         std::chrono::abs(after.system_time - before->system_time) >= 1h;
}

Record after_traceable(const std::optional<Record>& record, const Assessment& assessment,
                       WallTime now) {
  Record next = record.value_or(Record{});
  next.damage.clear();
  next.system_time = now;
  next.traceable = true;
  next.last_traceable = now;
  if (assessment.reading.health != system::RtcHealth::readable ||
      !agrees_with_system(assessment.reading)) {
    next.validated_by.clear();
    // The old reading must not outlive what the sources say now: it may have come from the future.
    next.rtc_time = std::min(next.rtc_time, now);
    return next;
  }
  next.rtc_time = assessment.reading.time;
  next.validated_by = "sources";
  next.validated_at = now;
  return next;
}

/// Years ahead of all that is known, validated or not.
bool is_from_future(const Assessment& assessment) {
  return assessment.trust == Trust::far_ahead ||
         assessment.reading.time >= assessment.earliest.time + longest_plausible_future;
}

}  // namespace

Decision is_too_early(WallTime now, const EarliestTime& earliest) {
  if (now + 3s >= earliest.time) return {};
  return {true, fmt::format("the system clock says {}, before {} ({})", format_utc(now),
                            earliest.source, format_utc(earliest.time))};
}

bool has_reference(const system::ChronyTracking& tracking) {
  return tracking.reference_time && tracking.leap != "Not synchronised";
}

bool is_really_synchronized(const system::ChronyTracking& tracking, int local_stratum, WallTime now,
                            const std::vector<std::string>& site_servers) {
  return follows_real_source(tracking, local_stratum, now, site_servers) &&
         system::error_bound(tracking) < Seconds{1};
}

Decision may_enable_island(const Assessment& assessment, const Synchronized& synchronized,
                           const SystemClockView& clock) {
  const auto wrong = must_disable_island(assessment, synchronized, clock);
  if (wrong.yes) return {false, wrong.reason};
  if (synchronized) return {true, "a real synchronization happened since boot"};
  return {assessment.is_trusted(), assessment.reason};
}

Decision must_disable_island(const Assessment& assessment, const Synchronized& synchronized,
                             const SystemClockView& clock) {
  if (auto below = is_too_early(clock.now, assessment.earliest); below.yes) return below;
  if (!assessment.is_trusted()) return {};
  if (runs_on_rtc(assessment.reading, synchronized, clock)) return {};
  return {true, apart(assessment)};
}

system::LocalReference island_reference(int stratum, Seconds least, const BootState& boot) {
  const auto known = boot.island_distance.value_or(least);
  return {stratum, true, std::clamp(known, least, std::max(least, largest_distance))};
}

std::optional<Seconds> change_of_distance(const system::ChronyTracking& tracking,
                                          const std::vector<system::ChronySource>& sources,
                                          std::optional<Seconds> given, Seconds least,
                                          const std::vector<std::string>& site_servers) {
  const bool is_too_near = given && *given < least;  // the profile's was raised
  if (!has_live_source(sources, site_servers)) {
    return given && !is_too_near ? std::nullopt : std::optional{least};
  }
  const Seconds now = given.value_or(system::LocalReference{}.distance);
  const auto news = [&](Seconds wanted) {
    const auto distance = std::clamp(wanted, least, std::max(least, largest_distance));
    return distance == now && given ? std::nullopt : std::optional{distance};
  };
  if (serves_own_clock(tracking)) return news(2 * now);
  const Seconds needed = rounded_up(2 * (tracking.root_dispersion + tracking.root_delay / 2));
  // Back only where it is far too large: a distance near a limit must not change each minute.
  if (needed > now || 2 * needed <= now || !given || is_too_near) return news(needed);
  return std::nullopt;
}

Decision must_step(const Assessment& assessment, const system::ChronyTracking& tracking,
                   int local_stratum, WallTime now, const std::vector<std::string>& site_servers) {
  const auto slow = tracking.system_offset;
  const auto right = now + std::chrono::duration_cast<WallTime::duration>(slow);
  if (!follows_real_source(tracking, local_stratum, right, site_servers)) return {};
  const Seconds uncertain = tracking.root_dispersion + tracking.root_delay / 2;
  if (uncertain >= Seconds{1} || std::abs(slow.count()) < worth_a_step.count()) return {};
  if (!assessment.is_trusted()) return {};
  const Seconds apart = ahead_of_system(assessment.reading) - slow;
  if (std::abs(apart.count()) > tolerated_at_step.count()) return {};
  return {true, fmt::format("{} and the RTC agree that the system clock is {} {}", tracking.source,
                            format_span(Seconds{std::abs(slow.count())}),
                            slow.count() > 0 ? "slow" : "fast")};
}

ClockSetting set_clock_at_boot(const Assessment& assessment, WallTime now) {
  using Action = ClockSetting::Action;
  const auto& reading = assessment.reading;
  const bool not_validated = assessment.trust == Trust::never_set;
  const bool plausible = !is_from_future(assessment);
  const bool forward = reading.time > now;
  ClockSetting result;
  result.reason = assessment.reason;
  if (assessment.is_trusted() || (not_validated && plausible)) {
    if (agrees_with_system(reading)) {
      result.reason += "; the system clock agrees";
    } else if (assessment.is_trusted() || forward) {
      result.action = Action::from_rtc;
    } else {
      result.reason += "; it does not move the system clock back";
    }
  } else {
    result.rtc_refused = assessment.trust != Trust::absent;
    if (not_validated) result.reason += ", and it is implausibly far in the future";
  }
  const auto below = is_too_early(now, assessment.earliest);
  if (result.action == Action::leave && below.yes) {
    result.action = Action::to_earliest;
    result.reason += "; " + below.reason;
  }
  if (result.rtc_refused && is_from_future(assessment) && agrees_with_system(reading)) {
    result.action = Action::to_earliest;
    result.reason += "; the kernel had set the system clock from it";
  }
  return result;
}

std::optional<Record> next_record(const std::optional<Record>& record, const Assessment& assessment,
                                  ClockTrust trust, const std::optional<SteadyReading>& earlier,
                                  const SystemClockView& clock) {
  if (trust == ClockTrust::traceable) {
    const Record next = after_traceable(record, assessment, clock.now);
    return is_news(record, next) ? std::optional{next} : std::nullopt;
  }
  if (is_discredited(assessment, earlier, clock)) return not_validated(record);
  if (!assessment.is_trusted() || !record || !earlier) return std::nullopt;
  if (!ran_steadily(*earlier, {assessment.reading.time, clock.since_boot})) return std::nullopt;
  if (assessment.reading.time <= record->rtc_time) return std::nullopt;
  Record next = *record;
  next.rtc_time = assessment.reading.time;
  next.system_time = clock.now;
  next.traceable = false;
  return is_news(record, next) ? std::optional{next} : std::nullopt;
}

Record validated_record(const std::optional<Record>& record, WallTime time, ClockTrust trust,
                        const std::string& validated_by) {
  Record next = record.value_or(Record{});
  next.damage.clear();
  next.rtc_time = next.system_time = next.validated_at = time;
  next.traceable = trust == ClockTrust::traceable;
  next.validated_by = validated_by;
  if (next.traceable) next.last_traceable = time;
  return next;
}

Record forced_record(WallTime time) {
  return validated_record(std::nullopt, time, ClockTrust::untraceable, "operator");
}

}  // namespace timectl::rtc
