// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "commands/commands.hpp"
#include "commands/restore.hpp"
#include "interruption.hpp"
#include "monitor/publish.hpp"
#include "own_site.hpp"
#include "state_lock.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <variant>

namespace timectl::cli {

namespace {

class UninstallCommand : public Command {
 public:
  std::string name() const override { return "uninstall"; }
  std::string summary() const override {
    return "Remove what timectl put on this host, and restore what it replaced";
  }
  void add_options(CLI::App& app) override {
    add_restore_options(app, options_);
    app.add_flag("--take-over", take_over_,
                 "Also remove files that were edited since; without it they are kept and named");
    app.add_flag("--purge", purge_,
                 "Then remove /var/lib/timectl: no rollback is possible any more")
        ->excludes("--confirm");
  }

  ExitStatus run(Context& context) override {
    Left left;
    if (purge_) options_.detour = way_to_purge();
    if (!options_.dry_run) require_root(context, name());
    const auto host = own_host(context);
    const auto arrival =
        run_restore(context, name(), options_, [&] { return make(context, left); });
    if (arrival.status) return *arrival.status;
    if (host) withdraw_metrics(context, *host);
    try {
      return finish(context, arrival.lost, left);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::incomplete) throw;
      // The change is committed, so this is no "nothing was changed" (exit 1).
      context.report().warning(error);
      context.report().warning(
          "the uninstall is carried out; that could not be finished or checked: run it again");
      return ExitStatus::answer_is_no;
    }
  }

 private:
  /// What is not as it was before timectl.
  struct Left {
    plan::RollbackState before;            ///< what was to be restored, as it was last read
    bool was_there = false;                ///< timectl had changed something
    std::vector<system::RootedPath> kept;  ///< edited since, and so the user's
    std::vector<std::string> otherwise;    ///< for no reason that anything here knows
  };

  /// What was confirmed is forgotten by a second order: there is no rollback from that.
  reach::Detour way_to_purge() const {
    const auto* const edits = take_over_ ? " --take-over" : "";
    return {fmt::format("timectl uninstall --yes{} --confirm 10m", edits),
            fmt::format("timectl uninstall --purge{}", edits)};
  }

  /// What is left to do and to say when the change is committed.
  ExitStatus finish(Context& context, std::vector<std::string> lost, Left& left) const {
    for (auto& sentence : apply::find_lost(context.files())) lost.push_back(std::move(sentence));
    throw_if_lost(context, lost, "uninstall");
    left.otherwise = what_is_otherwise(context, left.before);
    const bool is_whole = left.kept.empty() && left.otherwise.empty();
    const bool may_purge = purge_ && is_whole;
    if (may_purge) purge(context);
    report(context, left, may_purge);
    // What was there before is kept for what is left: forgetting it was asked for, and not done.
    return is_whole || (left.otherwise.empty() && !purge_) ? ExitStatus::done
                                                           : ExitStatus::answer_is_no;
  }

  /// Planned again, because only that shows it. What runs is left out: a program may have ended by
  /// itself meanwhile.
  static std::vector<std::string> what_is_otherwise(Context& context,
                                                    const plan::RollbackState& before) {
    const auto back = plan::plan_restore(
        before, {context.files(), context.services(), context.packages()}, plan::Edits::keep);
    std::vector<std::string> names;
    for (const auto& change : back.plan.changes) {
      if (const auto* file = std::get_if<plan::FileChange>(&change)) {
        names.push_back(file->path.text());
      }
      const auto* unit = std::get_if<plan::UnitChange>(&change);
      const bool is_activity = unit != nullptr && (unit->action == plan::UnitAction::start ||
                                                   unit->action == plan::UnitAction::stop);
      if (unit != nullptr && !is_activity) names.push_back(unit->unit);
    }
    for (const auto& path : apply::find_other_links(before.links, context.files())) {
      const bool is_named = std::find(names.begin(), names.end(), path.text()) != names.end();
      if (!is_named) names.push_back(path.text());
    }
    return names;
  }

  /// nullopt when it is not known: then nothing was published by it either.
  static std::optional<profile::Host> own_host(Context& context) {
    try {
      return *find_own_site(context, {}).host;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  /// The change is committed: what fails now is worth a word and no more.
  static void withdraw_metrics(Context& context, const profile::Host& host) {
    try {
      monitor::withdraw_metrics(host, context.files());
    } catch (const Error& error) {
      context.report().warning(error);
    }
  }

  plan::RestorePlan make(Context& context, Left& left) const {
    const auto edits = take_over_ ? plan::Edits::replace : plan::Edits::keep;
    // The last call is under the lock, after an interrupted change was rolled back.
    left.was_there = !apply::LastWritten{context.files()}.generation().empty();
    left.before = apply::load_original_state(context.files());
    auto back = make_restore_plan(context, left.before, edits);
    left.kept.clear();
    if (take_over_) return back;
    left.kept = back.edited;
    for (const auto& path : left.kept) {
      back.plan.notes.push_back(
          fmt::format("{} stays: it was edited since timectl wrote it", path.text()));
    }
    return back;
  }

  /// Asked for by its own option, after the change is committed: it cannot be rolled back.
  void purge(Context& context) const {
    // The lock would begin what there is nothing of.
    if (!context.files().status(apply::state_directory)) return;
    const auto lock = take_state_lock(context);
    apply::refuse_while_unconfirmed(context.files());
    if (apply::find_interrupted(context.files())) {
      throw Error{ErrorKind::refused,
                  "cannot forget what was there before: a change was interrupted",
                  "run timectl recover"};
    }
    // Finishes what one who died after the commit left to do.
    auto machine = context.machine(false);
    const Interruption held_back;
    apply::recover(machine, [](const std::string&) {});
    apply::purge_state(context.files());
  }

  void report(Context& context, const Left& left, bool is_purged) const {
    if (context.options().json) return show_json(context, left, is_purged);
    auto& report = context.report();
    if (!left.was_there) {
      report.line(not_provisioned);
      report.note(not_provisioned_hint);
    } else if (left.kept.empty() && left.otherwise.empty()) {
      report.line("this host is as it was before timectl");
    } else {
      report.line("what timectl put on this host is gone, but for:");
    }
    for (const auto& path : left.kept) report.item("kept: " + path.text());
    for (const auto& name : left.otherwise) report.item("not as it was before timectl: " + name);
    if (purge_ && !is_purged) {
      report.warning(
          "/var/lib/timectl stays: it holds what was there before; timectl uninstall "
          "--take-over --purge restores that and forgets it");
    } else if (!is_purged && left.was_there) {
      report.note(
          "timectl's records stay in /var/lib/timectl: 'timectl rollback' rolls this back, "
          "'timectl uninstall --purge' removes them");
    }
  }

  static void show_json(Context& context, const Left& left, bool is_purged) {
    nlohmann::ordered_json document;
    document["schema"] = 1;
    document["purged"] = is_purged;
    document["kept"] = nlohmann::ordered_json::array();
    for (const auto& path : left.kept) document["kept"].push_back(path.text());
    document["otherwise"] = left.otherwise;
    context.report().json(document);
  }

  RestoreOptions options_;
  bool take_over_ = false;
  bool purge_ = false;
};

}  // namespace

std::unique_ptr<Command> make_uninstall_command() { return std::make_unique<UninstallCommand>(); }

}  // namespace timectl::cli
