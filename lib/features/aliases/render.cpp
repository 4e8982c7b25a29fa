// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/aliases/rows.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <array>

/// Short words for people at a shell, in timectl's, systemctl's and journalctl's terms.
namespace timectl::features {

using system::RootedPath;
using target::Draft;
using target::Model;

namespace {

struct ShortCommand {
  const char* name;
  const char* meaning;
  const char* words;  ///< behind timectl, or a whole command line
  bool is_timectl = true;
};
constexpr std::array short_commands{
    ShortCommand{"status", "State and error bound of the time, controller, last check.", "status"},
    ShortCommand{"show", "What the monitor sees of servers and sources, and would do.",
                 "monitor --dry-run"},
    ShortCommand{"test", "Does everything work? Each probe with its evidence.", "verify"},
    ShortCommand{"monitor.status", "The monitor's timer and last check.",
                 "systemctl status timectl-monitor.timer timectl-monitor.service", false},
    ShortCommand{"monitor.logs", "What the monitor wrote to the journal.",
                 "journalctl -u timectl-monitor.service", false},
    ShortCommand{"monitor.run", "A check at once.", "systemctl start timectl-monitor.service",
                 false},
};

// Programs and no aliases: bash and zsh have no place for aliases that is no conffile of theirs,
// and dpkg asks about an edited conffile, or holds the package back, when a new release brings
// another one (Debian 13's bash does). So every shell has them, scripts and sudo too.
void add_short_commands(Draft& draft) {
  if (profile::time_daemon_of(draft.host) == profile::TimeDaemon::none) return;
  for (const auto& each : short_commands) {
    Model model;
    model.set("interpreter", "#!/bin/sh");  // the template itself is no program
    model.set("meaning", each.meaning);
    model.set("command", each.is_timectl ? fmt::format("{} {}", draft.timectl(), each.words)
                                         : std::string{each.words});
    draft.add({.path = RootedPath{"/usr/local/bin"} / fmt::format("ntp.{}", each.name),
               .why = "a short command for people",
               .mode = 0755,
               .template_path = "/usr/local/bin/ntp.COMMAND"},
              model);
  }
}

}  // namespace

constinit const target::Contribution aliases_contributions[1] = {
    {target::Phase::services, add_short_commands}};

}  // namespace timectl::features
