// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/asks.hpp"
#include "probe/whose_time.hpp"

#include <fmt/format.h>

#include <algorithm>

/// time.quality.
namespace timectl::probe {

namespace {

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

/// "whose time: UTC to 12 ms, the island to 3 ms".
std::string summary_of(const WhoseTime& whose) {
  return fmt::format("{}: UTC to {}, the site's clock to {}", to_string(whose.judgement.state),
                     text_of(whose.errors.to_utc), text_of(whose.errors.to_island));
}

Evidence describe(const WhoseTime& whose) {
  Evidence evidence{{"state", to_string(whose.judgement.state)},
                    {"reason", whose.judgement.reason},
                    {"followed", whose.followed}};
  if (whose.errors.to_utc) {
    evidence.emplace_back("error_to_utc_s", whose.errors.to_utc->count());
  }
  if (whose.errors.to_island) {
    evidence.emplace_back("error_to_island_s", whose.errors.to_island->count());
  }
  return evidence;
}

Finding on_its_own(const Subject& subject, const WhoseTime& whose, Evidence evidence) {
  if (is_island_by_design(subject)) return good(summary_of(whose), std::move(evidence));
  return warning({summary_of(whose), whose.judgement.reason,
                  "as it should be while the site is offline; else on the server: chronyc "
                  "sources -v"},
                 std::move(evidence));
}

SilentDaemon daemon_of(const profile::Host& host) {
  constexpr auto why = "whom it follows is asked of the daemon itself, and nobody answered";
  if (runs_chrony(host)) {
    return {"chronyd", "chrony.service", "chronyd", why, "run timectl verify as root"};
  }
  return {"timesyncd", "systemd-timesyncd.service", "systemd-timesyn", why,
          "systemctl status dbus.service; timedatectl show-timesync"};
}

Finding without_time(const WhoseTime& whose, Evidence evidence) {
  if (whose.rtc_is_busy) {
    return {"",
            Verdict::unknown,
            "whose time it is hangs on the RTC, which another program holds",
            std::move(evidence),
            whose.judgement.reason,
            "stop the program that holds /dev/rtc: fuser -v /dev/rtc*"};
  }
  Trouble trouble{"unsynchronized: nobody's time can be gone by here", whose.judgement.reason, ""};
  if (!whose.is_settled) {
    trouble.remedy = "wait a minute: timectl verify --wait 2m";
    return warning(std::move(trouble), std::move(evidence));
  }
  trouble.remedy = "the findings of ntp.reply, chrony.sync and timesync.server say what to do";
  return failed(std::move(trouble), std::move(evidence));
}

}  // namespace

Finding ask_time_quality(const Subject& subject, const Ports& ports) {
  const auto whose = look_whose_time(subject, ports);
  if (!whose.daemon_answered) {
    // A client's that does not run steers nothing, and what is left can be judged. A server that
    // does not serve has time for nobody.
    auto silent = judge_silence(daemon_of(subject.host), ports);
    if (silent.verdict == Verdict::unknown || subject.host.serve) return silent;
  }
  auto evidence = describe(whose);
  switch (whose.judgement.state) {
    case State::traceable:
      return good(summary_of(whose), std::move(evidence));
    case State::holdover:
      return warning({summary_of(whose), whose.judgement.reason,
                      "the error grows from here: on the server, chronyc sources -v"},
                     std::move(evidence));
    case State::island:
    case State::rtc_only:
      return on_its_own(subject, whose, std::move(evidence));
    case State::unsynchronized:
      return without_time(whose, std::move(evidence));
    case State::wrong:
      break;
  }
  return failed({"wrong: there is evidence against this clock", whose.judgement.reason,
                 "on the server: timectl rtc hctosys takes its RTC's time, timectl rtc set the "
                 "one you know; timectl probe ntp asks both sides"},
                std::move(evidence));
}

}  // namespace timectl::probe
