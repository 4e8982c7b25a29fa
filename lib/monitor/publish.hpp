// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"
#include "monitor/state.hpp"
#include "profile/profile.hpp"
#include "publish/measure.hpp"

#include <optional>
#include <string>

/// What others learn of a tick.
namespace timectl::monitor {

/// What a tick has measured, for the rows of publish. It refers to `host` and `tick`.
publish::Check check_of(const profile::Host& host, const State& state, const Tick& tick);

/// The tick in Prometheus' text format: every measure that is exported.
std::string metrics_text(const profile::Host& host, const State& state, const Tick& tick);

/// One event for each change since the tick before: the state of the time, the controller's power
/// saving, alerts that begin, a hold-off that begins. The kinds are described in
/// packaging/timectl.catalog.
void send_events(const State& before, const State& after, const Tick& tick,
                 system::EventLog& events);

/// Both, and the measures for `timectl status` (publish/document.hpp). Metrics are written to
/// /run/timectl/timectl.prom, with a link to it where node_exporter reads, if that directory
/// exists; what fails is a finding.
void publish(const profile::Host& host, const State& before, const State& after, const Ports& ports,
             Tick& tick);

/// What stands where metrics are to go, so that they never could.
struct MetricsObstacle {
  std::string reason;  ///< names the path
  std::string remedy;
};

/// The first on the way to the host's directory that is no directory, or a link that root does not
/// follow because another user can exchange it. A directory that is not there is no obstacle:
/// nothing is published then.
std::optional<MetricsObstacle> find_metrics_obstacle(const profile::Host& host,
                                                     const system::FileReader& files);

/// Removes that link, if it is one of ours: without a monitor the last metrics would stay for ever.
/// Throws Error when it cannot.
void withdraw_metrics(const profile::Host& host, system::FileStore& files);

}  // namespace timectl::monitor
