// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "base/visible.hpp"
#include "commands/commands.hpp"
#include "completion.hpp"
#include "features/feature.hpp"
#include "findings.hpp"
#include "own_site.hpp"
#include "profile/library.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

void add_once(std::vector<Candidate>& candidates, Candidate candidate) {
  const bool is_there =
      std::any_of(candidates.begin(), candidates.end(),
                  [&](const Candidate& each) { return each.word == candidate.word; });
  if (!is_there) candidates.push_back(std::move(candidate));
}

std::vector<Candidate> profiles(Context& context) {
  std::vector<Candidate> candidates;
  for (const auto& each : profile::list_profiles(context.files())) {
    candidates.push_back({each.name, each.origin});
  }
  return candidates;
}

/// The profile that the words so far lead to.
profile::Profile profile_of(Context& context, const Given& given) {
  SiteOptions options;
  if (const auto named = given.find("--profile"); named != given.end()) {
    options.profile = named->second;
  }
  return profile::load_profile(find_own_profile(context, options), context.files());
}

std::vector<Candidate> roles(Context& context, const Given& given) {
  std::vector<Candidate> candidates;
  for (const auto& host : profile_of(context, given).hosts) add_once(candidates, {host.role, ""});
  return candidates;
}

std::vector<Candidate> hosts(Context& context, const Given& given) {
  std::vector<Candidate> candidates;
  for (const auto& host : profile_of(context, given).hosts) {
    candidates.push_back({host.name, host.role});
  }
  return candidates;
}

std::vector<Candidate> findings() {
  std::vector<Candidate> candidates;
  for (const auto* each : all_findings()) {
    candidates.push_back({std::string{each->name}, std::string{each->question}});
  }
  return candidates;
}

/// verify also takes what stands before the dot.
std::vector<Candidate> probes_and_groups() {
  std::vector<Candidate> candidates;
  for (const auto& probe : features::probes()) {
    const auto& row = probe.name.row();
    candidates.push_back({std::string{row.name}, std::string{row.question}});
  }
  for (const auto& probe : features::probes()) {
    const auto name = probe.name.text();
    add_once(candidates, {std::string{name.substr(0, name.find('.'))}, ""});
  }
  return candidates;
}

std::vector<Candidate> generations(Context& context) {
  std::vector<Candidate> candidates;
  for (const auto& each : apply::list_generations(context.files())) {
    candidates.push_back({each.name, each.who.command});
  }
  return candidates;
}

std::vector<Candidate> candidates_for(ValueKind kind, Context& context, const Given& given) {
  switch (kind) {
    case ValueKind::profile:
      return profiles(context);
    case ValueKind::role:
      return roles(context, given);
    case ValueKind::host:
      return hosts(context, given);
    case ValueKind::finding:
      return findings();
    case ValueKind::probes:
      return probes_and_groups();
    case ValueKind::generation:
      return generations(context);
    default:
      return {};
  }
}

/// bash writes a word into the command line as it is: one that the shell would not take by the
/// letter ("$(reboot)" is a file's name too), or that a terminal would act upon, is not offered.
bool can_be_offered(const std::string& word) {
  constexpr std::string_view of_the_shell = " !\"#$&'()*;<>?[\\]^`{|}~";
  return word.find_first_of(of_the_shell) == std::string::npos && word == visible(word);
}

std::string line_of(const Candidate& candidate) {
  if (candidate.description.empty()) return candidate.word + "\n";
  return fmt::format("{}\t{}\n", candidate.word, visible(candidate.description));
}

/// For packaging/completions: a line for each candidate, "WORD TAB DESCRIPTION", and a last one
/// ":files" or ":directories" where the shell has to complete paths itself.
class CompleteCommand : public Command {
 public:
  std::string name() const override { return "complete"; }
  std::string summary() const override { return "Print what can come next on a command line"; }

  void add_options(CLI::App& app) override {
    app.group("");
    app.add_option("WORD", words_, "The command line so far, after --");
    program_ = app.get_parent();
  }

  ExitStatus run(Context& context) override {
    const auto completion = complete(*program_, words_, [&](ValueKind kind, const Given& given) {
      return ask(kind, context, given);
    });
    for (const auto& each : completion.candidates) {
      if (can_be_offered(each.word)) context.report().text(line_of(each));
    }
    if (completion.paths == Paths::files) context.report().line(":files");
    if (completion.paths == Paths::directories) context.report().line(":directories");
    return ExitStatus::done;
  }

 private:
  /// Who presses Tab wants no lecture: what cannot be read has no candidates.
  static std::vector<Candidate> ask(ValueKind kind, Context& context, const Given& given) {
    try {
      GlobalOptions options;
      if (const auto root = given.find("--root"); root != given.end()) options.root = root->second;
      Context there{options, context.report(), context.caller()};
      return candidates_for(kind, there, given);
    } catch (const std::exception&) {
      return {};
    }
  }

  const CLI::App* program_ = nullptr;
  std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_complete_command() { return std::make_unique<CompleteCommand>(); }

}  // namespace timectl::cli
