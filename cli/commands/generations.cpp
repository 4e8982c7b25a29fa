// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/confirmation.hpp"
#include "own_site.hpp"
#include "state_lock.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace timectl::cli {

namespace {

using apply::Generation;
using apply::Verdict;
using nlohmann::ordered_json;

constexpr std::array verdict_words{"in progress", "awaiting confirmation", "committed",
                                   "rolled back", "broken"};
constexpr std::array purpose_words{"provision", "rollback", "uninstall"};
constexpr std::array action_words{"create", "modify", "remove"};

template <std::size_t size, typename Enum>
const char* word_for(const std::array<const char*, size>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

std::string counted(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string what_changed(const Generation& generation) {
  auto text = fmt::format("{}, {}", counted(generation.files.size(), "file"),
                          counted(generation.units.size(), "unit"));
  if (!generation.packages_added.empty()) {
    text += "; brought " + join(generation.packages_added, ", ");
  }
  if (!generation.packages_removed.empty()) {
    text += "; removed " + join(generation.packages_removed, ", ");
  }
  return text;
}

std::string place_of(const Generation& generation) {
  if (generation.host.empty()) return "this host before timectl";
  return fmt::format("{} as {} of '{}'", generation.host, generation.role, generation.profile);
}

ordered_json document_of(const Generation& generation) {
  auto files = ordered_json::array();
  for (const auto& step : generation.files) {
    ordered_json file;
    file["path"] = step.path.text();
    file["action"] = nullptr;
    if (step.is_action_known) file["action"] = word_for(action_words, step.action);
    files.push_back(std::move(file));
  }
  ordered_json document;
  document["name"] = generation.name;
  document["started"] = generation.started;
  document["user"] = generation.who.user;
  document["command"] = generation.who.command;
  document["purpose"] = word_for(purpose_words, generation.purpose);
  document["profile"] = generation.profile;
  document["host"] = generation.host;
  document["role"] = generation.role;
  document["verdict"] = word_for(verdict_words, generation.verdict);
  document["reason"] = generation.reason;
  document["until"] = generation.until;
  document["files"] = std::move(files);
  document["units"] = generation.units;
  document["packages_added"] = generation.packages_added;
  document["packages_removed"] = generation.packages_removed;
  return document;
}

class GenerationsCommand : public Command {
 public:
  std::string name() const override { return "generations"; }
  std::string summary() const override {
    return "List what timectl changed on this host: when, who, what, how it ended";
  }
  void add_options(CLI::App& app) override {
    app.add_option("generation", wanted_, "Only this one, by name or number, with all it changed")
        ->type_name("GENERATION");
  }

  ExitStatus run(Context& context) override {
    report_open_changes(context);
    auto all = apply::list_generations(context.files());
    if (!wanted_.empty()) {
      const auto name = apply::find_generation(context.files(), wanted_);
      std::erase_if(all, [&](const Generation& each) { return each.name != name; });
    }
    if (context.options().json) return show_json(context, all);
    if (all.empty()) {
      context.report().line(not_provisioned);
      context.report().note(not_provisioned_hint);
    }
    const auto lock = context.locks().state(state_lock_path);
    for (const auto& generation : all) show(context.report(), generation, lock);
    return ExitStatus::done;
  }

 private:
  static ExitStatus show_json(Context& context, const std::vector<Generation>& all) {
    ordered_json document;
    document["schema"] = 1;
    document["generations"] = ordered_json::array();
    for (const auto& generation : all) {
      document["generations"].push_back(document_of(generation));
    }
    context.report().json(document);
    return ExitStatus::done;
  }

  static std::string ending_of(const Generation& generation, const system::LockState& lock) {
    if (generation.verdict == Verdict::rolled_back || generation.verdict == Verdict::broken) {
      return fmt::format("{}: {}", word_for(verdict_words, generation.verdict), generation.reason);
    }
    if (generation.verdict == Verdict::waiting) {
      return "awaits 'timectl confirm' until " + generation.until;
    }
    if (generation.verdict == Verdict::in_progress) {
      return ending_of_open_change(lock);
    }
    const std::string word = word_for(verdict_words, generation.verdict);
    return generation.reason.empty() ? word : word + ": " + generation.reason;
  }

  /// A lock that another program holds does not say that anything is in progress.
  static std::string ending_of_open_change(const system::LockState& lock) {
    switch (lock.holder) {
      case system::LockHolder::timectl:
        return lock.sentence;
      case system::LockHolder::not_known:
        return "in progress or interrupted: " + lock.sentence;
      case system::LockHolder::none:
      case system::LockHolder::other:
        break;
    }
    return "interrupted: timectl recover rolls it back";
  }

  void show(Report& report, const Generation& generation, const system::LockState& lock) const {
    report.line(fmt::format("{:>3}  {}  {}", apply::number_of(generation.name), generation.started,
                            ending_of(generation, lock)));
    report.item(
        fmt::format("{}: {}", word_for(purpose_words, generation.purpose), place_of(generation)));
    const bool is_who_known = !generation.who.user.empty();
    if (is_who_known) {
      report.item(fmt::format("by {}: {}", generation.who.user, generation.who.command));
    }
    report.item(what_changed(generation));
    if (wanted_.empty()) return;
    report.item("kept in /var/lib/timectl/generations/" + generation.name);
    for (const auto& step : generation.files) {
      const auto* const action =
          step.is_action_known ? word_for(action_words, step.action) : "change";
      report.item(fmt::format("{} {}", action, step.path.text()));
    }
    for (const auto& unit : generation.units) report.item("unit " + unit);
  }

  std::string wanted_;
};

}  // namespace

std::unique_ptr<Command> make_generations_command() {
  return std::make_unique<GenerationsCommand>();
}

}  // namespace timectl::cli
