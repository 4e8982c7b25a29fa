// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/serve/probes_rate_limit.hpp"

#include "base/error.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

using namespace probe;

namespace {

constexpr std::chrono::milliseconds search_deadline{5000};

/// nullopt when chronyd does not answer the question, or in words of a version to come.
template <typename Parse>
auto report(const char* name, Parse parse, const Ports& ports)
    -> std::optional<decltype(parse(std::string{}))> {
  const auto result = ports.processes.run({.program = platform::chrony::client,
                                           .arguments = {"-c", "-n", name},
                                           .input = {},
                                           .deadline = search_deadline,
                                           .environment = {}});
  if (!result.succeeded()) return std::nullopt;
  try {
    return parse(result.output);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<system::ChronyClient> who_lost_most(const Ports& ports) {
  const auto clients = report("clients", system::parse_chrony_clients, ports);
  if (!clients || clients->empty()) return std::nullopt;
  const auto by_loss = [](const auto& a, const auto& b) { return a.dropped < b.dropped; };
  auto most = *std::max_element(clients->begin(), clients->end(), by_loss);
  return most.dropped == 0 ? std::nullopt : std::optional{std::move(most)};
}

}  // namespace

bool RateLimited::is_harmful() const { return all.dropped > all.requests / 100; }

std::optional<RateLimited> read_rate_limit(const Ports& ports) {
  const auto stats = report("serverstats", system::parse_chrony_server_stats, ports);
  if (!stats) return std::nullopt;
  if (stats->dropped == 0) return RateLimited{*stats, std::nullopt};
  return RateLimited{*stats, who_lost_most(ports)};
}

void add_rate_limit(const RateLimited& limited, Evidence& evidence) {
  evidence.emplace_back("requests", static_cast<std::int64_t>(limited.all.requests));
  evidence.emplace_back("requests_dropped", static_cast<std::int64_t>(limited.all.dropped));
  if (!limited.most) return;
  evidence.emplace_back("most_dropped_of", limited.most->address);
}

Finding muted_by_rate_limit(const RateLimited& limited, Evidence evidence) {
  Problem problem{fmt::format("{} of {} requests got no answer: the rate limit dropped them",
                              limited.all.dropped, limited.all.requests),
                  "a client asks more often than 'ratelimit' allows one address; timesyncd takes "
                  "one lost reply for a dead server",
                  "chronyc -n clients shows who; let that host ask less often, and restart chrony "
                  "to count anew"};
  if (const auto& most = limited.most) {
    problem.cause = fmt::format("{} lost {} of its {} requests; {}", most->address, most->dropped,
                                most->requests, problem.cause);
  }
  return warning(std::move(problem), std::move(evidence));
}

}  // namespace timectl::features
