// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/finding.hpp"

#include <algorithm>

namespace timectl::probe {

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
      return "skipped";
    case Verdict::ok:
      return "ok";
    case Verdict::pending:
      return "pending";
    case Verdict::warning:
      return "warning";
    case Verdict::unknown:
      return "unknown";
    case Verdict::failed:
      return "failed";
  }
  return "unknown";
}

std::string_view meaning_of(const FindingRow& row, Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return row.ok;
    case Verdict::pending:
      return row.pending;
    case Verdict::warning:
      return row.warning;
    case Verdict::failed:
      return row.failed;
    case Verdict::unknown:
      return row.unknown;
    case Verdict::skipped:
      break;
  }
  return "This host has no such feature, or nothing runs below --root.";
}

bool is_for_root(const Finding& finding) {
  return finding.verdict == Verdict::unknown && finding.remedy.starts_with(as_root);
}

Verdict worst(const std::vector<Finding>& findings) {
  Verdict found = Verdict::skipped;
  for (const auto& finding : findings) found = std::max(found, finding.verdict);
  return found;
}

bool answers_for_change(FindingName name) { return name.row().undo == Undo::when_failed; }

}  // namespace timectl::probe
