// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "findings.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "features/feature.hpp"
#include "monitor/rows.hpp"

#include <fmt/format.h>

namespace timectl::cli {

using probe::FindingRow;

namespace {

std::vector<const FindingRow*> rows_of_verify() {
  std::vector<const FindingRow*> rows;
  for (const auto& each : features::probes()) rows.push_back(&each.name.row());
  return rows;
}

void add(std::vector<const FindingRow*>& rows, probe::FindingName name) {
  if (!name.row().printed_by.verify) rows.push_back(&name.row());
}

std::vector<const FindingRow*> rows_of_rehearsal() {
  std::vector<const FindingRow*> rows;
  for (const auto& each : features::rehearsals()) {
    add(rows, each.name);
    for (const auto& other : each.also) add(rows, other);
  }
  return rows;
}

std::vector<const FindingRow*> rows_of_monitor() {
  std::vector<const FindingRow*> rows{monitor::rows.begin(), monitor::rows.end()};
  for (const auto& step : features::steps()) {
    for (const auto& name : step.prints) add(rows, name);
  }
  return rows;
}

}  // namespace

const std::vector<FindingGroup>& finding_groups() {
  static const std::vector<FindingGroup> groups{
      {"FINDINGS OF VERIFY",
       "timectl verify runs all probes that apply to the host, in parallel. A rehearsal runs some "
       "of them in its sandbox, and the monitor reports under the same names what it cannot do.",
       rows_of_verify()},
      {"FINDINGS OF A REHEARSAL",
       "timectl rehearse checks these on the target before anything is changed.",
       rows_of_rehearsal()},
      {"FINDINGS OF THE MONITOR",
       "timectl monitor prints a finding only for what is not in order: none of these is ever ok. "
       "rtc.drift, rtc.battery, time.bound, time.forecast and controller.hold_off are also events "
       "of the journal, with the name in TIMECTL_ALERT.",
       rows_of_monitor()}};
  return groups;
}

std::vector<const FindingRow*> all_findings() {
  std::vector<const FindingRow*> all;
  for (const auto& group : finding_groups()) {
    all.insert(all.end(), group.rows.begin(), group.rows.end());
  }
  return all;
}

const FindingRow& find_finding(const std::string& name) {
  std::vector<std::string> known;
  for (const auto* each : all_findings()) {
    if (each->name == name || each->former == name) return *each;
    known.emplace_back(each->name);
  }
  const auto near = closest(name, known);
  throw Error{ErrorKind::usage, fmt::format("cannot explain '{}': there is no such finding", name),
              near ? fmt::format("did you mean {}?", *near) : "timectl explain lists them"};
}

std::string manual_of(probe::FindingName name) {
  return fmt::format("timectl-probes(7), {}", name.text());
}

}  // namespace timectl::cli
