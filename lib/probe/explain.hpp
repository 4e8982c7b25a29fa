// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"

#include <span>
#include <string>
#include <string_view>

namespace timectl::probe {

/// What a person wants to know of a probe before believing it. Full sentences; "" for a verdict
/// that the probe never gives. `skipped` needs no words: the host has nothing to look at.
struct Explanation {
  std::string_view probe;
  std::string_view asks;  ///< what is done, and by which way
  std::string_view why;   ///< why it matters, and which usual check would not have noticed
  std::string_view ok, warning, failed, unknown;
};

/// One for each probe, in the order of all_probes().
std::span<const Explanation> all_explanations();

/// Throws Error{usage} with a suggestion when there is no such probe.
const Explanation& explain(const std::string& probe);

/// What the explanation says of a verdict.
std::string_view meaning_of(const Explanation& explanation, Verdict verdict);

/// Where the manual has it: "timectl-probes(7), ntp.reply"; "" for what is no probe of ours.
std::string manual_of(const std::string& probe);

}  // namespace timectl::probe
