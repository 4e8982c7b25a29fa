// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "system/process.hpp"
#include "target/target.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is asked inside the sandbox: the row that rehearse() takes a list of.
namespace timectl::rehearse {

/// How much is asked.
enum class Extent {
  files,    ///< whether the daemons accept their files: they read them, and start with them
  service,  ///< also whether a started daemon does what the host is for
};

struct Scene {
  const target::Target& target;
  const profile::Host& host;
  const probe::Ports& ports;
  std::string configuration;  ///< where the main chrony.conf came from
  Extent extent = Extent::service;
};

/// A question to the programs that would read a target, asked where it has a file below
/// `directory`. `ask` answers with findings, also when a program that it needs is missing; what it
/// throws becomes an unknown finding under `name`.
struct Rehearsal {
  probe::FindingName name;
  std::string_view directory = {};
  std::vector<probe::Finding> (*ask)(const Scene& scene) = nullptr;
  std::string_view unit = {};  ///< of the daemon that reads these files; none: no daemon does
};

/// Those that are no feature's. Of chronyd: syntax, a real start of a second, and for a server
/// port, silence before island mode is enabled, the reply after it, and no reply to strangers.
extern const Rehearsal chrony_rehearsals[1];
extern const Rehearsal units_rehearsals[1];

/// Everything that a program said, and the last line of it.
std::string all_said(const system::CommandResult& result);
std::string last_said(const std::string& text);

/// What a program that checks its own files said: `accepted` is the summary when it succeeds,
/// `refused` otherwise.
probe::Finding judge_check(probe::FindingName name, const system::CommandResult& result,
                           const std::string& accepted, const std::string& refused);

/// A finding about something that could not be asked for want of `program`.
probe::Finding missing_program(probe::FindingName name, const std::string& program,
                               const std::string& package);

}  // namespace timectl::rehearse
