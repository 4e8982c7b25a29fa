// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/message_of.hpp"
#include "base/text.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

/// All probes side by side, none of which can hold up or take down the others.
namespace timectl::probe {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

std::atomic<bool> left_behind{false};

/// A subject that outlives its caller: a late probe goes on reading it.
struct KeptSubject {
  explicit KeptSubject(const Subject& subject)
      : profile(subject.profile),
        host(subject.host),
        facts(subject.facts),
        view{profile, host, facts, subject.drifted_files, subject.unread_files} {}
  KeptSubject(const KeptSubject&) = delete;
  KeptSubject& operator=(const KeptSubject&) = delete;

  profile::Profile profile;
  profile::Host host;
  facts::Facts facts;
  Subject view;
};

Finding not_asked(const std::string& why) {
  return {{}, Verdict::unknown, why, {}, "the question could not be asked", ""};
}

Finding ask_safely(const Probe& probe, const Subject& subject, const Ports& ports) {
  Finding finding;
  try {
    finding = probe.ask(subject, ports);
  } catch (const Error& error) {
    finding = not_asked(error.what());
    finding.remedy = error.hint();
    // The words of the ports are for the command at hand; what root runs again is verify.
    const bool has_own = !finding.remedy.empty() && finding.remedy != "run it as root";
    if (error.kind() == ErrorKind::permission && !has_own) finding.remedy = as_root;
  } catch (const std::exception& error) {
    finding = not_asked(message_of(error));
  }
  return finding;
}

/// A finding without asking, where asking makes no sense.
std::optional<Finding> reason_to_skip(const Probe& probe, const Subject& subject) {
  if (!probe.applies(subject.host)) {
    return skipped(fmt::format("'{}' has nothing for this probe to look at", subject.host.name));
  }
  if (subject.facts.is_offline_root && probe.needs == Needs::running_host) {
    return skipped("nothing runs below --root");
  }
  return std::nullopt;
}

bool names(const std::string& word, std::string_view probe) {
  return probe == word || probe.starts_with(word + ".");
}

bool is_named_by(std::string_view probe, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return names(word, probe); });
}

void check_names(const std::vector<std::string>& words, std::span<const Probe> probes) {
  std::vector<std::string> known;
  for (const auto& probe : probes) known.emplace_back(probe.name.text());
  for (const auto& word : words) {
    const auto is_named = [&](const std::string& probe) { return names(word, probe); };
    if (std::any_of(known.begin(), known.end(), is_named)) continue;
    const auto near = closest(word, known);
    throw Error{ErrorKind::usage, fmt::format("cannot ask '{}': there is no such probe", word),
                near ? fmt::format("did you mean {}?", *near)
                     : fmt::format("there are {}", join(known, ", "))};
  }
}

/// Asks in a thread of its own. std::async will not do: its future waits for it.
std::future<Finding> start(const Probe& probe, std::shared_ptr<const KeptSubject> subject,
                           const Ports& ports) {
  std::promise<Finding> promise;
  auto future = promise.get_future();
  std::thread{[probe, subject = std::move(subject), ports, promise = std::move(promise)]() mutable {
    promise.set_value(ask_safely(probe, subject->view, ports));
  }}.detach();
  return future;
}

/// The same where no thread is to be had (a limit on tasks): those that run already use what the
/// caller holds, so it must not be left by an exception.
std::future<Finding> ask_aside(const Probe& probe, std::shared_ptr<const KeptSubject> subject,
                               const Ports& ports) {
  try {
    return start(probe, std::move(subject), ports);
  } catch (const std::system_error& error) {
    auto finding = not_asked(error.what());
    finding.cause = "no thread could be started to ask in";
    finding.remedy = "systemctl status shows Tasks and Memory; ask again";
    std::promise<Finding> promise;
    promise.set_value(std::move(finding));
    return promise.get_future();
  }
}

Finding collect(std::future<Finding>& future, SteadyTime until, const Asking& asking) {
  if (future.wait_until(until) == std::future_status::ready) return future.get();
  left_behind = true;
  auto finding = not_asked("");
  finding.summary = fmt::format("there was no answer within {}", format_span(asking.deadline));
  finding.cause = "something this probe looks at hangs: a bus, a disk or a daemon";
  finding.remedy = "journalctl -b -p warning; dmesg | tail";
  return finding;
}

/// No question is no answer, and must not read as "all is well".
void require_a_question(const Asking& asking, std::span<const Probe> probes) {
  const bool is_any = std::any_of(probes.begin(), probes.end(),
                                  [&](const Probe& probe) { return is_asked(asking, probe.name); });
  if (is_any) return;
  throw Error{ErrorKind::usage,
              asking.only.empty()
                  ? fmt::format("nothing is left to ask without {}", join(asking.skip, ", "))
                  : fmt::format("nothing is left to ask: only {}, without {}",
                                join(asking.only, ", "), join(asking.skip, ", ")),
              "skip less"};
}

}  // namespace

bool is_asked(const Asking& asking, FindingName name) {
  const auto text = name.text();
  return (asking.only.empty() || is_named_by(text, asking.only)) && !is_named_by(text, asking.skip);
}

std::vector<Finding> run_probes(const Subject& subject, const Ports& ports,
                                std::span<const Probe> probes, const Asking& asking) {
  check_names(asking.only, probes);
  check_names(asking.skip, probes);
  require_a_question(asking, probes);
  const auto kept = std::make_shared<const KeptSubject>(subject);
  const auto until = std::chrono::steady_clock::now() + asking.deadline;
  std::vector<Finding> findings;
  std::vector<std::future<Finding>> asked;
  for (const auto& probe : probes) {
    if (!is_asked(asking, probe.name)) continue;
    if (asking.only.empty() && !probe.applies(subject.host)) continue;
    const auto skip = reason_to_skip(probe, subject);
    findings.push_back(skip.value_or(Finding{}));
    findings.back().probe = probe.name;
    asked.push_back(skip ? std::future<Finding>{} : ask_aside(probe, kept, ports));
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!asked[i].valid()) continue;
    const auto name = findings[i].probe;
    findings[i] = collect(asked[i], until, asking);
    findings[i].probe = name;
  }
  return findings;
}

bool has_left_behind() { return left_behind; }

}  // namespace timectl::probe
