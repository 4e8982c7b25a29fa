// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learn.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

namespace timectl::history {

namespace {

using namespace std::chrono_literals;

using Iterator = std::vector<Sample>::const_iterator;
using Quantity = double Sample::*;

struct Line {
  double slope = 0;
  double error = 0;  ///< of the slope, one standard deviation
};

double seconds_between(const Sample& a, const Sample& b) { return Seconds{b.at - a.at}.count(); }

/// Least squares of `value` over time.
Line fit(Iterator first, Iterator last, Quantity value) {
  const auto n = static_cast<double>(last - first);
  double mean_t = 0;
  double mean_y = 0;
  for (auto seen = first; seen != last; ++seen) {
    mean_t += seconds_between(*first, *seen) / n;
    mean_y += (*seen).*value / n;
  }
  double tt = 0;
  double ty = 0;
  double yy = 0;
  for (auto seen = first; seen != last; ++seen) {
    const double t = seconds_between(*first, *seen) - mean_t;
    const double y = (*seen).*value - mean_y;
    tt += t * t;
    ty += t * y;
    yy += y * y;
  }
  if (tt <= 0 || n < 3) return {};
  const double slope = ty / tt;
  const double rest = std::max(0.0, yy - slope * ty);
  return {slope, std::sqrt(rest / (n - 2) / tt)};
}

/// The longest stretch at the end of which `continues` holds between each two neighbours.
Iterator newest_stretch(const std::vector<Sample>& all,
                        const std::function<bool(const Sample&, const Sample&)>& continues) {
  auto first = all.end();
  if (first != all.begin()) --first;
  while (first != all.begin() && continues(*(first - 1), *first)) --first;
  return first;
}

/// Follows somebody: the kernel sets the RTC by the system clock. Only a client is on an island.
bool is_disciplined(const Sample& seen) {
  return seen.state == quality::State::traceable || seen.state == quality::State::island;
}

bool runs_freely(const Sample& seen) {
  return !is_disciplined(seen) && std::isfinite(seen.rtc_ahead_s);
}

/// Where nobody sets the RTC any more. The kernel goes on until its claimed error, which grows by
/// 500 ppm, is beyond 16 s (kernel/time/ntp.c: NTP_PHASE_LIMIT): that is almost nine hours.
Iterator behind_discipline(const std::vector<Sample>& all, Iterator first) {
  const auto last = std::find_if(all.rbegin(), all.rend(), is_disciplined);
  if (last == all.rend()) return first;
  return std::find_if(first, all.end(),
                      [&](const Sample& seen) { return seen.at - last->at >= 9h; });
}

/// A clock that was set, or a day without samples, ends a stretch.
bool is_undisturbed(const Sample& before, const Sample& after) {
  const double seconds = seconds_between(before, after);
  return runs_freely(before) && seconds > 0 && seconds < 86400 &&
         std::abs(after.rtc_ahead_s - before.rtc_ahead_s) < 1.5;
}

}  // namespace

std::optional<Drift> learn_drift(const std::vector<Sample>& samples) {
  constexpr std::ptrdiff_t fewest = 60;
  if (samples.empty() || !runs_freely(samples.back())) return std::nullopt;
  const auto first = behind_discipline(samples, newest_stretch(samples, is_undisturbed));
  if (first == samples.end()) return std::nullopt;
  const Seconds span{samples.back().at - first->at};
  if (span < 6h || samples.end() - first < fewest) return std::nullopt;
  const auto line = fit(first, samples.end(), &Sample::rtc_ahead_s);
  return Drift{line.slope * 1e6, 2 * line.error * 1e6, span};
}

std::optional<Seconds> forecast(const std::vector<Sample>& latest, Seconds limit) {
  constexpr double longest = 365.0 * 86400;
  if (latest.empty() || !(latest.back().bound_s < limit.count())) return std::nullopt;
  const auto first = newest_stretch(latest, [](const Sample& before, const Sample& after) {
    return before.state == after.state && std::isfinite(before.bound_s) && before.at < after.at;
  });
  if (latest.back().at - first->at < 10min) return std::nullopt;
  const auto line = fit(first, latest.end(), &Sample::bound_s);
  if (line.slope <= 2 * line.error || line.slope <= 0) return std::nullopt;
  const double left = (limit.count() - latest.back().bound_s) / line.slope;
  if (left > longest) return std::nullopt;
  return Seconds{left};
}

}  // namespace timectl::history
