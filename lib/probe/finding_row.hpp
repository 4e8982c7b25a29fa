// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string_view>

namespace timectl::probe {

/// Whether a failed finding rolls back the change that it is found after. Only what a change of
/// configuration answers for by itself does: hardware, synchronization and what waits for a reboot
/// are reported.
enum class Undo { never, when_failed };

/// Which commands print the finding.
struct PrintedBy {
  bool verify = false;
  bool rehearsal = false;
  bool monitor = false;
};

/// All that is known of a finding before it is made. Each module writes the rows of what it alone
/// prints; timectl explain, timectl-probes(7) and the completions are made of them. Full sentences;
/// "" for a verdict that never occurs. `skipped` needs no words: the host has nothing to check.
struct FindingRow {
  std::string_view name = {};      ///< stable and dotted, "ntp.reply"
  std::string_view former = {};    ///< the name that it had; timectl explain knows it
  std::string_view question = {};  ///< "Does the RTC answer on its bus?"
  std::string_view asks = {};      ///< what is done, and by which way
  std::string_view why = {};       ///< why it matters, and which usual check would not notice
  std::string_view ok = {}, pending = {}, warning = {}, failed = {}, unknown = {};
  std::string_view remedy = {};  ///< where to begin; the finding itself has the exact command
  PrintedBy printed_by = {};
  Undo undo = Undo::never;
  /// Of the journal's message when a check finds it anew; "": the one that findings share.
  std::string_view message_id = {};
};

/// What a finding is called. Only a row makes a name, so that a finding without one cannot be
/// compiled; rows live as long as the program.
class FindingName {
 public:
  FindingName() = default;  ///< for what a probe answers: run_probes names it
  constexpr FindingName(const FindingRow& row) : row_{&row} {}
  FindingName(const FindingRow&&) = delete;

  constexpr const FindingRow& row() const { return *row_; }
  constexpr std::string_view text() const { return row_->name; }

  friend constexpr bool operator==(const FindingName&, const FindingName&) = default;

 private:
  static constexpr FindingRow unnamed{};

  const FindingRow* row_ = &unnamed;
};

}  // namespace timectl::probe
