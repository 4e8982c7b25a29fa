// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/apply.hpp"

#include "apply/capture.hpp"
#include "apply/carry_out.hpp"
#include "apply/journal.hpp"
#include "apply/undo.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::apply {

namespace {

const plan::PackageChange* packages_of(const plan::Plan& plan) {
  for (const auto& change : plan.changes) {
    if (const auto* packages = std::get_if<plan::PackageChange>(&change)) return packages;
  }
  return nullptr;
}

class Transaction {
 public:
  Transaction(Machine& machine, const Progress& progress)
      : machine_(machine), progress_(progress) {}

  /// Everything restoring will need is on disk when this returns, and nothing else has changed.
  void begin(const plan::Plan& plan) {
    journal_.generation = next_generation(machine_.files, machine_.clock.now());
    journal_.started = format_utc(machine_.clock.now());
    journal_.profile = plan.profile;
    journal_.host = plan.host;
    journal_.role = plan.role;
    try {
      make_directories(machine_.files, journal_.directory());
      sync_way_to_journal();
      keep_packages(plan);
      capture_units(plan, machine_.services, machine_.files, journal_);
      // What packages bring is not timectl's to take away: their files are looked at afterwards.
      if (packages_of(plan) == nullptr) return capture(plan);
      save_journal(machine_.files, journal_);
    } catch (...) {
      forget();
      throw;
    }
  }

  void carry_out(plan::Plan plan, const Health& health, const Replan& replan) {
    if (const auto* packages = packages_of(plan)) {
      progress_("installs " + join(packages->install, ", "));
      machine_.packages->install(packages->install);
      if (replan) plan = replan();
      capture_units(plan, machine_.services, machine_.files, journal_);
      capture(plan);
    }
    apply::carry_out(plan, machine_, progress_, [this] {
      journal_.reached_daemons = true;
      save_journal(machine_.files, journal_);
    });
    const auto reasons = health();
    if (!reasons.empty()) throw Error{ErrorKind::external, join(reasons, "; ")};
    commit(plan);
  }

  Outcome roll_back(const std::string& reason) {
    return undo(journal_, reason, machine_, progress_, Jobs::wait);
  }

  /// Committed is committed: what fails from here on is told and undoes nothing.
  Outcome close() {
    Outcome outcome;
    outcome.generation = journal_.generation;
    const auto attempt = [&](auto&& step) {
      try {
        step();
      } catch (const std::exception& error) {
        outcome.problems.push_back(error.what());
      }
    };
    journal_.state = JournalState::committed;
    attempt([&] { machine_.files.sync_directory(commit_record.parent()); });
    attempt([&] { save_journal(machine_.files, journal_); });
    attempt([&] { prune_generations(machine_.files); });
    return outcome;
  }

 private:
  /// Whoever took the lock may have made the first directories, and may have died over it.
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
    const auto steps = machine_.packages->simulate_install(change->install);
    journal_.packages_added = steps.install;
    journal_.packages_removed = steps.remove;
    if (steps.remove.empty()) return;
    const auto directory = journal_.directory() / "packages";
    make_directories(machine_.files, directory);
    progress_("keeps a copy of " + join(steps.remove, ", "));
    machine_.packages->keep(steps.remove, machine_.root + directory.text());
  }

  void capture(const plan::Plan& plan) {
    capture_files(plan, machine_.files, journal_);
    const auto record = journal_.directory() / "record.json";
    machine_.files.stage(record, make_record(plan, journal_.generation), record_ownership(plan));
    machine_.files.swap_in(record);
    save_journal(machine_.files, journal_);
  }

  /// One rename decides: before it recover() goes back, after it nothing does. The files are
  /// durable already, so either side of a power cut is whole.
  void commit(const plan::Plan& plan) {
    machine_.files.stage(commit_record, make_record(plan, journal_.generation),
                         record_ownership(plan));
    machine_.files.swap_in(commit_record);
  }

  /// Nothing was changed yet, so what cannot be removed here does no harm: recover() would find
  /// everything as it was.
  void forget() noexcept {
    try {
      remove_generation(machine_.files, journal_.generation);
    } catch (...) {
    }
  }

  Machine& machine_;
  const Progress& progress_;
  Journal journal_;
};

/// A journal whose commit is done is closed, or the next commit record would make it look broken.
void settle(system::FileStore& files) {
  if (const auto open = find_interrupted(files)) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot change anything: '{}' was interrupted", open->generation),
                "run timectl recover"};
  }
  finish_committed(files);
}

}  // namespace

Outcome apply_plan(const plan::Plan& plan, Machine& machine, const Health& health,
                   const Progress& progress, const Replan& replan) {
  if (plan.empty()) return {};
  settle(machine.files);
  Transaction transaction{machine, progress};
  transaction.begin(plan);
  try {
    transaction.carry_out(plan, health, replan);
  } catch (const std::exception& error) {
    return transaction.roll_back(error.what());
  }
  return transaction.close();
}

}  // namespace timectl::apply
