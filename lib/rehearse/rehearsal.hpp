// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "platform/platform.hpp"
#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "system/process.hpp"
#include "target/target.hpp"

#include <span>
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
  const platform::Daemon* daemon = nullptr;  ///< that reads these files; none: no daemon does
  /// Has the daemon read a file from its standard input and do nothing else; nullptr where it
  /// cannot. For where no sandbox can be made.
  system::Command (*read)(const std::string& content) = nullptr;
  /// The names of other findings that `ask` may answer with.
  std::span<const probe::FindingName> also = {};
};

/// The row that `rehearsals` have of a finding's name; nullptr: none of them prints it.
const probe::FindingRow* find_row(std::span<const Rehearsal> rehearsals, std::string_view name);

/// What a daemon calls the file that `read` gives it.
inline constexpr std::string_view standard_input = "/dev/stdin";

/// Those that are no feature's. Of chronyd: syntax, a real start of a second, and for a server
/// port, silence before island mode is enabled, the reply after it, and no reply to strangers.
extern const Rehearsal chrony_rehearsals[1];
extern const Rehearsal units_rehearsals[1];

/// Everything that a program said, and the last line of it.
std::string all_said(const system::CommandResult& result);
std::string last_said(const std::string& text);

/// What to do about what chronyd says when it ends: as the line goes, a command that finds the
/// place. Of any other daemon only where it names a line. `root` is that of a machine that does not
/// run, else "".
std::string remedy_for(const std::string& cause, const std::string& root = {});

/// What a program that checks its own files said: `accepted` is the summary when it succeeds,
/// `refused` otherwise.
probe::Finding judge_check(probe::FindingName name, const system::CommandResult& result,
                           const std::string& accepted, const std::string& refused);

/// A finding about something that could not be asked for want of `program`.
probe::Finding missing_program(probe::FindingName name, const std::string& program,
                               const std::string& package);

}  // namespace timectl::rehearse
