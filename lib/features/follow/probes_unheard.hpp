// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "observe/ntp.hpp"
#include "probe/probe.hpp"

#include <string>
#include <vector>

/// Why a daemon does not hear a server, as far as requests of timectl's own tell.
namespace timectl::features {

/// In the order in which they are to be mended: without a route no name resolves.
enum class Hindrance {
  no_route,
  not_sent,    ///< this host's own firewall, as a rule
  no_address,  ///< its name does not resolve
  denied,      ///< a kiss-o'-death other than RATE
  limited,     ///< kiss-o'-death RATE
  no_service,  ///< ICMP: nothing listens at port 123
  no_time,     ///< it answers, and its time is not to be used
  blocked,     ///< it answers to ping, and not to NTP
  silent,      ///< nothing came back, and it is not known from where
  none,        ///< it answers timectl
};

struct Unheard {
  Hindrance hindrance = Hindrance::none;
  std::string cause;   ///< a half sentence: "192.0.2.1 refuses this host (DENY)"
  std::string remedy;  ///< a command where one helps; "" for `none`, which the daemon decides
};

bool is_site_server(const probe::Subject& subject, const std::string& address);

/// A request to each, and one more to those that are silent; at most two seconds in all.
std::vector<observe::NtpMeasurement> ask_once(const std::vector<IpAddress>& addresses,
                                              const probe::Ports& ports);

/// `measured` is one server that was asked just now. Sends a ping to one that was silent.
Unheard why_unheard(const observe::NtpMeasurement& measured, const probe::Subject& subject,
                    const probe::Ports& ports);

/// A name, resolved as any program would.
struct LookUp {
  std::vector<IpAddress> addresses;
  bool timed_out = false;  ///< no name server answered for eight seconds
};
LookUp look_up(const std::string& name, const probe::Ports& ports);

/// `name` is one that the daemon has no address for.
Unheard why_without_address(const std::string& name, const LookUp& found,
                            const probe::Ports& ports);

}  // namespace timectl::features
