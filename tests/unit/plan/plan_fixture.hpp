// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"
#include "support/fake_files.hpp"
#include "support/fake_managed.hpp"
#include "support/fake_packages.hpp"
#include "support/fake_services.hpp"

namespace timectl::test {

/// A host of fakes and what is wanted of it.
struct PlanFixture {
  FakeFiles files;
  FakeServices services{files};
  FakePackages packages;
  FakeManaged managed;
  target::Target target;

  target::DesiredFile& want(const std::string& path, const std::string& content,
                            std::vector<target::Reaction> reactions = {}) {
    target.files.push_back({system::RootedPath{path}, target::FileKind::owned, content, 0644,
                            "root", false, "is wanted", std::move(reactions)});
    return target.files.back();
  }
  plan::Plan plan() const { return plan::make_plan(target, {files, services, packages}, managed); }
};

/// The changes in words, in order: "create /etc/f", "start chrony.service", "restart
/// chrony.service".
inline std::vector<std::string> in_words(const plan::Plan& plan) {
  struct Words {
    std::string operator()(const plan::PackageChange& change) const {
      std::string all = "install";
      for (const auto& name : change.install) all += " " + name;
      return all;
    }
    std::string operator()(const plan::FileChange& change) const {
      constexpr const char* verbs[] = {"create ", "modify ", "remove "};
      return verbs[static_cast<int>(change.action)] + change.path.text();
    }
    std::string operator()(const plan::UnitChange& change) const {
      constexpr const char* verbs[] = {"enable ", "disable ", "mask ",
                                       "unmask ", "start ",   "stop "};
      return verbs[static_cast<int>(change.action)] + change.unit;
    }
    std::string operator()(const plan::ReactionChange& change) const {
      constexpr const char* verbs[] = {"daemon_reload",  "udev_reload", "set_host_name",
                                       "network_reload", "restart",     "try_restart",
                                       "reload_sources", "reboot"};
      const auto& subject = change.reaction.subject;
      return verbs[static_cast<int>(change.reaction.kind)] + (subject.empty() ? "" : " " + subject);
    }
  };
  std::vector<std::string> words;
  for (const auto& change : plan.changes) words.push_back(std::visit(Words{}, change));
  return words;
}

}  // namespace timectl::test
