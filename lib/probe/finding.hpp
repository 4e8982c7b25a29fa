// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "probe/finding_row.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace timectl::probe {

/// Worst last. `unknown` is "it could not be asked", never ok. `pending` is not ok yet, and time or
/// a reboot makes it ok or failed.
enum class Verdict { skipped, ok, pending, warning, unknown, failed };

std::string to_string(Verdict verdict);

/// What the row says of a verdict; "" for one that it never has.
std::string_view meaning_of(const FindingRow& row, Verdict verdict);

/// Numbers have their unit in the key ("offset_s", "temperature_c").
using EvidenceValue = std::variant<bool, std::int64_t, double, std::string>;
using Evidence = std::vector<std::pair<std::string, EvidenceValue>>;

/// What a pending finding waits for.
struct Wait {
  std::string what;                ///< "chronyd's first samples", "a reboot"
  std::optional<Seconds> at_most;  ///< from now; nullopt: until a person does it
};

/// The answer to one question asked of a machine.
struct Finding {
  FindingName probe = {};
  Verdict verdict = Verdict::unknown;
  std::string summary;  ///< one line
  Evidence evidence;
  std::string cause;                             ///< when not ok: why, as far as it is known
  std::string remedy;                            ///< when not ok: what to do
  std::optional<Wait> waits_for = std::nullopt;  ///< when pending
};

/// The remedy, or its beginning, where root is told more than this user.
inline constexpr auto as_root = "run timectl verify as root";
/// Whether it could not be asked for that reason.
bool is_for_root(const Finding& finding);

/// The worst verdict: failed, then unknown, warning, pending, ok; all skipped is skipped.
Verdict worst(const std::vector<Finding>& findings);

/// True for findings that may roll back a change: as their rows say.
bool answers_for_change(FindingName name);

}  // namespace timectl::probe
