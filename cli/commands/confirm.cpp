// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "interruption.hpp"
#include "own_site.hpp"
#include "state_lock.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

using apply::Outcome;
using apply::OutcomeKind;

class ConfirmCommand : public Command {
 public:
  std::string name() const override { return "confirm"; }
  std::string summary() const override { return "Confirm a change that was made with --confirm"; }
  void add_options(CLI::App& app) override {
    app.add_flag("--reject", reject_, "Roll the change back now");
  }

  ExitStatus run(Context& context) override {
    require_root(context, "confirm");
    // Taking the lock would begin a state of timectl's here.
    if (!context.files().status(apply::state_directory)) {
      throw Error{ErrorKind::refused,
                  fmt::format("cannot confirm: no change awaits confirmation, {}", not_provisioned),
                  not_provisioned_hint};
    }
    const auto lock = take_state_lock(context);
    auto machine = context.machine(!context.is_offline());
    const Interruption held_back;
    const auto outcome =
        reject_
            ? apply::reject(machine, [&](const std::string& step) { context.report().note(step); })
            : apply::confirm(machine);
    cancel_alarm(context, outcome.generation);
    return report(context, outcome);
  }

 private:
  static ExitStatus report(Context& context, const Outcome& outcome) {
    for (const auto& note : outcome.notes) context.report().note(note);
    for (const auto& problem : outcome.problems) context.report().warning(problem);
    const bool is_kept = outcome.kind == OutcomeKind::committed;
    if (context.options().json) {
      nlohmann::ordered_json document;
      document["schema"] = 1;
      document["outcome"] = is_kept ? "confirmed" : "rejected";
      document["generation"] = outcome.generation;
      document["problems"] = outcome.problems;
      context.report().json(document);
    }
    if (outcome.kind == OutcomeKind::incomplete) {
      throw Error{ErrorKind::incomplete,
                  fmt::format("cannot roll back '{}' completely: see above", outcome.generation),
                  "timectl recover tries again"};
    }
    if (context.options().json) return ExitStatus::done;
    context.report().line(is_kept
                              ? fmt::format("{} is confirmed and stays", outcome.generation)
                              : fmt::format("{} is rolled back: the machine is as it was before",
                                            outcome.generation));
    return ExitStatus::done;
  }

  bool reject_ = false;
};

}  // namespace

std::unique_ptr<Command> make_confirm_command() { return std::make_unique<ConfirmCommand>(); }

}  // namespace timectl::cli
