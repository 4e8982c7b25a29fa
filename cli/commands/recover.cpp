// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "interruption.hpp"
#include "state_lock.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

using apply::OutcomeKind;

// What early boot cannot do follows when daemons can be started; the rest may have to wait for
// another apt.
constexpr int longest_wait_s = 24 * 3600;
constexpr std::chrono::seconds after_boot{30};
constexpr std::chrono::minutes pause{5};

/// What became of it, in a word: for JSON.
const char* word_for(const apply::Outcome& outcome) {
  if (outcome.kind == OutcomeKind::waiting) return "awaiting confirmation";
  if (outcome.kind == OutcomeKind::restored) return "restored";
  if (outcome.kind == OutcomeKind::incomplete) return "incomplete";
  return outcome.generation.empty() ? "nothing" : "finished";
}

std::string sentence_for(const apply::Outcome& outcome) {
  if (outcome.kind == OutcomeKind::waiting) {
    return fmt::format("{} awaits 'timectl confirm'; 'timectl confirm --reject' rolls it back now",
                       outcome.generation);
  }
  if (outcome.kind == OutcomeKind::restored) {
    return fmt::format("{} is rolled back: the machine is as it was before", outcome.generation);
  }
  return outcome.generation.empty()
             ? "nothing to recover: no change was interrupted"
             : fmt::format("{} was complete except for its final record", outcome.generation);
}

class RecoverCommand : public Command {
 public:
  std::string name() const override { return "recover"; }
  std::string summary() const override {
    return "Roll back a change that was interrupted or not confirmed in time";
  }
  void add_options(CLI::App& app) override {
    app.add_flag("--boot", boot_, "Queue changes of running units instead of waiting for them");
    app.add_flag("--wait", wait_, "Wait for another timectl to finish instead of failing");
    app.add_option("--retries", retries_,
                   "If the recovery is incomplete, have systemd retry this often, minutes apart")
        ->check(CLI::Range(0, 100));
  }

  ExitStatus run(Context& context) override {
    require_root(context, "recover");
    // Nothing was ever changed, or all was forgotten: taking the lock would begin it anew.
    if (!context.files().status(apply::state_directory)) return report(context, {}, false);
    const auto lock = take_lock(context);
    if (!lock) return ExitStatus::done;
    auto machine = context.machine(!context.is_offline());
    const Interruption held_back;
    // Before anything is rolled back, since this run may be killed too; in early boot the unit
    // stays for that, and a timer that waits for its turn could not be stopped.
    auto retry = boot_ ? std::string{} : plan_retry(context);
    const auto outcome = apply::recover(
        machine, [&](const std::string& step) { context.report().note(step); },
        boot_ ? apply::Jobs::enqueue : apply::Jobs::wait, set_alarm(context));
    if (outcome.kind != OutcomeKind::incomplete) {
      if (!retry.empty()) stop_timer(context, retry);
      if (outcome.kind != OutcomeKind::waiting) end_watch(context, outcome.generation);
    }
    if (boot_ && outcome.kind == OutcomeKind::incomplete) retry = plan_retry(context);
    return report(context, outcome, !retry.empty());
  }

 private:
  /// nullptr where there is nothing to do: at boot only a timectl that has just started this unit
  /// again can hold the lock, and it rolls back by itself.
  std::unique_ptr<system::Lock> take_lock(Context& context) const {
    for (int waited_s = 0;; ++waited_s) {
      try {
        return take_state_lock(context);
      } catch (const Error& error) {
        if (is_left_to_other(context, error)) return nullptr;
        const bool may_wait = wait_ && error.kind() == ErrorKind::busy;
        if (!may_wait || waited_s >= longest_wait_s) throw;
      }
      context.clock().sleep(std::chrono::seconds{1});
    }
  }

  bool is_left_to_other(Context& context, const Error& error) const {
    // A program that is not timectl may hold it for ever.
    if (error.kind() == ErrorKind::refused) plan_retry(context);
    if (!boot_ || error.kind() != ErrorKind::busy) return false;
    context.report().note(error);
    return true;
  }

  /// A journal that is damaged is for recover() to set aside; it does so at its first try.
  static bool is_open(Context& context) {
    try {
      return apply::find_interrupted(context.files()) || apply::find_unconfirmed(context.files());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::io) throw;
      return false;
    }
  }

  /// Returns the timer's name, "" for none.
  std::string plan_retry(Context& context) const {
    const bool is_asked = boot_ || retries_ > 0;
    if (!is_asked || !is_open(context) || !context.services().is_running()) return {};
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(context.clock().since_boot()).count();
    const auto name = fmt::format("timectl-retry-{}", now);
    try {
      recover_later(context, name, boot_ ? after_boot : std::chrono::seconds{pause},
                    "timectl restores what it could not restore before",
                    boot_ ? most_retries : retries_ - 1);
      return name;
    } catch (const Error& error) {
      context.report().warning(error);
      return {};
    }
  }

  ExitStatus report(Context& context, const apply::Outcome& outcome, bool is_tried_again) const {
    for (const auto& note : outcome.notes) context.report().note(note);
    for (const auto& problem : outcome.problems) context.report().warning(problem);
    for (const auto& loss : outcome.losses) context.report().warning(loss);
    if (context.options().json) {
      nlohmann::ordered_json document;
      document["schema"] = 1;
      document["outcome"] = word_for(outcome);
      document["generation"] = outcome.generation;
      document["problems"] = outcome.problems;
      document["losses"] = outcome.losses;
      context.report().json(document);
    }
    if (outcome.kind == OutcomeKind::incomplete) {
      // What early boot cannot do is no failure of it.
      if (boot_ && is_tried_again) {
        context.report().note("the rest follows when daemons can be started");
        return ExitStatus::done;
      }
      throw Error{ErrorKind::incomplete,
                  fmt::format("cannot roll back '{}' completely: see above", outcome.generation),
                  apply::find_interrupted(context.files())
                      ? "timectl recover can be run again"
                      : "write the named files yourself: another attempt cannot do better"};
    }
    if (!context.options().json) context.report().line(sentence_for(outcome));
    if (outcome.losses.empty()) return ExitStatus::done;
    throw Error{
        ErrorKind::incomplete, "cannot recover all of timectl's records of this host: see above",
        "everything else goes on: timectl plan says how this host differs from its profile"};
  }

  bool boot_ = false;
  bool wait_ = false;
  int retries_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_recover_command() { return std::make_unique<RecoverCommand>(); }

}  // namespace timectl::cli
