// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "observe/judge.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "probe/chrony_in_force.hpp"
#include "probe/masked.hpp"
#include "probe/rows.hpp"
#include "profile/limits.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/island.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

/// chrony.config and chrony.sync.
namespace timectl::probe {

namespace {

using system::ChronySource;
using system::ChronyTracking;

constexpr auto config_path = platform::chrony::configuration;
/// A disciplined host stays well below it; beyond it something is not in order.
constexpr Seconds largest_bound{1};

/// chronyd -p prints names as they were written, and chronyd compares them without regard to case.
bool is_same_name(std::string_view written, std::string_view directive) {
  return std::equal(written.begin(), written.end(), directive.begin(), directive.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

bool has_directive(const std::vector<std::string>& lines, std::string_view directive) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    const auto words = words_of(line);
    return !words.empty() && is_same_name(words.front(), directive);
  });
}

/// Where chronyd has the last of them from; `otherwise` where timectl cannot follow its files.
std::string place_of_directive(const Ports& ports, std::string_view directive,
                               const std::string& otherwise) {
  const auto chrony = facts::read_chrony(ports.files, true, true);
  if (!chrony) return otherwise;
  const auto found = chrony->now.named(directive);
  return found.empty() ? otherwise : facts::place_of(*found.back());
}

std::string last_line(const std::string& text) {
  const auto lines = lines_of(trim(text));
  return lines.empty() ? std::string{} : lines.back();
}

std::vector<std::string> names_if(const std::vector<ChronySource>& sources,
                                  bool (*wanted)(const ChronySource&)) {
  std::vector<std::string> names;
  for (const auto& source : sources) {
    if (wanted(source)) names.push_back(source.name);
  }
  return names;
}

bool is_reached(const ChronySource& source) { return source.reach != 0; }
bool is_selected(const ChronySource& source) { return source.state == '*'; }
bool is_falseticker(const ChronySource& source) { return source.state == 'x'; }

/// The largest number there is when chronyd was never corrected.
Seconds reference_age(const ChronyTracking& tracking, WallTime now) {
  return tracking.reference_time ? Seconds{now - *tracking.reference_time} : Seconds::max();
}

/// chronyc's leap status as the bits of NTP.
int leap_of(const ChronyTracking& tracking) { return tracking.leap == "Not synchronised" ? 3 : 0; }

Evidence describe(const ChronyTracking& tracking, const std::vector<ChronySource>& sources,
                  const std::string& time_state, WallTime now) {
  Evidence evidence{{"state", time_state},
                    {"reference_id", tracking.reference_id},
                    {"source", tracking.source},
                    {"stratum", std::int64_t{tracking.stratum}},
                    {"leap", tracking.leap},
                    {"offset_s", tracking.system_offset.count()},
                    {"root_delay_s", tracking.root_delay.count()},
                    {"root_dispersion_s", tracking.root_dispersion.count()},
                    {"bound_s", error_bound(tracking).count()},
                    {"frequency_ppm", tracking.frequency_ppm},
                    {"skew_ppm", tracking.skew_ppm},
                    {"sources", static_cast<std::int64_t>(sources.size())}};
  evidence.emplace_back("sources_reached",
                        static_cast<std::int64_t>(names_if(sources, is_reached).size()));
  if (tracking.reference_time) {
    evidence.emplace_back("reference_age_s", Seconds{now - *tracking.reference_time}.count());
  }
  return evidence;
}

/// In chronyd's present run.
bool is_island_disabled(const Ports& ports) {
  const auto boot = rtc::read_boot_state(ports.files, ports.clock.boot_id());
  if (boot.disabled_invocation.empty()) return false;
  return ports.services.state(platform::chronyd.unit).invocation_id == boot.disabled_invocation;
}

/// Sources that answer make a server in a minute. One that was set by them long ago measures anew
/// after each step, so that it is not failed while they answer.
Finding unsynchronized(const Subject& subject, const std::vector<ChronySource>& sources,
                       const Ports& ports, Evidence evidence) {
  const auto reached = names_if(sources, is_reached).size();
  const auto answering = fmt::format("{} of {} sources answer", reached, sources.size());
  const bool is_disabled = reached == 0 && is_island_disabled(ports);
  auto wait = is_disabled ? std::nullopt : first_samples_of(subject.host, ports);
  if (wait) {
    return pending({"chronyd has not synchronized yet", answering, ""}, std::move(*wait),
                   std::move(evidence));
  }
  if (reached != 0) {
    return warning({"chronyd has not synchronized", answering + ", and it may be measuring anew",
                    "chronyc sources -v says why each is not selected"},
                   std::move(evidence));
  }
  const auto silence = sources.empty()
                           ? std::string{"it has no source"}
                           : fmt::format("of {} configured none answers", sources.size());
  if (is_disabled) {
    return failed({"chronyd has no time: no source answers, and island mode is disabled",
                   fmt::format("{}, and the operator disabled island mode", silence),
                   "connect the host to its sources, or timectl island enable"},
                  std::move(evidence));
  }
  return failed(
      {"chronyd has no time: no source answers, and island mode is not enabled",
       fmt::format("{}, and this host's own clock is not validated", silence),
       "connect the host to its sources, or when you know the time: timectl rtc set --time TIME"},
      std::move(evidence));
}

/// A server without sources is an island by design; one with sources has lost them.
Finding on_its_own_clock(const std::vector<ChronySource>& sources, Evidence evidence) {
  if (sources.empty()) {
    return good("chronyd serves the site's own time (island)", std::move(evidence));
  }
  return warning({"chronyd serves the site's own time (island)",
                  fmt::format("none of its {} sources is followed", sources.size()),
                  "chronyc sources -v shows which answer; this is normal offline"},
                 std::move(evidence));
}

Problem over_limit(const ChronyTracking& tracking) {
  return {fmt::format("the error bound is {}", format_span(error_bound(tracking))),
          fmt::format("offset {}, root dispersion {}, root delay {}",
                      format_span(tracking.system_offset), format_span(tracking.root_dispersion),
                      format_span(tracking.root_delay)),
          "chronyc tracking; chronyc sources -v"};
}

/// Until chronyd knows its frequency, some samples after the first, its root dispersion grows by a
/// second a second.
Finding beyond_limit(const Subject& subject, const ChronyTracking& tracking, const Ports& ports,
                     Evidence evidence) {
  auto problem = over_limit(tracking);
  if (auto wait = first_samples_of(subject.host, ports)) {
    problem.remedy.clear();  // to wait
    return pending(std::move(problem), std::move(*wait), std::move(evidence));
  }
  return failed(std::move(problem), std::move(evidence));
}

/// What chronyd keeps calling "Normal" for days.
std::optional<Problem> hidden_problem(const std::vector<ChronySource>& sources,
                                      const std::string& time_state) {
  const auto selected = std::find_if(sources.begin(), sources.end(), is_selected);
  const bool selected_lost = selected != sources.end() && !is_reached(*selected);
  if (time_state == "holdover" && selected != sources.end() && !selected_lost) {
    return Problem{
        "chronyd says it is synchronized, and its source is gone",
        fmt::format("{} is selected, and no sample of it was used for an hour", selected->name),
        "chronyc sources -v; chronyc tracking (Ref time)"};
  }
  if (selected == sources.end() && time_state != "island") {
    return Problem{"chronyd says it is synchronized, and follows no source",
                   "none of its sources is selected (*)", "chronyc sources -v"};
  }
  if (names_if(sources, is_reached).empty() || selected_lost) {
    return Problem{
        "chronyd says it is synchronized, and its source is gone",
        selected_lost ? fmt::format("{} has not answered for eight polls (reach 0)", selected->name)
                      : "no source has answered for eight polls (reach 0)",
        "chronyc sources -v; check the way to the source"};
  }
  const auto false_ones = names_if(sources, is_falseticker);
  if (!false_ones.empty()) {
    return Problem{fmt::format("sources disagree: {}", join(false_ones, ", ")),
                   "chronyd outvoted them as falsetickers", "chronyc sources -v"};
  }
  return std::nullopt;
}

/// Good time, but not the site's: its hosts may disagree, and no power is saved.
std::optional<Problem> away_from_site(const Subject& subject,
                                      const std::vector<ChronySource>& sources) {
  const auto selected = std::find_if(sources.begin(), sources.end(), is_selected);
  if (!subject.host.client || selected == sources.end()) return std::nullopt;
  const auto servers = profile::server_addresses(subject.profile);
  if (std::find(servers.begin(), servers.end(), selected->name) != servers.end()) {
    return std::nullopt;
  }
  return Problem{fmt::format("chronyd follows a fallback: {}", selected->name),
                 "the site's server did not answer it",
                 "on the server: timectl verify; chronyd prefers it again as soon as it answers"};
}

/// A chronyd that serves its own clock, which is not validated.
std::optional<Finding> not_validated(const Subject& subject, const ChronyTracking& tracking,
                                     const Ports& ports, const Evidence& evidence) {
  if (!tracking.reference_id.starts_with("7F7F01")) return std::nullopt;
  const auto seen = observe::observe_clocks(subject.host, ports.of_time());
  // An RTC that fails later takes nothing back: only evidence against the clock is a failure.
  if (const auto wrong = rtc::must_disable_island(seen.rtc, seen.boot.synchronized_at, seen.clock);
      wrong.yes) {
    return failed({"chronyd serves its own clock, and that is wrong", wrong.reason,
                   "chronyc local off; when you know the time: timectl rtc set --time TIME"},
                  evidence);
  }
  const auto may = observe::may_enable_island(subject.host, seen,
                                              profile::limits_of(subject.profile, subject.host));
  if (may.yes || seen.rtc.reading.health == system::RtcHealth::no_permission) return std::nullopt;
  return warning(
      {"chronyd serves its own clock, which is not validated", may.reason,
       fmt::format("grep -r '^local' {}; when you know the time: timectl rtc set --time TIME",
                   platform::chrony::directory)},
      evidence);
}

Finding judge_sync(const Subject& subject, const Ports& ports) {
  const auto tracking = ports.daemons.chrony_tracking();
  const auto answer = tracking ? ports.daemons.chrony_sources() : std::nullopt;
  if (!tracking || !answer) return judge_silence(silent_chronyd(ports), ports);
  const auto& sources = *answer;
  const auto now = ports.clock.now();
  const auto time_state =
      state_now(state_by(tracking->reference_id, tracking->stratum, leap_of(*tracking),
                         profile::local_stratum(subject.profile)),
                reference_age(*tracking, now));
  auto evidence = describe(*tracking, sources, time_state, now);
  if (time_state == "unsynchronized") {
    return unsynchronized(subject, sources, ports, std::move(evidence));
  }
  if (auto reason = why_impossible(now)) {
    return failed({"chronyd gives a time that is not plausible", *reason,
                   "timectl rtc; when you know the time: timectl rtc set --time TIME"},
                  std::move(evidence));
  }
  if (subject.host.serve && time_state == "island") {
    if (auto finding = not_validated(subject, *tracking, ports, evidence)) return *finding;
    return on_its_own_clock(sources, std::move(evidence));
  }
  if (error_bound(*tracking) > largest_bound) {
    return beyond_limit(subject, *tracking, ports, std::move(evidence));
  }
  if (auto problem = hidden_problem(sources, time_state)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  if (auto problem = away_from_site(subject, sources)) {
    return warning(std::move(*problem), std::move(evidence));
  }
  return good(fmt::format("{} time from {}, error bound {}",
                          time_state == "island" ? "the site's own" : "traceable", tracking->source,
                          format_span(error_bound(*tracking))),
              std::move(evidence));
}

Finding ask_chrony_config(const Subject& subject, const Ports& ports) {
  if (!ports.processes.find(platform::chronyd.program)) {
    return failed(
        {"chronyd is not installed", "the package chrony is missing", "timectl provision"});
  }
  const auto result = ports.processes.run({.program = platform::chronyd.program,
                                           .arguments = {"-p", "-f", config_path},
                                           .input = {},
                                           .environment = {}});
  const auto lines = lines_of(result.output);
  const Evidence evidence{{"status", std::int64_t{result.status}},
                          {"lines", static_cast<std::int64_t>(lines.size())}};
  if (result.timed_out) {
    return {{}, Verdict::unknown, "chronyd -p did not finish", evidence, "", ""};
  }
  if (result.is_cut) {
    return {{}, Verdict::unknown, "chronyd -p said more than timectl reads", evidence, "", ""};
  }
  const auto said = last_line(result.errors.empty() ? result.output : result.errors);
  if (!result.succeeded() || result.errors.find("Fatal error") != std::string::npos) {
    return failed({"chronyd refuses its configuration", said,
                   fmt::format("timectl plan; chronyd -p -f {}", config_path)},
                  evidence);
  }
  // chronyd -p says yes to this pair, and chronyd does not start with it.
  if (has_directive(lines, "rtcfile") && has_directive(lines, "rtcsync")) {
    return failed(
        {"chronyd will not start: rtcfile and rtcsync exclude each other",
         place_of_directive(ports, "rtcfile", "both directives are in force"),
         fmt::format("remove rtcfile: grep -rni rtcfile {}", platform::chrony::directory)},
        evidence);
  }
  if (subject.host.serve && has_directive(lines, "local")) {
    return failed(
        {"a 'local' directive makes chronyd serve any time from the first second of a boot",
         fmt::format("{}: chronyd obeys it before the clock is validated",
                     place_of_directive(ports, "local", "it stands in chrony's files")),
         fmt::format("grep -rn '^ *local' {} shows where: remove it; timectl enables island mode "
                     "at run time",
                     platform::chrony::directory)},
        evidence);
  }
  if (auto finding = chrony_not_in_force(subject, ports)) {
    finding->evidence = evidence;
    return *finding;
  }
  return good("chronyd accepts its configuration", evidence);
}

Finding ask_chrony_sync(const Subject& subject, const Ports& ports) {
  return warn_if_masked(judge_sync(subject, ports), platform::chronyd.unit, ports.services);
}

}  // namespace

SilentDaemon silent_chronyd(const Ports& ports) {
  SilentDaemon daemon{"chronyd", platform::chronyd.unit, platform::chronyd.process, "", ""};
  if (!ports.processes.find(platform::chrony::client)) {
    daemon.why = "chronyc is not installed, and no other program asks chronyd";
    daemon.remedy = "apt-get install --reinstall chrony";
    return daemon;
  }
  daemon.why =
      "chronyc cannot talk to it: its socket accepts only root, and cmdport 0 closes port 323";
  daemon.remedy = "run timectl verify as root; chronyc tracking";
  return daemon;
}

constinit const Probe chrony_probes[2] = {
    {row::chrony_config, Needs::running_host, profile::runs_chrony, ask_chrony_config},
    {row::chrony_sync, Needs::running_host, profile::runs_chrony, ask_chrony_sync},
};

}  // namespace timectl::probe
