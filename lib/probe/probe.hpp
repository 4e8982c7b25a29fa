// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "probe/finding.hpp"
#include "profile/profile.hpp"
#include "system/clock.hpp"
#include "system/datagram.hpp"
#include "system/files.hpp"
#include "system/network.hpp"
#include "system/process.hpp"
#include "system/rtc.hpp"
#include "system/services.hpp"
#include "system/time_daemons.hpp"

#include <functional>
#include <string>
#include <vector>

namespace timectl::probe {

/// The ports probes look through. All of them are safe to use from several threads.
struct Ports {
  const system::FileReader& files;
  const system::ServiceReader& services;
  const system::ProcessRunner& processes;
  const system::Clock& clock;
  const system::RtcReader& rtcs;
  const system::DatagramClient& datagrams;
  const system::Network& network;
  const system::TimeDaemonReader& daemons;
};

/// What a probe is asked about.
struct Subject {
  const profile::Profile& profile;
  const profile::Host& host;
  const facts::Facts& facts;
  /// Managed files that differ from what they should be, as the plan found them (paths); also
  /// what stood in their place before timectl came.
  std::vector<std::string> drifted_files;
};

/// Whether a question makes sense for a mounted card or image, where nothing runs.
enum class Needs { running_host, files_only };

/// One question. `applies` says whether the host has the feature it is about. `ask` need not fill
/// in the name.
struct Probe {
  std::string name;
  std::string question;  ///< for help and the manual: "Does the DS3231 answer on its bus?"
  Needs needs = Needs::running_host;
  bool (*applies)(const profile::Host& host);
  Finding (*ask)(const Subject& subject, const Ports& ports);
};

/// Every probe there is, in the order of the report.
const std::vector<Probe>& all_probes();

/// Asks all that apply, side by side; findings are in the table's order. A probe that throws
/// becomes `unknown` with the reason. `only`: names to ask (empty: all); one of them that does not
/// apply is `skipped`, one that does not exist throws Error{usage}. What needs a running host is
/// `skipped` for an offline root.
std::vector<Finding> run_probes(const Subject& subject, const Ports& ports,
                                const std::vector<std::string>& only = {});

}  // namespace timectl::probe
