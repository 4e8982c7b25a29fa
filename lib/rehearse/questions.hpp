// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "target/target.hpp"

#include <string>
#include <vector>

/// What is asked inside the sandbox. Each function answers with findings, also when a program it
/// needs is missing, and throws only what the caller turns into an unknown finding.
namespace timectl::rehearse {

struct Scene {
  const target::Target& target;
  const profile::Host& host;
  const probe::Ports& ports;
  std::string configuration;  ///< where the main chrony.conf came from
};

/// Syntax, a real start of a second, and for a server: port, silence before arming, the reply
/// after it, and no reply to strangers.
std::vector<probe::Finding> ask_chrony(const Scene& scene);

probe::Finding ask_dnsmasq(const Scene& scene);
probe::Finding ask_netplan(const Scene& scene);
/// Whether systemd-timesyncd would read the drop-in; what it makes of it, only a running one shows.
probe::Finding ask_timesyncd(const Scene& scene);
probe::Finding ask_units(const Scene& scene);

/// A finding about something that could not be asked for want of `program`.
probe::Finding missing_program(probe::FindingName name, const std::string& program,
                               const std::string& package);

}  // namespace timectl::rehearse
