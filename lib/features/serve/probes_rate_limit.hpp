// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "system/chrony_clients.hpp"

#include <optional>

namespace timectl::features {

/// What the rate limit of the chronyd of this host kept from its clients since it started.
struct RateLimited {
  system::ChronyServerStats all;
  std::optional<system::ChronyClient> most;  ///< who lost most, if it is remembered

  /// More than one request of a hundred: a client that asks too much, not one that restarted.
  bool is_harmful() const;
};

/// Asks chronyd (chronyc serverstats, clients). nullopt: it does not say, as to all but root.
std::optional<RateLimited> read_rate_limit(const probe::Ports& ports);

/// The numbers, for the evidence of a finding.
void add_rate_limit(const RateLimited& limited, probe::Evidence& evidence);
/// The warning that clients lose replies to the limit.
probe::Finding muted_by_rate_limit(const RateLimited& limited, probe::Evidence evidence);

}  // namespace timectl::features
