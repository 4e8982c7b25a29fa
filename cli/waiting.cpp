// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "waiting.hpp"

#include "base/text.hpp"
#include "duration.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

/// Asking again too soon would use up what a server answers to one address (chrony's ratelimit).
constexpr std::chrono::seconds between_rounds{5};

/// "chrony.sync, ntp.reply"; "" when time changes nothing more.
std::string names_of_pending(const std::vector<probe::Finding>& findings) {
  std::vector<std::string> names;
  for (const auto& finding : findings) {
    const bool ends_by_itself = finding.waits_for && finding.waits_for->at_most;
    if (ends_by_itself) names.emplace_back(finding.probe.text());
  }
  return join(names, ", ");
}

/// Says each second how long it is going to last.
void count_down(Context& context, const std::string& names, std::chrono::milliseconds round,
                std::chrono::nanoseconds until) {
  const auto& clock = context.clock();
  const auto next = clock.since_boot() + round;
  while (true) {
    const auto now = clock.since_boot();
    if (now >= next) return;
    const auto left = std::chrono::ceil<std::chrono::seconds>(until - now);
    context.report().progress(
        fmt::format("pending: {}; waiting at most {} more", names, format_span(left)), {});
    constexpr std::chrono::nanoseconds second = std::chrono::seconds{1};
    clock.sleep(std::chrono::ceil<std::chrono::milliseconds>(std::min(next - now, second)));
  }
}

}  // namespace

std::chrono::seconds parse_wait(const std::string& text) {
  if (text.empty()) return {};
  if (const auto span = parse_duration(text)) return *span;
  throw Error{ErrorKind::usage, fmt::format("'{}' is not a valid time to wait", text),
              "use 90s, 10m or 1h: at most a day"};
}

std::vector<probe::Finding> wait_for_pending(
    Context& context, std::vector<probe::Finding> findings, std::chrono::seconds span,
    const std::function<std::vector<probe::Finding>()>& ask) {
  const auto& clock = context.clock();
  const auto until = clock.since_boot() + span;
  while (true) {
    const auto names = names_of_pending(findings);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - clock.since_boot());
    if (names.empty() || left.count() <= 0) return findings;
    count_down(context, names, std::min<std::chrono::milliseconds>(left, between_rounds), until);
    findings = ask();
  }
}

}  // namespace timectl::cli
