// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/explain.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace timectl::probe {

namespace {

const Explanation* find(const std::string& probe) {
  const auto all = all_explanations();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.probe == probe; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const Explanation& explain(const std::string& probe) {
  if (const auto* found = find(probe)) return *found;
  std::vector<std::string> known;
  for (const auto& each : all_explanations()) known.emplace_back(each.probe);
  const auto near = closest(probe, known);
  throw Error{ErrorKind::usage, fmt::format("cannot explain '{}': there is no such probe", probe),
              near ? fmt::format("did you mean {}?", *near) : "timectl explain lists them"};
}

std::string_view meaning_of(const Explanation& explanation, Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return explanation.ok;
    case Verdict::warning:
      return explanation.warning;
    case Verdict::failed:
      return explanation.failed;
    case Verdict::unknown:
      return explanation.unknown;
    case Verdict::skipped:
      break;
  }
  return "This host has no such feature, or nothing runs below --root.";
}

std::string manual_of(const std::string& probe) {
  return find(probe) != nullptr ? fmt::format("timectl-probes(7), {}", probe) : std::string{};
}

}  // namespace timectl::probe
