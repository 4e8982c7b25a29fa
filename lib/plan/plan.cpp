// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/plan.hpp"

#include "base/text.hpp"
#include "plan/parts.hpp"

#include <fmt/format.h>

#include <map>

namespace timectl::plan {

using target::ReactionKind;

namespace {

using Installed = std::map<std::string, std::string>;

PackageChange plan_packages(const target::Target& target, const Installed& installed) {
  PackageChange change;
  for (const auto& name : target.packages) {
    if (installed.count(name) == 0) change.install.push_back(name);
  }
  return change;
}

void note_excluded(const target::Target& target, const Installed& installed,
                   const PackageChange& change, std::vector<std::string>& notes) {
  for (const auto& name : target.excluded_packages) {
    if (installed.count(name) == 0) continue;
    notes.push_back(
        change.install.empty()
            ? fmt::format("package {} is installed and conflicts with this role", name)
            : fmt::format("installing {} removes package {}", join(change.install, ", "), name));
  }
}

template <typename Changes>
void append(std::vector<Change>& all, const Changes& changes) {
  all.insert(all.end(), changes.begin(), changes.end());
}

}  // namespace

void append_steps(Plan& plan, const FilePart& files, const UnitPart& units,
                  const std::vector<ReactionChange>& reactions) {
  std::vector<ReactionChange> early, late;
  for (const auto& change : reactions) {
    if (change.reaction.kind == ReactionKind::reboot) {
      plan.needs_reboot = true;
      plan.notes.push_back(fmt::format("a reboot is needed because {}", change.why));
    } else {
      (change.reaction.kind < ReactionKind::restart ? early : late).push_back(change);
    }
  }
  append(plan.changes, units.retired);
  append(plan.changes, files.changes);
  append(plan.changes, early);
  append(plan.changes, units.enablement);
  append(plan.changes, late);
  append(plan.changes, units.starts);
  append(plan.changes, units.masks);
}

Plan make_plan(const target::Target& target, const Machine& machine, const ManagedFiles& managed) {
  Plan plan;
  plan.profile = target.profile;
  plan.host = target.host;
  plan.role = target.role;
  plan.conflicts = target.conflicts;
  const auto installed = machine.packages.installed();
  const auto package_change = plan_packages(target, installed);
  const auto packages = package_change.install.empty() ? Packages::complete : Packages::pending;
  if (packages == Packages::pending) plan.changes.emplace_back(package_change);

  auto files = plan_files(target, machine.files, managed, packages);
  const auto units = plan_units(target, files, machine, packages);
  refuse_obstacles(units, files, machine.files);
  append_steps(plan, files, units, plan_reactions(files, units, machine.services, packages));

  note_excluded(target, installed, package_change, plan.notes);
  plan.notes.insert(plan.notes.end(), target.notes.begin(), target.notes.end());
  plan.notes.insert(plan.notes.end(), files.notes.begin(), files.notes.end());
  plan.managed = std::move(files.managed);
  plan.unread = std::move(files.unread);
  return plan;
}

const PackageChange* packages_of(const Plan& plan) {
  for (const auto& change : plan.changes) {
    if (const auto* packages = std::get_if<PackageChange>(&change)) return packages;
  }
  return nullptr;
}

}  // namespace timectl::plan
