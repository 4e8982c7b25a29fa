// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/serve/probes_agreement.hpp"

#include <fmt/format.h>

#include <cmath>

/// Whether the servers of a site serve one time.
namespace timectl::features {

namespace {

constexpr Seconds least_explained{5e-3};

bool has_time(const observe::NtpMeasurement& server) {
  return server.is_usable() && server.is_synchronized();
}

Seconds uncertain(const observe::NtpSample& sample) {
  const auto& reply = sample.reply;
  return reply.root_dispersion + reply.root_delay / 2 + sample.round_trip / 2 + sample.dispersion;
}

Disagreement compare(const observe::NtpMeasurement& a, const observe::NtpMeasurement& b) {
  return {a.server, b.server, Seconds{std::abs((a.best->offset - b.best->offset).count())},
          least_explained + uncertain(*a.best) + uncertain(*b.best)};
}

}  // namespace

std::optional<Disagreement> find_disagreement(const std::vector<observe::NtpMeasurement>& servers) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    for (std::size_t j = i + 1; j < servers.size(); ++j) {
      if (!has_time(servers[i]) || !has_time(servers[j])) continue;
      const auto found = compare(servers[i], servers[j]);
      if (found.apart > found.explained) return found;
    }
  }
  return std::nullopt;
}

probe::Problem problem_of(const Disagreement& disagreement) {
  const auto first = disagreement.first.address.text();
  const auto second = disagreement.second.address.text();
  return {fmt::format("{} and {} serve times that are {} apart", first, second,
                      format_span(disagreement.apart)),
          fmt::format("by what they say of themselves it may be {}: one of them is wrong, or none "
                      "follows the other",
                      format_span(disagreement.explained)),
          "on both: timectl verify --only chrony.sync,sources.reach"};
}

}  // namespace timectl::features
