// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "own_site.hpp"
#include "pager.hpp"
#include "plan/plan.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace timectl::cli {

namespace {

using apply::PathState;
using nlohmann::ordered_json;
using plan::FileAction;

/// One side of the comparison.
struct Side {
  std::string name;
  apply::States states;
};

/// As the change that would make b of a.
plan::FileChange change_between(const system::RootedPath& path, const PathState& a,
                                const PathState& b) {
  plan::FileChange change{
      path, FileAction::remove, plan::Cause::update, {}, {}, {}, {}, {}, false, {}, {}, {}, {}};
  change.sensitivity = std::max(a.sensitivity, b.sensitivity);
  if (a.state) {
    change.before = system::FileStatus{a.state->type, a.state->ownership, {}, 0};
    change.content_before = a.state->content;
  }
  if (!b.state) return change;
  change.action = a.state ? FileAction::modify : FileAction::create;
  change.type_after = b.state->type;
  change.content_after = b.state->content;
  change.ownership_after = b.state->ownership;
  return change;
}

std::string mode_change(const PathState& a, const PathState& b) {
  const bool compares = a.state && b.state && a.kind != target::FileKind::block &&
                        a.state->type == system::FileType::regular &&
                        b.state->type == system::FileType::regular;
  const auto before = compares ? a.state->ownership.mode : 0;
  const auto after = compares ? b.state->ownership.mode : 0;
  return before == after ? "" : fmt::format("mode {:04o} -> {:04o}", before, after);
}

class DiffCommand : public Command {
 public:
  std::string name() const override { return "diff"; }
  std::string summary() const override {
    return "Show how managed files differ between two generations, or from this host";
  }
  void add_options(CLI::App& app) override {
    app.add_option("a", a_, "A generation, by name or number (default: the last one)")
        ->type_name("GENERATION");
    app.add_option("b", b_, "Another one (default: this host as it is)")->type_name("GENERATION");
  }

  ExitStatus run(Context& context) override {
    report_open_changes(context);
    const auto& files = context.files();
    const auto a = side_of(files, a_);
    const auto b =
        b_.empty() ? Side{"host", apply::states_now(files, a.states)} : side_of(files, b_);
    return show(context, a, b);
  }

 private:
  static Side side_of(const system::FileReader& files, const std::string& word) {
    const auto name =
        word.empty() ? apply::LastWritten{files}.generation() : apply::find_generation(files, word);
    if (name.empty()) {
      throw Error{ErrorKind::refused, fmt::format("cannot compare: {}", not_provisioned),
                  not_provisioned_hint};
    }
    return {name, apply::states_after(files, name)};
  }

  static ExitStatus show(Context& context, const Side& a, const Side& b) {
    ordered_json document;
    document["schema"] = 1;
    document["a"] = a.name;
    document["b"] = b.name;
    document["files"] = ordered_json::array();
    const Pager pager{context.report(), context.options().json || context.options().no_pager};
    for (const auto& [path, before] : a.states) {
      const auto found = b.states.find(path);
      if (found == b.states.end()) continue;
      const auto diff = plan::unified_diff(change_between(path, before, found->second));
      const auto mode = mode_change(before, found->second);
      if (diff.empty() && mode.empty()) continue;
      ordered_json entry;
      entry["path"] = path.text();
      entry["mode"] = mode;
      entry["diff"] = diff;
      document["files"].push_back(std::move(entry));
      if (context.options().json) continue;
      if (!mode.empty()) context.report().line(fmt::format("{}: {}", path.text(), mode));
      context.report().diff(diff);
    }
    if (context.options().json) context.report().json(document);
    return document["files"].empty() ? ExitStatus::done : ExitStatus::answer_is_no;
  }

  std::string a_, b_;
};

}  // namespace

std::unique_ptr<Command> make_diff_command() { return std::make_unique<DiffCommand>(); }

}  // namespace timectl::cli
