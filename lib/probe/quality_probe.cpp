// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

/// time.quality.
namespace timectl::probe {

namespace {

using observe::HostTime;
using observe::Observation;
using quality::State;

/// A site without sources is an island by design; one with sources has lost them.
bool is_island_by_design(const Subject& subject) {
  const auto servers = subject.profile.servers();
  return std::none_of(servers.begin(), servers.end(),
                      [](const profile::Host* server) { return server->sources.has_value(); });
}

std::string text_of(const std::optional<Seconds>& error) {
  return error ? format_span(*error) : "an unknown span";
}

/// "UTC to 12 ms, the island to 3 ms".
std::string summary_of(const HostTime& time) {
  return fmt::format("{}: UTC to {}, the site's clock to {}", to_string(time.judgement.state),
                     text_of(time.errors.to_utc), text_of(time.errors.to_island));
}

Evidence describe(const profile::Host& host, const HostTime& time) {
  Evidence evidence{{"state", to_string(time.judgement.state)},
                    {"reference", to_string(time.reference)},
                    {"reason", time.judgement.reason},
                    {"followed", time.followed}};
  const auto add = [&evidence](const char* key, Seconds span) {
    if (std::isfinite(span.count())) evidence.emplace_back(key, span.count());
  };
  add("bound_s", time.judgement.bound);
  if (time.errors.to_utc) add("error_to_utc_s", *time.errors.to_utc);
  if (time.errors.to_island) add("error_to_island_s", *time.errors.to_island);
  evidence.emplace_back("wander_ppm", time.wander.clock * 1e6);
  if (host.rtc) evidence.emplace_back("rtc_wander_ppm", time.wander.rtc * 1e6);
  return evidence;
}

/// What the host's daemon still waits for; nullopt once it had a reply, or the time for one.
std::optional<Wait> awaited_samples(const Subject& subject, const Observation& seen,
                                    const HostTime& time, const Ports& ports) {
  const bool has_reply =
      subject.host.client ? seen.daemon.last_reply_age.has_value() : time.is_synchronized;
  if (has_reply) return std::nullopt;
  return first_samples_of(subject.host, ports);
}

Finding on_its_own(const Subject& subject, const HostTime& time, Evidence evidence) {
  if (is_island_by_design(subject)) return good(summary_of(time), std::move(evidence));
  return warning({summary_of(time), time.judgement.reason,
                  "normal while the site is offline; else on the server: chronyc sources -v"},
                 std::move(evidence));
}

SilentDaemon silent_daemon_of(const profile::Host& host) {
  constexpr auto why = "only the daemon knows which source it follows, and it did not answer";
  switch (profile::time_daemon_of(host)) {
    case profile::TimeDaemon::timesyncd:
      return {"timesyncd",
              platform::timesyncd.unit,
              platform::timesyncd.process,
              why,
              "systemctl status dbus.service; timedatectl show-timesync",
              true};
    case profile::TimeDaemon::chrony:
    case profile::TimeDaemon::none:
      break;
  }
  return {"chronyd", platform::chronyd.unit, platform::chronyd.process, why, as_root};
}

Finding held_rtc(const HostTime& time, Evidence evidence) {
  return {{},
          Verdict::unknown,
          "the state depends on the RTC, and another program holds that",
          std::move(evidence),
          time.judgement.reason,
          "stop the program that holds /dev/rtc: fuser -v /dev/rtc*"};
}

Finding without_time(std::optional<Wait> wait, const HostTime& time, Evidence evidence) {
  Problem problem{"unsynchronized: no usable time source", time.judgement.reason, ""};
  if (wait) return pending(std::move(problem), std::move(*wait), std::move(evidence));
  problem.remedy = "the findings of ntp.reply, chrony.sync and timesync.server say what to do";
  return failed(std::move(problem), std::move(evidence));
}

Finding ask_time_quality(const Subject& subject, const Ports& ports) {
  const auto seen = observe::observe(subject.profile, subject.host, ports.of_time());
  if (seen.network_error) throw Error{*seen.network_error};
  if (seen.daemon_error) throw Error{*seen.daemon_error};
  const auto time =
      observe::judge(subject.host, seen, profile::limits_of(subject.profile, subject.host));
  auto evidence = describe(subject.host, time);
  if (!seen.daemon.answered) {
    // A client's that does not run steers nothing, and what is left can be judged. A server that
    // does not run has no time to serve.
    auto silent = judge_silence(silent_daemon_of(subject.host), ports);
    const bool runs = ports.services.state(silent_daemon_of(subject.host).unit).is_active();
    if (silent.verdict == Verdict::unknown || runs) return silent;
    if (subject.host.serve) {
      for (auto& item : evidence) silent.evidence.push_back(std::move(item));
      return silent;
    }
  }
  switch (time.judgement.state) {
    case State::traceable:
      return good(summary_of(time), std::move(evidence));
    case State::holdover:
      return warning({summary_of(time), time.judgement.reason,
                      "the error grows from here: on the server, chronyc sources -v"},
                     std::move(evidence));
    case State::island:
    case State::rtc_only:
      return on_its_own(subject, time, std::move(evidence));
    case State::unsynchronized:
      if (!subject.host.client && seen.rtc.reading.health == system::RtcHealth::busy) {
        return held_rtc(time, std::move(evidence));
      }
      return without_time(awaited_samples(subject, seen, time, ports), time, std::move(evidence));
    case State::wrong:
      break;
  }
  return failed({"wrong: there is evidence against this clock", time.judgement.reason,
                 "on the server: timectl rtc hctosys takes its RTC's time, timectl rtc set --time "
                 "TIME the one you know; timectl probe ntp asks both sides"},
                std::move(evidence));
}

bool serves_or_follows(const profile::Host& host) { return host.serve || host.client; }

}  // namespace

constinit const Probe time_probes[2] = {
    {row::time_quality, Needs::running_host, serves_or_follows, ask_time_quality},
    {row::time_leap, Needs::running_host, serves_or_follows, ask_time_leap},
};

}  // namespace timectl::probe
