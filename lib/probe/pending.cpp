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

/// nullopt where the unit does not run, or PID 1 did not say.
std::optional<Seconds> started_at(const char* unit, const Ports& ports) {
  try {
    const auto pid = ports.services.state(unit).main_pid;
    return pid != 0 ? started_at(pid, ports.files) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// False where chronyd does not say: chrony.sync reports that.
bool hears_a_source(const system::TimeDaemonReader& daemons) {
  try {
    const auto sources = daemons.chrony_sources();
    return sources && std::any_of(sources->begin(), sources->end(),
                                  [](const auto& each) { return each.reach != 0; });
  } catch (const Error&) {
    return false;
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

std::optional<Wait> first_samples(const platform::Daemon& daemon, bool hears_source,
                                  const Ports& ports) {
  const auto start = started_at(daemon.unit, ports);
  const auto age = Seconds{ports.clock.since_boot()} - start.value_or(Seconds{});
  const auto left = (hears_source ? longest_settling : longest_silence_at_start) - age;
  if (left <= Seconds{}) return std::nullopt;
  return Wait{fmt::format("the first samples of {}", daemon.unit), left};
}

std::optional<Wait> first_samples_of_chronyd(const Ports& ports) {
  return first_samples(platform::chronyd, hears_a_source(ports.daemons), ports);
}

std::optional<Wait> awaited_reboot(const Ports& ports) {
  const auto boot = rtc::read_boot_state(ports.files, ports.clock.boot_id());
  if (!boot.awaits_reboot) return std::nullopt;
  return Wait{"a reboot", std::nullopt};
}

}  // namespace timectl::probe
