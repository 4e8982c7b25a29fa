// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

/// A line of chronyc(1) clients: what chronyd remembers of an address since it started. It forgets
/// the oldest when its memory (clientloglimit) is full.
struct ChronyClient {
  std::string address;
  std::uint64_t requests = 0;         ///< NTP packets
  std::uint64_t dropped = 0;          ///< of those, by the rate limit
  std::optional<Seconds> interval;    ///< mean, between requests; nullopt: not known yet
  std::optional<Seconds> since_last;  ///< since the last request; nullopt: never
};

/// Does it get its time from here? Who only sent commands does not, and a host's questions to
/// itself are none of a client.
bool is_served(const ChronyClient& client);

/// Reads chronyc -c -n clients (10 fields in chrony 4.3; later ones may only append). Throws
/// Error{external} with the line when it has another shape.
std::vector<ChronyClient> parse_chrony_clients(const std::string& csv);

/// chronyc(1) serverstats, of which chronyd counts all since it started.
struct ChronyServerStats {
  std::uint64_t requests = 0;  ///< NTP packets
  std::uint64_t dropped = 0;   ///< of those, by the rate limit
};

/// Reads chronyc -c serverstats (11 fields in chrony 4.3, of which the first two are read; later
/// ones may only append); the same rule.
ChronyServerStats parse_chrony_server_stats(const std::string& csv);

}  // namespace timectl::system
