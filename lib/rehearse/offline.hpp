// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "rehearse/rehearse.hpp"

#include <map>
#include <string>
#include <vector>

namespace timectl::rehearse {

/// A machine that does not run, and the programs that may be asked about its files.
struct OfflineMachine {
  const system::FileReader& files;  ///< below its root
  std::string root;
  std::vector<std::string> tools;  ///< absolute paths of unpacked packages
  const std::map<std::string, facts::Version>& packages;
  const system::ProcessRunner& own;   ///< finds programs where every machine has them
  const system::ProcessRunner& here;  ///< the tools', then this machine's
};

struct OfflineObjections {
  std::vector<probe::Finding> refusals;
  std::vector<std::string> notes;  ///< what was not asked and how it can be; other doubts
};

/// Asks the daemons of `rehearsals` about the files only: the machine's own programs if they run
/// here, else those of the tools, if there are any. A program of this machine that stands in for a
/// missing tool refuses nothing in another version than the machine has: it may not know a
/// directive that the other one does.
OfflineObjections find_offline_objections(const target::Target& target,
                                          const profile::Profile& profile,
                                          const profile::Host& host,
                                          std::span<const Rehearsal> rehearsals, const Ports& ports,
                                          const OfflineMachine& machine);

}  // namespace timectl::rehearse
