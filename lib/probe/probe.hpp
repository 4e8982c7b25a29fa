// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "observe/observation.hpp"
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

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace timectl::probe {

/// The ports of probes. All of them are safe to use from several threads.
struct Ports {
  const system::FileReader& files;
  const system::ServiceReader& services;
  const system::ProcessRunner& processes;
  const system::Clock& clock;
  const system::RtcReader& rtcs;
  const system::DatagramClient& datagrams;
  const system::Network& network;
  const system::TimeDaemonReader& daemons;

  /// The same host, as other programs see it.
  Ports with(const system::FileReader& other_files, const system::ProcessRunner& programs) const {
    return {other_files, services, programs, clock, rtcs, datagrams, network, daemons};
  }
  /// Those that the host's time is observed through.
  observe::Ports of_time() const { return {files, clock, rtcs, datagrams, daemons}; }
};

/// What a probe is asked about.
struct Subject {
  const profile::Profile& profile;
  const profile::Host& host;
  const facts::Facts& facts;
  /// Managed files that differ from what they should be, as the plan found them (paths); also
  /// what stood in their place before timectl came.
  std::vector<std::string> drifted_files;
  std::vector<std::string> unread_files = {};  ///< managed ones that this user may not read
};

/// Whether a question makes sense for a mounted card or image, where nothing runs.
enum class Needs { running_host, files_only };

/// One question, which stands in the row of its name. `applies` says whether the host has the
/// feature it is about. `ask` need not fill in the name.
struct Probe {
  FindingName name;
  Needs needs = Needs::running_host;
  bool (*applies)(const profile::Host& host);
  Finding (*ask)(const Subject& subject, const Ports& ports);
};

/// Those that are no feature's: of the time itself, of chronyd, of the network, of what is
/// installed.
extern const Probe time_probes[2];
extern const Probe chrony_probes[2];
extern const Probe network_probes[1];
extern const Probe host_probes[2];

/// Which of them to ask. A name is a probe's ("ntp.reply") or what stands before its dot ("ntp").
struct Asking {
  std::vector<std::string> only = {};  ///< empty: all that apply to the host
  std::vector<std::string> skip = {};
  /// For each of them. What the ports wait for is bounded, all of it by less than this.
  std::chrono::milliseconds deadline{30'000};
};

/// True when run_probes would ask the probe called `name`, should it apply.
bool is_asked(const Asking& asking, FindingName name);

/// Asks all of `probes` that are wanted, side by side; findings are in their order. A probe that
/// throws or is late becomes `unknown` with the reason, and the others do not wait for it. One that
/// was named in `only` and does not apply is `skipped`; a name that is no probe's throws
/// Error{usage}. What needs a running host is `skipped` for an offline root.
std::vector<Finding> run_probes(const Subject& subject, const Ports& ports,
                                std::span<const Probe> probes, const Asking& asking = {});

/// True when a late probe was left behind: it may still use its ports, so these must live as long
/// as the process.
bool has_left_behind();

}  // namespace timectl::probe
