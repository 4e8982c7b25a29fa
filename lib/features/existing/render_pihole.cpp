// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_pihole.hpp"

namespace timectl::features {

/// Version 6 does both by default (docs.pi-hole.net/ftldns/configfile, ntp).
void refuse_pihole(target::Draft& draft) {
  const auto& pihole = draft.facts.pihole;
  const bool has_daemon = profile::time_daemon_of(draft.host) != profile::TimeDaemon::none;
  if (pihole.sets_clock && has_daemon) {
    draft.target.conflicts.push_back(
        {"Pi-hole sets the clock, too (ntp.sync.active in /etc/pihole/pihole.toml)",
         "pihole-FTL --config ntp.sync.active false"});
  }
  if (pihole.serves_ntp && draft.host.serve) {
    draft.target.conflicts.push_back(
        {"Pi-hole holds UDP port 123 (ntp.ipv4.active, ntp.ipv6.active in /etc/pihole/pihole.toml)",
         "pihole-FTL --config ntp.ipv4.active false && pihole-FTL --config ntp.ipv6.active false"});
  }
}

}  // namespace timectl::features
