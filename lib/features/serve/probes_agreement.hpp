// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "observe/ntp.hpp"
#include "probe/asks.hpp"

#include <optional>
#include <vector>

namespace timectl::features {

/// Two servers of a site that serve times farther apart than what they say of themselves (root
/// distance, RFC 5905 appendix A.5.5.2) and the two exchanges explain. nullopt: those that have a
/// time agree. A server in island mode claims a distance of 0: the floor is what two of them have
/// after one followed the other for a while.
struct Disagreement {
  system::Endpoint first, second;
  Seconds apart{};      ///< between their clocks
  Seconds explained{};  ///< the largest difference that would be no news
};
std::optional<Disagreement> find_disagreement(const std::vector<observe::NtpMeasurement>& servers);

probe::Problem problem_of(const Disagreement& disagreement);

}  // namespace timectl::features
