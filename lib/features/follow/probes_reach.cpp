// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/follow/probes_reach.hpp"

#include "base/text.hpp"
#include "features/follow/probes_unheard.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

/// sources.reach.
namespace timectl::features {

using namespace probe;

namespace {

using system::ChronySource;

/// Of so many names that chronyd does not hear the reason is looked for.
constexpr std::size_t most_asked = 6;
constexpr auto ask_anew = "chronyc online; chronyc burst 2/4";

/// What one line of chronyd's sources stands for: a pool is several servers.
struct Named {
  std::string name;                  ///< as it is configured
  std::vector<IpAddress> addresses;  ///< none: it does not resolve
  bool is_heard = false;
  LookUp found = {};  ///< of one without an address
};

/// chronyc -c sources -a: with -n the addresses, and ID#… of what has none, with -N the words of
/// the configuration, in the same order (chronyc(1), since chrony 4.0).
std::optional<std::vector<ChronySource>> list_sources(const Ports& ports, const char* names) {
  const auto result = ports.processes.run({.program = platform::chrony::client,
                                           .arguments = {"-c", names, "sources", "-a"},
                                           .input = {},
                                           .environment = {}});
  if (!result.succeeded()) return std::nullopt;
  return system::parse_chrony_sources(result.output);
}

/// Without reference clocks, which are asked by no network. nullopt: chronyd gives no list.
std::optional<std::vector<Named>> names_of_chronyd(const Ports& ports) {
  if (!ports.processes.find(platform::chrony::client)) return std::nullopt;
  const auto seen = list_sources(ports, "-n");
  const auto named = seen ? list_sources(ports, "-N") : std::nullopt;
  if (!named || named->size() != seen->size()) return std::nullopt;
  std::vector<Named> found;
  for (std::size_t i = 0; i < seen->size(); ++i) {
    const auto& source = (*seen)[i];
    const auto& name = (*named)[i].name;
    if (source.mode == '#') continue;
    auto at = std::find_if(found.begin(), found.end(),
                           [&](const Named& each) { return each.name == name; });
    if (at == found.end()) at = found.insert(found.end(), {name, {}});
    at->is_heard = at->is_heard || source.reach != 0;
    if (const auto address = IpAddress::parse(source.name)) at->addresses.push_back(*address);
  }
  return found;
}

bool has_any(const std::vector<IpAddress>& addresses, const std::vector<IpAddress>& others) {
  return std::find_first_of(addresses.begin(), addresses.end(), others.begin(), others.end()) !=
         addresses.end();
}

/// chronyd takes no address twice: a name whose servers are sources by another name has none.
void resolve_nameless(std::vector<Named>& sources, const Ports& ports) {
  bool is_answered = true;  // where no name server answers, each name takes its time
  for (auto& each : sources) {
    if (!each.addresses.empty()) continue;
    each.found.timed_out = true;
    if (is_answered) each.found = look_up(each.name, ports);
    is_answered = !each.found.timed_out;
    const auto same = std::find_if(sources.begin(), sources.end(), [&](const Named& other) {
      return &other != &each && has_any(each.found.addresses, other.addresses);
    });
    if (same == sources.end()) continue;
    each.addresses = same->addresses;
    each.is_heard = same->is_heard;
  }
}

/// Of each of them, the first thing to mend first.
std::vector<Unheard> reasons_of(const std::vector<Named>& silent, const Subject& subject,
                                const Ports& ports) {
  std::vector<Unheard> reasons;
  std::vector<IpAddress> addresses;
  for (const auto& each : silent) {
    if (each.addresses.empty()) {
      reasons.push_back(why_without_address(each.name, each.found, ports));
    } else if (std::find(addresses.begin(), addresses.end(), each.addresses.front()) ==
               addresses.end()) {
      addresses.push_back(each.addresses.front());
    }
  }
  addresses.resize(std::min(addresses.size(), most_asked));
  for (const auto& measured : ask_once(addresses, ports)) {
    reasons.push_back(why_unheard(measured, subject, ports));
  }
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.hindrance < b.hindrance; });
  return reasons;
}

