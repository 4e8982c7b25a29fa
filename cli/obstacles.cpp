// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "obstacles.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::cli {

namespace {

/// Prepares the card instead: its first boot installs what is missing.
std::string prepare_command(const Site& site, const std::string& packages) {
  return site.facts.command(
      fmt::format("provision --host {} --at-first-boot{}", site.host->name, packages));
}

}  // namespace

std::optional<Error> find_missing_timectl(const Site& site) {
  if (site.facts.timectl_path) return std::nullopt;
  const bool is_root = site.facts.is_offline_root;
  return Error{ErrorKind::refused,
               fmt::format("cannot provision '{}': timectl is not installed there, and its units "
                           "would call it",
                           site.host->name),
               is_root ? fmt::format("{} has its first boot install it",
                                     prepare_command(site, " --package timectl_VERSION_ARCH.deb"))
                       : "install it first: cmake --install build --prefix /usr, or apt install "
                         "timectl"};
}

std::optional<Error> find_obstacle(const Context& context, const Site& site, const plan::Plan& plan,
                                   Packages packages, const std::optional<Error>& refusal) {
  if (auto missing = find_missing_timectl(site)) return missing;
  const auto* const change = plan::packages_of(plan);
  if (change == nullptr) return std::nullopt;
  if (packages == Packages::installed && !context.is_offline()) return refusal;
  const auto names = join(change->install, " ");
  const auto hint =
      context.is_offline()
          ? fmt::format("in the root: apt-get install {}; or {} has its first boot do that", names,
                        prepare_command(site, ""))
          : "apt-get install " + names;
  return Error{
      ErrorKind::missing,
      fmt::format("cannot provision '{}': package '{}' is not installed", plan.host, names), hint};
}

void warn_of_obstacle(Context& context, const std::optional<Error>& obstacle) {
  if (obstacle) context.report().warning(*obstacle);
}

}  // namespace timectl::cli
