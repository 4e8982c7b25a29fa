// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/apply.hpp"

#include "apply/capture.hpp"
#include "apply/carry_out.hpp"
#include "apply/confirmation.hpp"
#include "apply/contents.hpp"
#include "apply/journal.hpp"
#include "apply/persistently.hpp"
#include "apply/prune.hpp"
#include "apply/record.hpp"
#include "apply/recovery_unit.hpp"
#include "apply/undo.hpp"
#include "base/error.hpp"
#include "base/message_of.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::apply {

namespace {

/// NetworkManager's checkpoint is for the case that nothing of timectl is alive when the time is
/// over: it must not come before the end of the wait, however long the daemons take before that.
constexpr std::chrono::minutes longest_change{10};

bool changes_network(const plan::Plan& plan) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [](const plan::Change& change) {
    const auto* reaction = std::get_if<plan::ReactionChange>(&change);
    return reaction && reaction->reaction.kind == target::ReactionKind::network_reload;
  });
}

class Transaction {
 public:
  Transaction(Machine& machine, const Progress& progress)
      : machine_(machine), progress_(progress) {}

  /// Everything restoring will need is on disk when this returns, and nothing else has changed.
  void begin(const plan::Plan& plan, const Terms& terms) {
    before_ = load_committed(machine_.files).record;
    add_contents(machine_.files, before_);
    journal_.generation = next_generation(machine_.files, machine_.clock.now());
    journal_.previous = before_.generation;
    journal_.started = format_utc(machine_.clock.now());
    journal_.who = machine_.who;
    journal_.purpose = plan.purpose;
    journal_.profile = plan.profile;
    journal_.host = plan.host;
    journal_.role = plan.role;
    // A power cut before the unit is on disk leaves nothing that a boot would have to undo.
    journal_.state = JournalState::rolled_back;
    journal_.reason = not_begun;
    if (!terms.recovery_unit.empty()) {
      journal_.recovery_directories = directories_for_recovery(machine_.files);
    }
    try {
      make_directories(machine_.files, journal_.directory());
      sync_way_to_journal();
      // Before everything else of it: what is there without a journal has lost it (damage.hpp).
      save_journal(machine_.files, journal_);
      keep_packages(plan);
      capture_units(plan, machine_.services, machine_.files, journal_);
      // timectl does not remove what packages bring: their files are captured afterwards.
      packages_of(plan) == nullptr ? capture(plan) : save_journal(machine_.files, journal_);
      if (!terms.recovery_unit.empty()) {
        const auto note = why_no_boot_recovers(machine_.files);
        if (!note.empty()) notes_.push_back(note);
        plan_recovery(machine_.files, terms.recovery_unit);
      }
      if (terms.watch) terms.watch(journal_.generation);
      journal_.state = JournalState::begun;
      journal_.reason.clear();
      save_journal(machine_.files, journal_);
    } catch (...) {
      forget();
      throw;
    }
  }

  void carry_out(plan::Plan plan, const Health& health, const Terms& terms) {
    if (const auto* packages = packages_of(plan)) {
      install(*packages);
      if (terms.replan) plan = terms.replan();
      capture_units(plan, machine_.services, machine_.files, journal_);
      capture(plan);
    }
    apply::carry_out(plan, machine_, progress_, [&] {
      journal_.reached_daemons = true;
      if (terms.confirm_within && changes_network(plan)) {
        journal_.network_checkpoint =
            machine_.host.checkpoint_network(*terms.confirm_within + longest_change);
      }
      save_journal(machine_.files, journal_);
    });
    const auto reasons = health();
    if (!reasons.empty()) throw Error{ErrorKind::external, join(reasons, "; ")};
    terms.confirm_within ? wait_for_confirmation(plan, terms) : commit();
  }

  Outcome roll_back(const std::string& reason) {
    return undo(journal_, reason, machine_, progress_, Jobs::wait);
  }

  /// After the commit a failure is reported and rolls nothing back.
  Outcome close() {
    Outcome outcome;
    outcome.generation = journal_.generation;
    outcome.notes = notes_;
    if (journal_.state == JournalState::waiting) {
      outcome.kind = OutcomeKind::waiting;
      return outcome;
    }
    const auto attempt = [&](auto&& step) {
      try {
        step();
      } catch (const std::exception& error) {
        outcome.problems.push_back(message_of(error));
      }
    };
    attempt([&] { persistently([&] { finish_committed(machine_.files); }); });
    attempt([&] { cancel_if_closed(machine_.files, machine_.services); });
    attempt([&] { prune_generations(machine_.files); });
    return outcome;
  }

 private:
  /// An earlier process may have made the first directories and died before they were durable.
  void sync_way_to_journal() {
    for (auto path = journal_.directory(); path.text() != "/"; path = path.parent()) {
      machine_.files.sync_directory(path.parent());
    }
  }