/// The site's router, where it serves time and is no source yet.
std::optional<IpAddress> serving_router(const std::vector<Named>& sources, const Ports& ports) {
  const auto router = ports.network.default_gateway();
  if (!router) return std::nullopt;
  for (const auto& each : sources) {
    const auto& own = each.addresses;
    if (std::find(own.begin(), own.end(), *router) != own.end()) return std::nullopt;
  }
  const auto asked = ask_once({*router}, ports);
  return asked.front().is_usable() ? router : std::nullopt;
}

std::string in_words(const std::vector<Unheard>& reasons) {
  std::vector<std::string> causes;
  for (const auto& each : reasons) {
    if (std::find(causes.begin(), causes.end(), each.cause) == causes.end()) {
      causes.push_back(each.cause);
    }
  }
  return join(causes, "; ");
}

std::string names_of(const std::vector<Named>& sources) {
  std::vector<std::string> names;
  for (const auto& each : sources) names.push_back(each.name);
  return join(names, ", ");
}

/// All that timectl's own request reached: chronyd has not asked since the way is there, was told
/// that it is offline, or its packets are stopped.
Problem unheard_by_chronyd_alone(Problem problem) {
  problem.cause += "; chronyd has not asked since, or was told that this host is offline";
  problem.remedy = ask_anew;
  return problem;
}

Problem problem_of(std::string summary, const std::vector<Unheard>& reasons,
                   const std::optional<IpAddress>& router) {
  Problem problem{std::move(summary), in_words(reasons), reasons.front().remedy};
  if (reasons.front().hindrance == Hindrance::none) {
    return unheard_by_chronyd_alone(std::move(problem));
  }
  if (!router) return problem;
  problem.cause += fmt::format("; the router {} serves time", router->text());
  problem.remedy = fmt::format(
      "chronyc add server {0} iburst, and for ever: \"{0}\" in servers of sources, timectl "
      "provision",
      router->text());
  return problem;
}

/// Addresses that a site gives out itself: a source there says nothing of the internet.
bool is_of_a_site(const IpAddress& address, const Subject& subject) {
  constexpr std::array own{"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
                           "100.64.0.0/10", "169.254.0.0/16", "fc00::/7",
                           "fe80::/10",     "127.0.0.0/8",    "::1/128"};
  const auto& networks = subject.profile.networks;
  return std::any_of(
             own.begin(), own.end(),
             [&](const char* each) { return Subnet::parse(each).value().contains(address); }) ||
         std::any_of(networks.begin(), networks.end(), [&](const profile::SiteNetwork& each) {
           return each.subnet.contains(address);
         });
}

/// A source from outside of the site is heard.
bool hears_internet(const std::vector<Named>& sources, const Subject& subject) {
  return std::any_of(sources.begin(), sources.end(), [&](const Named& each) {
    const auto& all = each.addresses;
    return each.is_heard && !std::all_of(all.begin(), all.end(), [&](const IpAddress& address) {
             return is_of_a_site(address, subject);
           });
  });
}

/// A site without internet is what a server is made for: there a source outside is silent, has no
/// route, and its name no address. A name is a mistake while the internet is known to be there.
bool is_mistake(const Unheard& reason, bool hears_internet) {
  switch (reason.hindrance) {
    case Hindrance::silent:
    case Hindrance::no_route:
      return false;
    case Hindrance::no_address:
      return hears_internet;
    default:
      return true;
  }
}

bool has_mistake(const std::vector<Unheard>& reasons, bool hears_internet) {
  return std::any_of(reasons.begin(), reasons.end(),
                     [=](const Unheard& reason) { return is_mistake(reason, hears_internet); });
}

Finding as_without_internet(const std::string& heard, const std::vector<Named>& silent,
                            const std::vector<Unheard>& reasons, Evidence evidence) {
  const bool is_silence = std::all_of(reasons.begin(), reasons.end(), [](const Unheard& reason) {
    return reason.hindrance == Hindrance::silent;
  });
  evidence.emplace_back("reason", in_words(reasons));
  return good(
      fmt::format("{}; {}: {}", heard, is_silence ? "silent" : "not heard, as without internet",
                  names_of(silent)),
      std::move(evidence));
}

