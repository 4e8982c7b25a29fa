// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/confirmation.hpp"

#include "apply/edits.hpp"
#include "apply/persistently.hpp"
#include "apply/prune.hpp"
#include "apply/record.hpp"
#include "apply/recovery_unit.hpp"
#include "apply/undo.hpp"
#include "base/error.hpp"

#include <fmt/format.h>

namespace timectl::apply {

namespace {

bool is_of_this_boot(const Confirmation& confirmation, const system::Clock& clock) {
  return confirmation.boot_id == clock.boot_id();
}

bool is_over(const Confirmation& confirmation, const system::Clock& clock) {
  return !is_of_this_boot(confirmation, clock) || clock.since_boot() >= confirmation.until;
}

Journal require_waiting(const system::FileReader& files, const char* what) {
  auto journal = waiting_journal(files);
  if (journal) return std::move(*journal);
  throw Error{ErrorKind::refused, fmt::format("cannot {}: no change awaits confirmation", what)};
}

/// A boot has forgotten it already.
void forget_checkpoint(const Journal& journal, Machine& machine) {
  const bool is_alive =
      !journal.network_checkpoint.empty() && is_of_this_boot(*journal.confirmation, machine.clock);
  if (is_alive) machine.host.forget_checkpoint(journal.network_checkpoint);
}

/// From here on it is an interrupted change like any other: that it is not wanted survives a power
/// cut.
Outcome take_back(Journal journal, const std::string& reason, Machine& machine,
                  const Progress& progress, Jobs jobs) {
  const auto notes = keep_edits(journal, machine.files);
  const bool is_kept_by_boot = journal.confirmation->needs_reboot;
  journal.state = JournalState::begun;
  journal.reason = reason;
  journal.confirmation.reset();
  try {
    save_journal(machine.files, journal);
  } catch (const Error&) {
    // A full disk: undoing makes room, and a boot in the middle of it would undo the rest, unless
    // that boot is the one which keeps the change.
    if (is_kept_by_boot) throw;
  }
  auto outcome = undo(std::move(journal), reason, machine, progress, jobs);
  outcome.notes.insert(outcome.notes.end(), notes.begin(), notes.end());
  return outcome;
}

Outcome wait_on(const Journal& journal) {
  Outcome outcome;
  outcome.kind = OutcomeKind::waiting;
  outcome.generation = journal.generation;
  return outcome;
}

/// The reboot that the change needed: it has its whole time from here.
Outcome start_anew(Journal journal, Machine& machine, const PlanUndo& plan_undo) {
  const auto confirmation = begin_wait(machine.clock, journal.confirmation->span, false);
  if (plan_undo) plan_undo(journal.generation, confirmation);
  journal.confirmation = confirmation;
  save_journal(machine.files, journal);
  return wait_on(journal);
}

}  // namespace

Confirmation begin_wait(const system::Clock& clock, std::chrono::seconds span, bool needs_reboot) {
  return {span, clock.boot_id(), clock.since_boot() + span, format_utc(clock.now() + span),
          needs_reboot};
}

std::optional<Journal> waiting_journal(const system::FileReader& files) {
  auto journal = newest_journal(files);
  return journal && unconfirmed_by(*journal, files) ? std::move(journal) : std::nullopt;
}

std::optional<Unconfirmed> unconfirmed_by(const Journal& journal, const system::FileReader& files) {
  const bool waits = journal.state == JournalState::waiting && journal.confirmation &&
                     !is_committed(files, journal);
  if (!waits) return std::nullopt;
  return Unconfirmed{journal.generation, journal.host, journal.role, *journal.confirmation};
}

void refuse_while_unconfirmed(const system::FileReader& files) {
  const auto journal = waiting_journal(files);
  if (!journal) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot change anything: '{}' awaits 'timectl confirm' until {}",
                          journal->generation, journal->confirmation->until_utc),
              "timectl confirm keeps it, timectl confirm --reject rolls it back"};
}

std::optional<Unconfirmed> find_unconfirmed(const system::FileReader& files) {
  const auto journal = newest_journal(files);
  return journal ? unconfirmed_by(*journal, files) : std::nullopt;
}

Outcome confirm(Machine& machine) {
  const auto journal = require_waiting(machine.files, "confirm");
  if (is_over(*journal.confirmation, machine.clock)) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot confirm '{}': its time was over at {}", journal.generation,
                            journal.confirmation->until_utc),
                "timectl recover restores the old state, if that has not begun by itself"};
  }
  const auto record = load_record(machine.files, record_path(journal.generation));
  if (!record) {
    throw Error{ErrorKind::io,
                fmt::format("cannot confirm '{}': its record is gone", journal.generation)};
  }
  // First: were it forgotten after the commit, a power cut between would let it undo what is kept.
  forget_checkpoint(journal, machine);
  write_record(machine.files, commit_record, *record);
  Outcome outcome;
  outcome.generation = journal.generation;
  try {
    persistently([&] { finish_committed(machine.files); });
    cancel_if_closed(machine.files, machine.services);
    prune_generations(machine.files);
  } catch (const std::exception& error) {
    outcome.problems.push_back(error.what());
  }
  return outcome;
}

Outcome reject(Machine& machine, const Progress& progress) {
  return take_back(require_waiting(machine.files, "reject"), "it was rejected", machine, progress,
                   Jobs::wait);
}

Outcome resume_wait(Journal journal, Machine& machine, const Progress& progress, Jobs jobs,
                    const PlanUndo& plan_undo) {
  const auto& confirmation = *journal.confirmation;
  if (!is_over(confirmation, machine.clock)) return wait_on(journal);
  const bool was_booted = !is_of_this_boot(confirmation, machine.clock);
  if (was_booted && confirmation.needs_reboot) {
    return start_anew(std::move(journal), machine, plan_undo);
  }
  const auto* const reason =
      was_booted ? "the host was booted before it was confirmed" : "it was not confirmed in time";
  return take_back(std::move(journal), reason, machine, progress, jobs);
}

}  // namespace timectl::apply
