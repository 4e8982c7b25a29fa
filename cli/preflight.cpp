// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "preflight.hpp"

#include "base/text.hpp"
#include "features/feature.hpp"
#include "rehearse/offline.hpp"
#include "rehearse/one_by_one.hpp"
#include "system/linux/linux.hpp"
#include "system/process.hpp"
#include "temporary_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <variant>

namespace timectl::cli {

namespace {

using rehearse::Rehearsal;

bool changes_file_below(const plan::Plan& plan, std::string_view directory) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [&](const plan::Change& change) {
    const auto* const file = std::get_if<plan::FileChange>(&change);
    return file != nullptr && file->path.text().starts_with(fmt::format("{}/", directory));
  });
}

/// Of the daemons whose files the plan changes: others do not start anew for it.
std::vector<Rehearsal> rehearsals_for(const plan::Plan& plan) {
  std::vector<Rehearsal> wanted;
  for (const auto& rehearsal : features::rehearsals()) {
    if (changes_file_below(plan, rehearsal.directory)) wanted.push_back(rehearsal);
  }
  return wanted;
}

/// What `ask` found, and what is to be said of it.
struct Answer {
  std::vector<probe::Finding> refusals;
  std::vector<std::string> notes;
};

std::string sentence(const probe::Finding& finding) {
  return finding.cause.empty() ? finding.summary
                               : fmt::format("{}: {}", finding.summary, finding.cause);
}

Answer sorted(const rehearse::Objections& objections) {
  Answer answer{objections.refusals, {}};
  for (const auto& doubt : objections.doubts) {
    answer.notes.push_back(fmt::format("could not be tried in a sandbox: {}", sentence(doubt)));
  }
  return answer;
}

/// A container has no namespaces for us, nor has a kernel that was closed that way.
Answer ask_without_sandbox(const target::Target& target, const std::vector<Rehearsal>& rehearsals,
                           const system::ProcessRunner& processes, const std::string& reason) {
  std::vector<std::string> readers;
  for (const auto& each : rehearsals) {
    if (each.read != nullptr) readers.emplace_back(each.daemon->program);
  }
  if (readers.empty()) {
    return {{}, {fmt::format("the configuration could not be tried in a sandbox: {}", reason)}};
  }
  auto answer = sorted(rehearse::find_objections_one_by_one(target, rehearsals, processes));
  answer.notes.push_back(
      fmt::format("{}; so of {} only the syntax of each new file is tested, not whether it starts "
                  "with all of them",
                  reason, join(readers, " and ")));
  return answer;
}

/// Packages that this host has as files (an order of first_boot.hpp): nothing is fetched.
void unpack_kept(Context& context, const plan::PackageChange& packages,
                 const std::string& directory) {
  constexpr std::chrono::minutes deadline{2};
  for (const auto& kept : packages.kept_in) {
    const system::RootedPath place{kept};
    for (const auto& file : context.files().list(place)) {
      const auto path = (place / file).text();
      system::run_or_throw(context.processes(),
                           {"dpkg-deb", {"--extract", path, directory}, {}, deadline, {}},
                           fmt::format("unpack '{}'", path));
    }
  }
}

void unpack_packages(Context& context, const plan::PackageChange& packages,
                     const std::string& directory) {
  if (!packages.kept_in.empty()) return unpack_kept(context, packages, directory);
  context.report().note(
      fmt::format("fetches {} to try the configuration with it", join(packages.install, ", ")));
  context.packages().fetch(packages.install);
  context.packages().unpack(packages.install, directory);
}

Answer ask(Context& context, const Site& site, const plan::Plan& plan,
           const std::vector<Rehearsal>& rehearsals) {
  auto tools = context.options().tools;
  std::optional<TemporaryDirectory> unpacked;
  if (const auto* const packages = plan::packages_of(plan)) {
    unpacked.emplace("the packages");
    unpack_packages(context, *packages, unpacked->path());
    tools.push_back(unpacked->path());
  }
  const auto processes = system::os::make_processes(tools);
  const auto target = context.render(site);
  context.report().note("tries the configuration in a sandbox");
  const auto host = context.probe_ports();
  const auto ports = host.with(host.files, *processes);
  try {
    return sorted(rehearse::find_objections(target, site.profile, *site.host, rehearsals,
                                            {context.sandbox(), ports}));
  } catch (const Error& error) {
    return ask_without_sandbox(target, rehearsals, *processes, error.what());
  }
}

/// In the sandbox of a guest "/" is a view of its own, which these ports see.
Answer ask_offline(Context& context, const Site& site, const std::vector<Rehearsal>& rehearsals) {
  const auto& tools = context.options().tools;
  const auto own = system::os::make_processes({});
  const auto here = system::os::make_processes(tools, system::os::ToolsPlace::first);
  const auto ports = context.probe_ports().with(context.host_files(), *here);
  const rehearse::OfflineMachine machine{
      context.files(), context.options().root, tools, site.facts.packages, *own, *here};
  auto objections =
      rehearse::find_offline_objections(context.render(site), site.profile, *site.host, rehearsals,
                                        {context.sandbox(), ports}, machine);
  return {std::move(objections.refusals), std::move(objections.notes)};
}

}  // namespace

std::vector<std::string> require_accepted_by_daemons(Context& context, const Site& site,
                                                     const plan::Plan& plan) {
  const auto rehearsals = rehearsals_for(plan);
  if (rehearsals.empty()) return {};
  Answer answer;
  try {
    answer = context.is_offline() ? ask_offline(context, site, rehearsals)
                                  : ask(context, site, plan, rehearsals);
  } catch (const Error& error) {
    // No sandbox, no disk for the packages: the transaction undoes what does not start.
    answer.notes.push_back(
        fmt::format("the configuration could not be tried in a sandbox: {}", error.what()));
  }
  if (context.is_offline() && answer.refusals.empty()) return answer.notes;
  for (const auto& note : answer.notes) context.report().note(note);
  if (answer.refusals.empty()) return {};
  std::vector<std::string> reasons;
  for (const auto& refusal : answer.refusals) reasons.push_back(sentence(refusal));
  throw Error{ErrorKind::refused,
              fmt::format("cannot provision '{}': {}", plan.host, join(reasons, "; ")),
              answer.refusals.front().remedy};
}

}  // namespace timectl::cli