Finding judge_some(const Subject& subject, const std::vector<Named>& sources,
                   const std::vector<Named>& silent, const std::string& heard,
                   const std::vector<Unheard>& reasons, Evidence evidence) {
  if (!has_mistake(reasons, hears_internet(sources, subject))) {
    return as_without_internet(heard, silent, reasons, std::move(evidence));
  }
  return warning(
      problem_of(fmt::format("{}; not heard: {}", heard, names_of(silent)), reasons, std::nullopt),
      std::move(evidence));
}

/// Island mode is enabled only where the host's own clock is validated. Whether that is still so
/// chrony.sync asks.
bool is_island(const Subject& subject, const Ports& ports) {
  const auto tracking = subject.host.serve ? ports.daemons.chrony_tracking() : std::nullopt;
  return tracking && tracking->reference_id.starts_with("7F7F01");
}

/// A network comes up in the first minutes of a boot, and chronyd asks a silent source again. What
/// a source says of this host, waiting does not change.
bool may_heal(Hindrance hindrance, const Ports& ports) {
  constexpr std::chrono::minutes first_minutes{2};
  switch (hindrance) {
    case Hindrance::no_route:
    case Hindrance::no_address:
      return ports.clock.since_boot() < first_minutes;
    case Hindrance::silent:
    case Hindrance::none:
      return true;
    default:
      return false;
  }
}

Finding judge_none(const Subject& subject, const std::vector<Named>& sources,
                   const std::vector<Unheard>& reasons, const Ports& ports, Evidence evidence) {
  const auto router = serving_router(sources, ports);
  if (router) evidence.emplace_back("router", router->text());
  if (!router && is_island(subject, ports) && !has_mistake(reasons, false)) {
    return as_without_internet("chronyd serves the site's own time (island)", sources, reasons,
                               std::move(evidence));
  }
  auto problem =
      problem_of(fmt::format("chronyd hears no source: {}", names_of(sources)), reasons, router);
  auto wait = first_samples_of(subject.host, ports);
  if (wait && may_heal(reasons.front().hindrance, ports)) {
    problem.remedy.clear();  // to wait
    return pending(std::move(problem), std::move(*wait), std::move(evidence));
  }
  if (subject.host.serve) return warning(std::move(problem), std::move(evidence));
  return failed(std::move(problem), std::move(evidence));
}

Finding has_no_source(const Ports& ports) {
  constexpr auto summary = "chronyd has none of the profile's sources";
  constexpr auto file = platform::chrony::own_sources;
  if (!ports.files.status(system::RootedPath{file})) {
    return failed({summary, fmt::format("{} is missing", file), "timectl provision"});
  }
  return failed({summary, fmt::format("it has not read {} since that was changed", file),
                 "chronyc reload sources"});
}

}  // namespace

Finding ask_sources_reach(const Subject& subject, const Ports& ports) {
  auto sources = names_of_chronyd(ports);
  if (!sources) return judge_silence(silent_chronyd(ports), ports);
  if (sources->empty()) return has_no_source(ports);
  resolve_nameless(*sources, ports);
  std::vector<Named> silent;
  std::copy_if(sources->begin(), sources->end(), std::back_inserter(silent),
               [](const Named& each) { return !each.is_heard; });
  const auto heard = sources->size() - silent.size();
  Evidence evidence{{"sources", static_cast<std::int64_t>(sources->size())},
                    {"heard", static_cast<std::int64_t>(heard)}};
  const auto summary = fmt::format("chronyd hears {} of {} sources", heard, sources->size());
  if (silent.empty()) return good(summary, std::move(evidence));
  evidence.emplace_back("silent", names_of(silent));
  const auto reasons = reasons_of(silent, subject, ports);
  return heard == 0 ? judge_none(subject, *sources, reasons, ports, std::move(evidence))
                    : judge_some(subject, *sources, silent, summary, reasons, std::move(evidence));
}

bool follows_by_chronyd(const profile::Host& host) {
  const auto& sources = host.sources;
  const bool has_sources = sources && !(sources->servers.empty() && sources->pools.empty());
  return profile::runs_chrony(host) && (has_sources || host.client);
}

}  // namespace timectl::features
