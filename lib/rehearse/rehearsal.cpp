// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearsal.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::rehearse {

using probe::Finding;
using probe::Verdict;

std::string all_said(const system::CommandResult& result) { return result.errors + result.output; }

const probe::FindingRow* find_row(std::span<const Rehearsal> rehearsals, std::string_view name) {
  for (const auto& rehearsal : rehearsals) {
    if (rehearsal.name.text() == name) return &rehearsal.name.row();
    for (const auto& other : rehearsal.also) {
      if (other.text() == name) return &other.row();
    }
  }
  return nullptr;
}

std::string last_said(const std::string& text) {
  const auto lines = lines_of(trim(text));
  return lines.empty() ? std::string{} : lines.back();
}

Finding judge_check(probe::FindingName name, const system::CommandResult& result,
                    const std::string& accepted, const std::string& refused) {
  const auto said = last_said(all_said(result));
  if (result.succeeded()) return {name, Verdict::ok, accepted, {{"said", said}}, "", ""};
  return {name,    Verdict::failed,
          refused, {{"status", static_cast<std::int64_t>(result.status)}},
          said,    "correct the file that is named; the one on this host may clash with timectl's"};
}

Finding missing_program(probe::FindingName name, const std::string& program,
                        const std::string& package) {
  return {name,
          Verdict::unknown,
          fmt::format("{} is not on this machine, so this could not be tried", program),
          {},
          fmt::format("'{}' was not found", program),
          fmt::format("install {}, or unpack the package and name the directory with --tools",
                      package)};
}

}  // namespace timectl::rehearse
