// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learn.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace timectl::history {

namespace {

using namespace std::chrono_literals;

using Point = DriftLearner::Point;
using Iterator = std::vector<Point>::const_iterator;

struct Line {
  double slope = 0;
  double error = 0;  ///< of the slope, one standard deviation
};

double seconds_between(const Point& a, const Point& b) { return Seconds{b.at - a.at}.count(); }

/// Least squares of the value over time.
Line fit(Iterator first, Iterator last) {
  const auto n = static_cast<double>(last - first);
  double mean_t = 0;
  double mean_y = 0;
  for (auto seen = first; seen != last; ++seen) {
    mean_t += seconds_between(*first, *seen) / n;
    mean_y += seen->value / n;
  }
  double tt = 0;
  double ty = 0;
  double yy = 0;
  for (auto seen = first; seen != last; ++seen) {
    const double t = seconds_between(*first, *seen) - mean_t;
    const double y = seen->value - mean_y;
    tt += t * t;
    ty += t * y;
    yy += y * y;
  }
  if (tt <= 0 || n < 3) return {};
  const double slope = ty / tt;
  const double rest = std::max(0.0, yy - slope * ty);
  return {slope, std::sqrt(rest / (n - 2) / tt)};
}

/// Synchronized to a source: the kernel sets the RTC by the system clock. Only a client is on an
/// island.
bool is_disciplined(const Sample& seen) {
  return seen.state == quality::State::traceable || seen.state == quality::State::island;
}

bool runs_freely(const Sample& seen) {
  return !is_disciplined(seen) && std::isfinite(seen.rtc_ahead_s);
}

/// A clock that was set, or a day without samples, ends a stretch.
bool is_undisturbed(const Point& before, const Point& after) {
  const double seconds = seconds_between(before, after);
  return seconds > 0 && seconds < 86400 && std::abs(after.value - before.value) < 1.5;
}

/// The bound of the newest stretch in one state.
std::vector<Point> newest_bounds(const std::vector<Sample>& latest) {
  std::vector<Point> bounds;
  for (const auto& sample : latest) {
    const bool continues =
        !bounds.empty() && std::isfinite(bounds.back().value) && bounds.back().at < sample.at;
    if (!continues || sample.state != latest.back().state) bounds.clear();
    if (sample.state == latest.back().state) bounds.push_back({sample.at, sample.bound_s});
  }
  return bounds;
}

}  // namespace

void DriftLearner::add(const Sample& sample) {
  if (is_disciplined(sample)) disciplined_at_ = sample.at;
  const Point point{sample.at, sample.rtc_ahead_s};
  const bool is_free = runs_freely(sample);
  if (!is_free || (!stretch_.empty() && !is_undisturbed(stretch_.back(), point))) stretch_.clear();
  if (is_free) stretch_.push_back(point);
}

std::optional<Drift> DriftLearner::drift() const {
  constexpr std::ptrdiff_t fewest = 60;
  // From where the RTC runs free. The kernel sets it until its claimed error, which grows by
  // 500 ppm, is beyond 16 s (kernel/time/ntp.c: NTP_PHASE_LIMIT): that is almost nine hours.
  const auto first = std::find_if(stretch_.begin(), stretch_.end(), [&](const Point& point) {
    return !disciplined_at_ || point.at - *disciplined_at_ >= 9h;
  });
  if (first == stretch_.end()) return std::nullopt;
  const Seconds span{stretch_.back().at - first->at};
  if (span < 6h || stretch_.end() - first < fewest) return std::nullopt;
  const auto line = fit(first, stretch_.end());
  return Drift{line.slope * 1e6, 2 * line.error * 1e6, span};
}

std::optional<Drift> learn_drift(const std::vector<Sample>& samples) {
  DriftLearner learner;
  for (const auto& sample : samples) learner.add(sample);
  return learner.drift();
}

std::optional<Seconds> forecast(const std::vector<Sample>& latest, Seconds limit) {
  constexpr double longest = 365.0 * 86400;
  if (latest.empty() || !(latest.back().bound_s < limit.count())) return std::nullopt;
  const auto bounds = newest_bounds(latest);
  if (bounds.back().at - bounds.front().at < 10min) return std::nullopt;
  const auto line = fit(bounds.begin(), bounds.end());
  if (line.slope <= 2 * line.error || line.slope <= 0) return std::nullopt;
  const double left = (limit.count() - latest.back().bound_s) / line.slope;
  if (left > longest) return std::nullopt;
  return Seconds{left};
}

}  // namespace timectl::history
