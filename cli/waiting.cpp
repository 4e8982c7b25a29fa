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
    context.report().note(fmt::format("pending: {}; waiting at most {} more", names,
                                      format_span(std::chrono::ceil<std::chrono::seconds>(left))));
    clock.sleep(std::min<std::chrono::milliseconds>(left, between_rounds));
    findings = ask();
  }
}

}  // namespace timectl::cli
