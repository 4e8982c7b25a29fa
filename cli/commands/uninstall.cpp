// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "commands/commands.hpp"
#include "commands/way_back.hpp"
#include "interruption.hpp"
#include "monitor/publish.hpp"
#include "own_site.hpp"
#include "state_lock.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

class UninstallCommand : public Command {
 public:
  std::string name() const override { return "uninstall"; }
  std::string summary() const override {
    return "Take away what timectl put on this host, and bring back what it replaced";
  }
  void add_options(CLI::App& app) override {
    add_way_back_options(app, options_);
    app.add_flag("--take-over", take_over_,
                 "Files that were edited since go too; without it they are kept and named");
    app.add_flag("--purge", purge_,
                 "Then forget everything: /var/lib/timectl goes, and nothing can be undone");
  }

  ExitStatus run(Context& context) override {
    std::vector<system::RootedPath> kept;
    const auto host = own_host(context);
    const auto arrival = go_back(context, name(), options_, [&] { return make(context, kept); });
    if (arrival.status) return *arrival.status;
    if (host) withdraw_metrics(context, *host);
    if (purge_) purge(context);
    return report(context, kept);
  }

 private:
  /// nullopt when nobody can say: then nothing was published by it either.
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

  plan::WayBack make(Context& context, std::vector<system::RootedPath>& kept) const {
    const auto edits = take_over_ ? plan::Edits::replace : plan::Edits::keep;
    auto back = make_way_back(context, apply::remember_originals(context.files()), edits);
    kept.clear();
    if (take_over_) return back;
    kept = back.edited;
    for (const auto& path : kept) {
      back.plan.notes.push_back(
          fmt::format("{} stays: it was edited since timectl wrote it", path.text()));
    }
    return back;
  }

  /// Asked for by its own word, after the change is committed: it is no part of what can be undone.
  void purge(Context& context) const {
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

  ExitStatus report(Context& context, const std::vector<system::RootedPath>& kept) const {
    if (context.options().json) {
      nlohmann::ordered_json document;
      document["schema"] = 1;
      document["purged"] = purge_;
      document["kept"] = nlohmann::ordered_json::array();
      for (const auto& path : kept) document["kept"].push_back(path.text());
      context.report().json(document);
      return ExitStatus::done;
    }
    context.report().line("this host is as it was before timectl");
    for (const auto& path : kept) context.report().item("kept: " + path.text());
    if (!purge_) {
      context.report().note(
          "what timectl remembers stays in /var/lib/timectl: 'timectl rollback' undoes this, "
          "'timectl uninstall --purge' forgets it");
    }
    return ExitStatus::done;
  }

  WayBackOptions options_;
  bool take_over_ = false;
  bool purge_ = false;
};

}  // namespace

std::unique_ptr<Command> make_uninstall_command() { return std::make_unique<UninstallCommand>(); }

}  // namespace timectl::cli
