// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace timectl::probe {

/// Worst last. `unknown` is "it could not be asked", never ok.
enum class Verdict { skipped, ok, warning, unknown, failed };

std::string to_string(Verdict verdict);

/// Numbers have their unit in the key ("offset_s", "temperature_c").
using EvidenceValue = std::variant<bool, std::int64_t, double, std::string>;
using Evidence = std::vector<std::pair<std::string, EvidenceValue>>;

/// The answer to one question asked of a machine.
struct Finding {
  std::string probe;  ///< stable dotted name, "ntp.reply"
  Verdict verdict = Verdict::unknown;
  std::string summary;  ///< one line
  Evidence evidence;
  std::string cause;   ///< when not ok: why, as far as it is known
  std::string remedy;  ///< when not ok: what to do
};

/// The worst verdict: failed, then unknown, warning, ok; all skipped is skipped.
Verdict worst(const std::vector<Finding>& findings);

/// The probe that only a change of the network answers for: an address that nobody was told of
/// anew may be gone for other reasons.
inline constexpr std::string_view network_address = "network.address";

/// True for findings that a change of configuration answers for by itself (chrony.config, ntp.port,
/// owners, files.drift, …): only these may undo a provision. Hardware, synchronisation and what
/// waits for a reboot are reported.
bool answers_for_change(const std::string& probe);

}  // namespace timectl::probe
