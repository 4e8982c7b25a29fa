// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time_daemon.hpp"
#include "platform/platform.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace timectl::backends {

namespace {

using system::ChronySource;

/// Any of the last eight polls.
bool is_reached(const ChronySource& source) { return source.reach != 0; }

/// Bit 0 is the last poll; a falseticker is heard and not to be followed.
bool is_heard(const ChronySource& source) {
  return (source.reach & 1U) != 0 && source.state != 'x';
}

/// The words of chronyc(1) tracking; "Not synchronised" announces nothing.
Leap leap_of(const std::string& status) {
  if (status == "Insert second") return Leap::inserts;
  if (status == "Delete second") return Leap::deletes;
  return Leap::none;
}

void add_selected(const ChronySource& source, TimeDaemonView& view) {
  view.kept = source.name;
  // chronyd keeps the star on a preferred source that answered none of eight polls.
  if (is_reached(source)) view.followed = source.name;
  view.last_reply_age = source.since_last_sample;
  view.poll_interval = Seconds{std::exp2(source.poll_log2)};
  // tracking names the source itself; that the source runs on its own clock shows in its stratum.
  view.reference_id = view.tracking->reference_id;
  view.stratum = source.stratum;
  view.bound = error_bound(*view.tracking);
}

class Chrony : public TimeDaemon {
 public:
  const char* unit() const override { return platform::chronyd.unit; }

  TimeDaemonView observe(const system::TimeDaemonReader& daemons, WallTime,
                         bool serves) const override {
    TimeDaemonView view;
    const auto counters = serves ? system::ChronyCounters::yes : system::ChronyCounters::no;
    const auto report = daemons.chrony_report(counters);
    view.answered = report.has_value();
    if (!report) return view;
    view.tracking = report->tracking;
    view.leap = leap_of(report->tracking.leap);
    view.sources = report->sources;
    view.server_stats = report->server_stats;
    const auto& sources = view.sources;
    const auto selected =
        std::find_if(sources->begin(), sources->end(),
                     [](const ChronySource& source) { return source.state == '*'; });
    if (selected != sources->end()) add_selected(*selected, view);
    view.hears_source = std::any_of(sources->begin(), sources->end(), is_reached);
    view.hears_other = std::any_of(sources->begin(), sources->end(), [&](const auto& source) {
      return source.name != view.kept && is_heard(source);
    });
    return view;
  }
};

}  // namespace

const TimeDaemon& chrony() {
  static const Chrony daemon;
  return daemon;
}

}  // namespace timectl::backends
