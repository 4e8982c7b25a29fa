// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command.hpp"
#include "commands/commands.hpp"
#include "interruption.hpp"
#include "state_lock.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

using apply::OutcomeKind;

/// What became of it, in a word: for JSON.
const char* word_for(const apply::Outcome& outcome) {
  if (outcome.kind == OutcomeKind::restored) return "restored";
  if (outcome.kind == OutcomeKind::incomplete) return "incomplete";
  return outcome.generation.empty() ? "nothing" : "finished";
}

std::string sentence_for(const apply::Outcome& outcome) {
  if (outcome.kind == OutcomeKind::restored) {
    return fmt::format("{} is undone: the machine is as it was before", outcome.generation);
  }
  return outcome.generation.empty()
             ? "nothing to recover: no change was interrupted"
             : fmt::format("{} was complete but for its last note", outcome.generation);
}

class RecoverCommand : public Command {
 public:
  std::string name() const override { return "recover"; }
  std::string summary() const override { return "Undo a provision that was interrupted"; }
  void add_options(CLI::App& app) override {
    app.add_flag("--boot", boot_, "Queue changes of running units instead of waiting for them");
  }

  ExitStatus run(Context& context) override {
    require_root(context, "recover");
    const auto lock = take_state_lock(context, "recover");
    auto machine = context.machine(!context.is_offline());
    const Interruption held_back;
    const auto outcome = apply::recover(
        machine, [&](const std::string& step) { context.report().note(step); },
        boot_ ? apply::Jobs::enqueue : apply::Jobs::wait);
    return report(context, outcome);
  }

 private:
  static ExitStatus report(Context& context, const apply::Outcome& outcome) {
    for (const auto& note : outcome.notes) context.report().note(note);
    for (const auto& problem : outcome.problems) context.report().warning(problem);
    if (context.options().json) {
      context.report().json({{"schema", 1},
                             {"outcome", word_for(outcome)},
                             {"generation", outcome.generation},
                             {"problems", outcome.problems}});
    }
    if (outcome.kind == OutcomeKind::incomplete) {
      throw Error{ErrorKind::incomplete,
                  fmt::format("cannot undo '{}' wholly: see above", outcome.generation),
                  "timectl recover can be run again"};
    }
    if (!context.options().json) context.report().line(sentence_for(outcome));
    return ExitStatus::done;
  }

  bool boot_ = false;
};

}  // namespace

std::unique_ptr<Command> make_recover_command() { return std::make_unique<RecoverCommand>(); }

}  // namespace timectl::cli