  void keep_packages(const plan::Plan& plan) {
    const auto* change = packages_of(plan);
    if (change == nullptr) return;
    if (machine_.packages == nullptr) {
      throw Error{ErrorKind::missing,
                  fmt::format("cannot install '{}': packages are not to be changed here",
                              join(change->install, ", "))};
    }
    const auto steps = steps_of(*change);
    if (change->kept_in.empty()) {
      progress_("fetches " + join(change->install, ", "));
      machine_.packages->fetch(change->install);
    }
    journal_.packages_added = steps.install;
    journal_.packages_removed = steps.remove;
    if (steps.remove.empty()) return;
    const auto directory = journal_.directory() / "packages";
    make_directories(machine_.files, directory);
    progress_("keeps a copy of " + join(steps.remove, ", "));
    try {
      machine_.packages->keep(steps.remove, machine_.root + directory.text());
    } catch (const Error& error) {
      // A rollback must work without a network, even if it cannot itself be rolled back as a whole.
      if (change->kept_in.empty()) throw;
      journal_.packages_removed.clear();
      notes_.push_back(error.what());
    }
  }

  /// What comes and what that pushes out. Kept packages come back without asking apt, which may
  /// know neither of them any more.
  system::PackageSteps steps_of(const plan::PackageChange& change) const {
    if (change.kept_in.empty()) return machine_.packages->simulate_install(change.install);
    return {change.install, change.remove};
  }

  void install(const plan::PackageChange& change) {
    if (change.kept_in.empty()) {
      progress_("installs " + join(change.install, ", "));
      return machine_.packages->install(change.install);
    }
    progress_("puts back " + join(change.install, ", "));
    for (const auto& directory : change.kept_in) {
      machine_.packages->put_back(machine_.root + directory);
    }
  }

  void capture(const plan::Plan& plan) {
    capture_files(plan, machine_.files, journal_);
    record_ = make_record(plan, journal_, before_, machine_.files);
    write_contents(machine_.files, journal_.generation, contents_of(plan, record_));
    write_record(machine_.files, record_path(journal_.generation), record_);
    save_journal(machine_.files, journal_);
  }

  /// One rename decides: before it recover() goes back, after it nothing does. The files are
  /// durable already, so either side of a power cut is whole.
  void commit() { write_record(machine_.files, commit_record, record_); }

  /// Here too one rename decides, that of the journal. The alarm comes first: one that rings for
  /// nothing does no harm.
  void wait_for_confirmation(const plan::Plan& plan, const Terms& terms) {
    const auto confirmation = begin_wait(machine_.clock, *terms.confirm_within, plan.needs_reboot);
    terms.plan_undo(journal_.generation, confirmation);
    auto journal = journal_;
    journal.state = JournalState::waiting;
    journal.confirmation = confirmation;
    save_journal(machine_.files, journal);
    journal_ = journal;
  }

  /// Nothing was changed yet, so what cannot be removed here does no harm: recover() would find
  /// everything as it was.
  void forget() noexcept {
    try {
      cancel_recovery(machine_.files, machine_.services, journal_.recovery_directories);
      remove_generation(machine_.files, journal_.generation);
    } catch (...) {
    }
  }

  Machine& machine_;
  const Progress& progress_;
  Journal journal_;
  Record before_, record_;
  std::vector<std::string> notes_;
};

/// A journal whose commit is done is closed, or the next commit record would make it look broken.
void prepare(Machine& machine) {
  auto& files = machine.files;
  if (const auto open = find_interrupted(files)) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot change anything: '{}' was interrupted", open->generation),
                "run timectl recover"};
  }
  refuse_while_unconfirmed(files);
  finish_committed(files);
  mend_commit_record(files);
  close_old_checksums(files);
  cancel_if_closed(files, machine.services);
}

}  // namespace

Outcome apply_plan(const plan::Plan& plan, Machine& machine, const Health& health,
                   const Progress& progress, const Terms& terms) {
  if (plan.empty()) return {};
  if (!plan.unread.empty()) {
    throw Error{ErrorKind::permission,
                fmt::format("cannot change '{}': it was not compared", plan.unread.front().text())};
  }
  prepare(machine);
  Transaction transaction{machine, progress};
  transaction.begin(plan, terms);
  try {
    transaction.carry_out(plan, health, terms);
  } catch (const Error& error) {
    auto outcome = transaction.roll_back(message_of(error));
    outcome.hint = error.hint();
    return outcome;
  } catch (const std::exception& error) {
    return transaction.roll_back(message_of(error));
  }
  return transaction.close();
}

}  // namespace timectl::apply
