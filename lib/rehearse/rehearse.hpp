// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "rehearse/guest.hpp"
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
  const probe::Ports& probes;    ///< of this machine
  const Guest* guest = nullptr;  ///< whose target it is, where it is not this machine's
};

/// Proves a target without touching the host: the staged files at their real paths in a sandbox,
/// checked by the daemons themselves, then the real chronyd started there (chronyd -x: without
/// control of the clock) on the profile's address and port 123, set to island mode through its own
/// socket and asked over NTP as a client would; `rehearsals` are what is asked, in that order.
/// Findings carry the probes' names (chrony.config, dnsmasq.config, units.config, ntp.port,
/// ntp.reply, …).
std::vector<probe::Finding> rehearse(const target::Target& target, const profile::Profile& profile,
                                     const profile::Host& host,
                                     std::span<const Rehearsal> rehearsals, const Ports& ports,
                                     Extent extent = Extent::service);

/// What the daemons have against a target.
struct Objections {
  std::vector<probe::Finding> refusals;  ///< a daemon would not start with it, or not read it
  std::vector<probe::Finding> doubts;    ///< failed or unknown for reasons of the sandbox's own
};

/// Asks about the files only. A daemon that runs on this host and fails in the sandbox without the
/// target as it does with it is a doubt: a device or an interface of the host is not to be had in
/// there. So is what may be different on a guest, which does not run.
Objections find_objections(const target::Target& target, const profile::Profile& profile,
                           const profile::Host& host, std::span<const Rehearsal> rehearsals,
                           const Ports& ports);

}  // namespace timectl::rehearse
