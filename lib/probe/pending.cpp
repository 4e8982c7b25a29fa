// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "probe/asks.hpp"
#include "rtc/boot_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

/// What is not in order yet, and comes to be so by time or by a reboot.
namespace timectl::probe {

namespace {

/// Sent at once (iburst) or after an address was found: what has not answered by then does not.
constexpr Seconds longest_silence_at_start{120};
/// How long a daemon that hears a source may take until it follows it.
constexpr Seconds longest_settling{600};

/// When a process started, since boot: field 22 of /proc/PID/stat (proc_pid_stat(5)), counted
/// behind the name in parentheses, in hundredths of a second (USER_HZ).
std::optional<Seconds> started_at(std::uint32_t pid, const system::FileReader& files) {
  constexpr std::size_t field = 19;  // behind the name
  constexpr double ticks_a_second = 100;
  const auto stat = files.read(system::RootedPath{fmt::format("/proc/{}/stat", pid)});
  const auto name_end = stat ? stat->content.rfind(')') : std::string::npos;
  if (name_end == std::string::npos) return std::nullopt;
  const auto words = words_of(stat->content.substr(name_end + 1));
  const auto ticks = words.size() > field ? to_integer(words[field]) : std::nullopt;
  if (!ticks) return std::nullopt;
  return Seconds{static_cast<double>(*ticks) / ticks_a_second};
}

/// How long the unit has run; nullopt: it does not.
std::optional<Seconds> age_of(const char* unit, const Ports& ports) {
  const Seconds now{ports.clock.since_boot()};
  try {
    const auto pid = ports.services.state(unit).main_pid;
    if (pid == 0) return std::nullopt;
    return now - started_at(pid, ports.files).value_or(Seconds{});
  } catch (const Error&) {
    return now;  // PID 1 did not say
  }
}

/// nullopt where chronyd has no source, or does not say: chrony.sync reports that.
std::optional<Seconds> longest_wait_of_chronyd(const system::TimeDaemonReader& daemons) {
  try {
    const auto sources = daemons.chrony_sources();
    if (!sources || sources->empty()) return std::nullopt;
    const bool hears = std::any_of(sources->begin(), sources->end(),
                                   [](const auto& each) { return each.reach != 0; });
    return hears ? longest_settling : longest_silence_at_start;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string text_of(const Wait& wait) {
  if (!wait.at_most) return fmt::format("it waits for {}", wait.what);
  return fmt::format("it waits for {}, at most {} more", wait.what,
                     format_span(std::chrono::ceil<std::chrono::seconds>(*wait.at_most)));
}

std::string what_ends(const Wait& wait) {
  if (!wait.at_most) return "systemctl reboot";
  return fmt::format("timectl verify --wait {}m",
                     std::chrono::ceil<std::chrono::minutes>(*wait.at_most).count());
}

}  // namespace

Finding pending(Problem problem, Wait wait, Evidence evidence) {
  evidence.emplace_back("waits_for", wait.what);
  if (wait.at_most) evidence.emplace_back("waits_at_most_s", wait.at_most->count());
  if (!problem.cause.empty()) problem.cause += "; ";
  problem.cause += text_of(wait);
  if (problem.remedy.empty()) problem.remedy = what_ends(wait);
  auto finding = warning(std::move(problem), std::move(evidence));
  finding.verdict = Verdict::pending;
  finding.waits_for = std::move(wait);
  return finding;
}

std::optional<Wait> first_samples_of(const profile::Host& host, const Ports& ports) {
  const auto* daemon = daemon_of(host);
  const auto age = daemon != nullptr ? age_of(daemon->unit, ports) : std::nullopt;
  if (!age) return std::nullopt;
  const auto longest = profile::runs_chrony(host) ? longest_wait_of_chronyd(ports.daemons)
                                                  : std::optional{longest_silence_at_start};
  if (!longest || *age >= *longest) return std::nullopt;
  return Wait{fmt::format("the first samples of {}", daemon->unit), *longest - *age};
}

std::optional<Wait> awaited_reboot(const Ports& ports) {
  const auto boot = rtc::read_boot_state(ports.files, ports.clock.boot_id());
  if (!boot.awaits_reboot) return std::nullopt;
  return Wait{"a reboot", std::nullopt};
}

}  // namespace timectl::probe
