// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace timectl::history {

namespace {

/// A mean in the making.
struct Mean {
  double sum = 0;
  double count = 0;

  void add(double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    ++count;
  }
  double value() const { return count > 0 ? sum / count : nothing; }
};

struct Means {
  Mean saving;
  Mean offset;
  Mean rtc_ahead;
};

void add(const Sample& seen, Slot& slot, Means& means) {
  ++slot.seen;
  slot.worst = std::max(slot.worst, seen.state);
  means.saving.add(seen.saving ? 1 : 0);
  means.offset.add(seen.offset_s);
  means.rtc_ahead.add(seen.rtc_ahead_s);
  // NaN gives way to any number.
  slot.bound_s = std::fmax(slot.bound_s, seen.bound_s);
  slot.least_offset_s = std::fmin(slot.least_offset_s, seen.offset_s);
  slot.most_offset_s = std::fmax(slot.most_offset_s, seen.offset_s);
}

}  // namespace

Summary summarize(const std::vector<Sample>& samples, WallTime from, WallTime until,
                  std::size_t count) {
  const auto step = std::max<WallTime::duration>((until - from) / std::max<std::size_t>(count, 1),
                                                 std::chrono::seconds{1});
  Summary summary{from, until, step, std::vector<Slot>(count)};
  std::vector<Means> means(count);
  for (const auto& seen : samples) {
    if (seen.at < from || seen.at > until || count == 0) continue;
    const auto index = std::min(static_cast<std::size_t>((seen.at - from) / step), count - 1);
    add(seen, summary.slots[index], means[index]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    auto& slot = summary.slots[i];
    slot.from = from + step * static_cast<std::int64_t>(i);
    slot.saving = means[i].saving.count > 0 ? means[i].saving.value() : 0;
    slot.offset_s = means[i].offset.value();
    slot.rtc_ahead_s = means[i].rtc_ahead.value();
  }
  return summary;
}

}  // namespace timectl::history
