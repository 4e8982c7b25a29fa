// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/apply.hpp"
#include "apply/confirmation.hpp"
#include "apply/damage.hpp"
#include "apply/edits.hpp"
#include "apply/journal.hpp"
#include "apply/json.hpp"
#include "apply/record.hpp"
#include "apply/recovery_unit.hpp"
#include "apply/undo.hpp"
#include "base/error.hpp"

namespace timectl::apply {

namespace {

bool is_interrupted(const Journal& journal, const system::FileReader& files) {
  const bool is_open = !is_closed(journal) && journal.state != JournalState::waiting;
  return is_open && !is_committed(files, journal);
}

std::optional<Journal> interrupted_journal(const system::FileReader& files) {
  auto journal = newest_journal(files);
  return journal && is_interrupted(*journal, files) ? std::move(journal) : std::nullopt;
}

}  // namespace

std::optional<Journal> newest_journal(const system::FileReader& files) {
  const auto names = generation_names(files);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (auto journal = load_journal(files, *name)) return journal;
    require_no_lost_journal(files, *name);
  }
  return std::nullopt;
}

bool is_closed(const Journal& journal) {
  return journal.state == JournalState::committed || journal.state == JournalState::rolled_back;
}

bool is_committed(const system::FileReader& files, const Journal& journal) {
  std::optional<std::string> text;
  try {
    text = read_state(files, commit_record);
  } catch (const Error& error) {
    // An ordinary user may not read it, and changes nothing. Any other failure is thrown: the next
    // try may succeed, and rolling back what is committed would be wrong.
    if (error.kind() != ErrorKind::permission) throw;
  }
  if (!text) return false;
  try {
    return parse_record(*text, commit_record).generation == journal.generation;
  } catch (const Error& error) {
    // A damaged record does not say which. Then the change is rolled back, because its journal is
    // whole.
    if (error.kind() != ErrorKind::io) throw;
    return false;
  }
}

std::optional<Interrupted> interrupted_by(const Journal& journal, const system::FileReader& files) {
  if (!is_interrupted(journal, files)) return std::nullopt;
  return Interrupted{journal.generation, journal.started, journal.host, journal.role};
}

std::optional<Interrupted> find_interrupted(const system::FileReader& files) {
  const auto journal = newest_journal(files);
  return journal ? interrupted_by(*journal, files) : std::nullopt;
}

std::string finish_committed(system::FileStore& files) {
  auto journal = newest_journal(files);
  if (!journal || is_closed(*journal) || !is_committed(files, *journal)) return {};
  files.sync_directory(commit_record.parent());
  journal->state = JournalState::committed;
  journal->confirmation.reset();
  save_journal(files, *journal);
  return journal->generation;
}

namespace {

Outcome recover_whole(Machine& machine, const Progress& progress, Jobs jobs,
                      const PlanUndo& plan_undo) {
  if (auto journal = interrupted_journal(machine.files)) {
    const auto reason = journal->reason.empty() ? "it was interrupted" : journal->reason;
    const auto notes = keep_edits(*journal, machine.files);
    auto outcome = undo(std::move(*journal), reason, machine, progress, jobs);
    outcome.notes.insert(outcome.notes.end(), notes.begin(), notes.end());
    return outcome;
  }
  if (auto journal = waiting_journal(machine.files)) {
    return resume_wait(std::move(*journal), machine, progress, jobs, plan_undo);
  }
  Outcome outcome;
  outcome.generation = finish_committed(machine.files);
  const auto mended = mend_commit_record(machine.files);
  if (!mended.empty()) outcome.notes.push_back(mended);
  cancel_if_closed(machine.files, machine.services);
  return outcome;
}

}  // namespace

Outcome recover(Machine& machine, const Progress& progress, Jobs jobs, const PlanUndo& plan_undo) {
  auto aside = set_damage_aside(machine.files);
  auto outcome = recover_whole(machine, progress, jobs, plan_undo);
  outcome.notes.insert(outcome.notes.end(), aside.notes.begin(), aside.notes.end());
  outcome.losses = std::move(aside.losses);
  return outcome;
}

}  // namespace timectl::apply
