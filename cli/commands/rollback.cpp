// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "base/text.hpp"
#include "commands/commands.hpp"
#include "commands/restore.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

std::vector<std::string> texts_of(const std::vector<system::RootedPath>& paths) {
  std::vector<std::string> texts;
  for (const auto& path : paths) texts.push_back(path.text());
  return texts;
}

class RollbackCommand : public Command {
 public:
  std::string name() const override { return "rollback"; }
  std::string summary() const override {
    return "Roll back the last change, or restore an earlier generation";
  }
  void add_options(CLI::App& app) override {
    app.add_option("generation", generation_,
                   "Restore the state that this generation left (its name or number); without it "
                   "the state before the last one")
        ->type_name("GENERATION");
    add_restore_options(app, options_);
    auto* const keep = app.add_flag("--keep-edited", keep_edited_,
                                    "Leave files as they are that were edited since");
    app.add_flag("--take-over", take_over_,
                 "Also restore files that were edited since; their edited content is kept in the "
                 "new generation")
        ->excludes(keep);
  }

  ExitStatus run(Context& context) override {
    std::string target;
    bool has_kept = false;
    const auto arrival = run_restore(context, name(), options_, [&] {
      auto back = make(context, target);
      has_kept = keep_edited_ && !back.edited.empty();
      return back;
    });
    if (arrival.status) return *arrival.status;
    throw_if_lost(context, arrival.lost, "roll back");
    return report(context, target, arrival.generation, has_kept);
  }

 private:
  plan::RestorePlan make(Context& context, std::string& target) const {
    const auto wanted =
        generation_.empty() ? "" : apply::find_generation(context.files(), generation_);
    const auto edits = take_over_ ? plan::Edits::replace : plan::Edits::keep;
    const auto state = apply::load_rollback_state(context.files(), wanted);
    target = state.returns_to;
    auto back = make_restore_plan(context, state, edits);
    require_decision(back.edited);
    if (keep_edited_) {
      for (const auto& path : back.edited) {
        back.plan.notes.push_back(fmt::format("{} stays as it was edited", path.text()));
      }
    }
    return back;
  }

  /// An edited file is neither replaced nor kept without the user's decision.
  void require_decision(const std::vector<system::RootedPath>& edited) const {
    if (edited.empty() || take_over_ || keep_edited_) return;
    throw Error{ErrorKind::refused,
                fmt::format("cannot roll back: edited since timectl wrote it: '{}'",
                            join(texts_of(edited), "', '")),
                "--keep-edited leaves them as they are, --take-over restores them too and keeps "
                "the edited content"};
  }

  static ExitStatus report(Context& context, const std::string& target,
                           const std::string& generation, bool has_kept) {
    if (context.options().json) {
      nlohmann::ordered_json document;
      document["schema"] = 1;
      document["returned_to"] = target;
      document["generation"] = generation;
      context.report().json(document);
      return ExitStatus::done;
    }
    const auto where =
        (target.empty() ? std::string{"as it was before timectl"} : "as " + target + " left it") +
        (has_kept ? ", but for what was edited since" : "");
    context.report().line(generation.empty()
                              ? fmt::format("nothing to do: this host is {}", where)
                              : fmt::format("this host is {} ({})", where, generation));
    return ExitStatus::done;
  }

  RestoreOptions options_;
  std::string generation_;
  bool keep_edited_ = false;
  bool take_over_ = false;
};

}  // namespace

std::unique_ptr<Command> make_rollback_command() { return std::make_unique<RollbackCommand>(); }

}  // namespace timectl::cli
