// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_pihole.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::features {

namespace {

/// On a card Pi-hole's own program cannot be run: the keys are to be set in its file.
std::string switched_off(const target::Draft& draft, const std::vector<std::string>& keys) {
  if (!draft.facts.root.empty()) {
    return fmt::format("set {} to false in {}/etc/pihole/pihole.toml", join(keys, " and "),
                       draft.facts.root);
  }
  std::vector<std::string> commands;
  for (const auto& key : keys) commands.push_back(fmt::format("pihole-FTL --config {} false", key));
  return join(commands, " && ");
}

}  // namespace

/// Version 6 does both by default (docs.pi-hole.net/ftldns/configfile, ntp).
void refuse_pihole(target::Draft& draft) {
  const auto& pihole = draft.facts.pihole;
  const bool has_daemon = profile::time_daemon_of(draft.host) != profile::TimeDaemon::none;
  if (pihole.sets_clock && has_daemon) {
    draft.target.conflicts.push_back(
        {"Pi-hole sets the clock, too (ntp.sync.active in /etc/pihole/pihole.toml)",
         switched_off(draft, {"ntp.sync.active"})});
  }
  if (pihole.serves_ntp && draft.host.serve) {
    draft.target.conflicts.push_back(
        {"Pi-hole holds UDP port 123 (ntp.ipv4.active, ntp.ipv6.active in /etc/pihole/pihole.toml)",
         switched_off(draft, {"ntp.ipv4.active", "ntp.ipv6.active"})});
  }
}

}  // namespace timectl::features
