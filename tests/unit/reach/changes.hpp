// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <string>

namespace timectl::test {

/// A file of systemd-networkd's, as timectl writes it.
inline std::string networkd_file(const std::string& address, const std::string& gateway = "") {
  return "# timectl manages this\n[Match]\nName=eth0\n\n[Network]\nAddress=" + address + "\n" +
         (gateway.empty() ? "" : "Gateway=" + gateway + "\nDNS=" + gateway + "\n");
}

/// nullopt: it is not there.
using Text = std::optional<std::string>;

/// A plan with one changed file, after which the back end reloads `subject`.
inline plan::Plan plan_of(const Text& before, const Text& after,
                          const std::string& subject = "networkd:eth0") {
  auto action = plan::FileAction::remove;
  if (after) action = before ? plan::FileAction::modify : plan::FileAction::create;
  const auto status = before ? std::optional{system::FileStatus{}} : std::nullopt;
  const target::Reaction reload{target::ReactionKind::network_reload, subject};
  plan::Plan plan;
  plan.changes = {plan::FileChange{.path = system::RootedPath{"/etc/some/file"},
                                   .action = action,
                                   .before = status,
                                   .content_before = before.value_or(""),
                                   .content_after = after.value_or(""),
                                   .ownership_after = {},
                                   .why = {},
                                   .reactions = {reload},
                                   .modified_after = {}},
                  plan::ReactionChange{reload, "it changes"}};
  return plan;
}

}  // namespace timectl::test
