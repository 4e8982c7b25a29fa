// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/aliases/rows.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

/// Short words for people at a shell, where their shell finds them.
namespace timectl::features {

using system::RootedPath;
using target::Draft;
using target::FileKind;
using target::Model;

namespace {

/// One line, so that what changes stands in a file of timectl's own: these two are conffiles. A
/// symlink leads to a user's own collection of such files, which timectl does not change.
void source_from(Draft& draft, const char* path) {
  const auto& linked = draft.facts.linked_shell_files;
  if (std::find(linked.begin(), linked.end(), path) != linked.end()) {
    return draft.note(
        fmt::format("{} is no regular file and is left alone: without '. /etc/timectl/aliases' in "
                    "it shells do not know the ntp.* aliases",
                    path));
  }
  draft.add({.path = RootedPath{path},
             .why = "interactive shells read the ntp.* aliases",
             .kind = FileKind::block},
            Model{});
}

// /etc/profile.d is read by login shells alone, and a terminal window, 'su' and 'sudo -s' are none.
// bash reads /etc/bash.bashrc when it is interactive and no login shell (bash(1), Debian's
// SYS_BASHRC), and Debian's /etc/profile reads it for interactive login shells: it is the one place
// that both have. It is a conffile of bash: dpkg keeps it and asks when bash brings another one.
// zsh has one place for both from the start, /etc/zsh/zshrc (zsh(1), STARTUP/SHUTDOWN FILES);
// without zsh nothing is put there, because a file that is there already would meet its package's.
void add_aliases(Draft& draft) {
  if (profile::time_daemon_of(draft.host) == profile::TimeDaemon::none) return;
  Model model;
  model.set("timectl", draft.timectl());
  draft.add({.path = RootedPath{"/etc/timectl/aliases"}, .why = "the ntp.* aliases"}, model);
  source_from(draft, "/etc/bash.bashrc");
  if (draft.facts.packages.count("zsh-common") != 0) source_from(draft, "/etc/zsh/zshrc");
}

}  // namespace

constinit const target::Contribution aliases_contributions[1] = {
    {target::Phase::services, add_aliases}};

}  // namespace timectl::features
