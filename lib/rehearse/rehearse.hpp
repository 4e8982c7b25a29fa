// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "rehearse/rehearsal.hpp"
#include "system/sandbox.hpp"
#include "target/target.hpp"

#include <span>
#include <string>
#include <vector>

namespace timectl::rehearse {

/// What a rehearsal uses. Inside the sandbox the same ports see the private view.
struct Ports {
  const system::Sandbox& sandbox;
  const probe::Ports& probes;
};

/// Proves a target without touching the host: the staged files at their real paths in a sandbox,
/// checked by the daemons themselves, then the real chronyd started there (chronyd -x: without
/// control of the clock) on the profile's address and port 123, set to island mode through its own
/// socket and asked over NTP as a client would; `rehearsals` are what is asked, in that order.
/// Findings carry the probes' names (chrony.config, dnsmasq.config, units.config, ntp.port,
/// ntp.reply, …).
std::vector<probe::Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                                     const profile::Host& host,
                                     std::span<const Rehearsal> rehearsals, const Ports& ports);

}  // namespace timectl::rehearse
