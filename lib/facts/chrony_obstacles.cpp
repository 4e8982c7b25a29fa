// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/facts.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace timectl::facts {

namespace {

using system::ChronyDirective;
using Family = IpAddress::Family;
using Obstacles = std::vector<ChronyObstacle>;

std::string argument_of(const ChronyDirective& directive) {
  return directive.words.size() > 1 ? directive.words[1] : std::string{};
}

/// As timectl's drop-in has it (templates/etc/chrony/conf.d).
struct RateLimit {
  long long interval;  ///< base-2 logarithm of seconds
  long long burst;
  long long leak;
};
constexpr RateLimit own_rate_limit{-4, 255, 1};

/// 0.0.0.0, ::
bool is_any(const IpAddress& address) {
  const auto& bytes = address.bytes();
  return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

/// Of a directive given more than once the last one counts; without it the one before would. So all
/// that are `wrong` are in the way as soon as the last one is.
template <typename Wrong>
void add_last(Obstacles& found, const std::vector<const ChronyDirective*>& given,
              const std::string& reason, Wrong&& wrong) {
  if (given.empty() || !wrong(*given.back())) return;
  ChronyObstacle obstacle{place_of(*given.back()), reason, {}};
  for (const auto* each : given) {
    if (wrong(*each)) obstacle.lines.push_back(*each);
  }
  found.push_back(std::move(obstacle));
}

std::vector<const ChronyDirective*> of_family(const std::vector<const ChronyDirective*>& given,
                                              Family family) {
  std::vector<const ChronyDirective*> found;
  for (const auto* each : given) {
    const auto address = IpAddress::parse(argument_of(*each));
    if (address && address->family() == family) found.push_back(each);
  }
  return found;
}

void add_bound_addresses(const system::ChronyFiles& read, const ChronyDuty& duty,
                         Obstacles& found) {
  for (const auto family : {Family::v4, Family::v6}) {
    std::vector<IpAddress> served;
    std::vector<std::string> names;
    for (const auto& address : duty.addresses) {
      if (address.family() != family) continue;
      served.push_back(address);
      names.push_back(address.text());
    }
    if (served.empty()) continue;
    add_last(found, of_family(read.named("bindaddress"), family),
             fmt::format("chronyd serves at that address alone, and this host serves at {}",
                         join(names, " and ")),
             [&](const ChronyDirective& directive) {
               const auto bound = IpAddress::parse(argument_of(directive));
               return !is_any(*bound) &&
                      std::any_of(served.begin(), served.end(),
                                  [&](const auto& each) { return each != *bound; });
             });
  }
}

/// One obstacle, however many lines it has; those that timectl may not take out are another one.
void add_denials(const system::ChronyFiles& read, const ChronyDuty& duty, Obstacles& found) {
  std::map<bool, std::vector<ChronyDirective>> by_editable;
  for (const auto* each : denials_in(read, duty.allowed).directives) {
    by_editable[each->may_be_edited].push_back(*each);
  }
  for (auto& [may_be_edited, lines] : by_editable) {
    auto place = place_of(lines.front());
    if (lines.size() > 1) place += fmt::format(" and {} more", lines.size() - 1);
    found.push_back({std::move(place), "chronyd refuses clients of a network that this host serves",
                     std::move(lines)});
  }
}

void add_serving(const system::ChronyFiles& read, const ChronyDuty& duty, Obstacles& found) {
  add_last(found, read.named("port"), "chronyd does not serve at port 123",
           [](const ChronyDirective& directive) {
             return to_integer(argument_of(directive)).value_or(123) != 123;
           });
  add_bound_addresses(read, duty, found);
  add_last(found, read.named("binddevice"), "chronyd serves at that interface alone",
           [&](const ChronyDirective& directive) {
             const auto name = argument_of(directive);
             const auto& own = duty.interfaces;
             return name == "lo" || std::any_of(own.begin(), own.end(),
                                                [&](const auto& each) { return each != name; });
           });
  // clientlog.c: "Rate limiting cannot be enabled with noclientlog", and chronyd ends.
  add_last(found, read.named("noclientlog"), "chronyd does not start with it and a rate limit",
           [](const ChronyDirective&) { return true; });
  add_denials(read, duty, found);
}

/// Those that chronyd reads after timectl's drop-in: of a directive that has one value the last one
/// counts.
std::vector<const ChronyDirective*> behind_own(const system::ChronyFiles& read,
                                               std::string_view name) {
  std::vector<const ChronyDirective*> found;
  if (read.own_at.empty()) return found;
  for (std::size_t i = read.own_at.back(); i < read.directives.size(); ++i) {
    const auto& each = read.directives[i];
    if (!each.is_own && each.words.front() == name) found.push_back(&each);
  }
  return found;
}

/// chrony.conf(5), ratelimit: each line sets only what it names, over the lines before it.
void apply(const ChronyDirective& directive, RateLimit& limit) {
  const auto& words = directive.words;
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    const auto value = to_integer(words[i + 1]);
    if (!value) continue;
    if (words[i] == "interval") limit.interval = *value;
    if (words[i] == "burst") limit.burst = *value;
    if (words[i] == "leak") limit.leak = *value;
  }
}

bool limits_more(const RateLimit& limit) {
  return limit.interval > own_rate_limit.interval || limit.burst < own_rate_limit.burst ||
         limit.leak > own_rate_limit.leak;
}

void add_rate_limit(const system::ChronyFiles& read, Obstacles& found) {
  auto all = own_rate_limit;
  std::vector<ChronyDirective> wrong;
  for (const auto* each : behind_own(read, "ratelimit")) {
    auto alone = own_rate_limit;
    apply(*each, alone);
    apply(*each, all);
    if (limits_more(alone)) wrong.push_back(*each);
  }
  if (!limits_more(all)) return;
  const auto place = place_of(wrong.back());
  found.push_back({place,
                   "it is read after timectl's, and limits clients more: timesyncd takes one lost "
                   "reply for a dead server",
                   std::move(wrong)});
}

void add_overruling(const system::ChronyFiles& read, const ChronyDuty& duty, Obstacles& found) {
  if (!duty.allowed.empty()) add_rate_limit(read, found);
  if (!duty.max_distance) return;
  add_last(found, behind_own(read, "maxdistance"),
           fmt::format("it is read after timectl's, and root_distance_max_s of the profile is {}",
                       duty.max_distance->count()),
           [&](const ChronyDirective& directive) {
             return to_number(argument_of(directive)) != duty.max_distance->count();
           });
}

/// From where chronyd asks its sources.
void add_asking(const system::ChronyFiles& read, const ChronyDuty& duty, Obstacles& found) {
  if (duty.own_addresses.empty()) return;
  const auto has = [&](const IpAddress& address) {
    const auto is = [&](const IpAddress& each) { return each == address; };
    return std::any_of(duty.own_addresses.begin(), duty.own_addresses.end(), is) ||
           std::any_of(duty.addresses.begin(), duty.addresses.end(), is);
  };
  for (const auto family : {Family::v4, Family::v6}) {
    add_last(found, of_family(read.named("bindacqaddress"), family),
             "chronyd asks its sources from that address, which this host does not have",
             [&](const ChronyDirective& directive) {
               const auto bound = *IpAddress::parse(argument_of(directive));
               return !is_any(bound) && !has(bound);
             });
  }
}

}  // namespace

void ChronyDuty::add_own(const std::vector<system::Interface>& all) {
  for (const auto& interface : all) {
    for (const auto& each : interface.addresses) own_addresses.push_back(each.address);
  }
}

void ChronyDuty::add(const IpAddress& address, const std::optional<std::string>& interface,
                     const Facts& facts) {
  addresses.push_back(address);
  if (interface) return interfaces.push_back(*interface);
  for (const auto& each : facts.interfaces) {
    const auto& own = each.addresses;
    const bool has = std::any_of(own.begin(), own.end(),
                                 [&](const Subnet& subnet) { return subnet.address == address; });
    if (has) interfaces.push_back(each.name);
  }
}

std::string place_of(const ChronyDirective& directive) {
  return fmt::format("{} line {} ('{}')", directive.file, directive.line,
                     directive.is_closed ? directive.words.front() : directive.text);
}

Obstacles obstacles_in(const system::ChronyFiles& read, const ChronyDuty& duty) {
  Obstacles found;
  if (!duty.allowed.empty()) add_serving(read, duty, found);
  add_overruling(read, duty, found);
  add_asking(read, duty, found);
  std::vector<const ChronyDirective*> sockets;
  for (const auto* each : read.named("bindcmdaddress")) {
    if (argument_of(*each).starts_with('/')) sockets.push_back(each);
  }
  const std::string socket = platform::chrony::command_socket;
  add_last(found, sockets, fmt::format("timectl talks to chronyd through {}", socket),
           [&](const ChronyDirective& directive) {
             const auto path = argument_of(directive);
             return path != socket && path != "/var" + socket;
           });
  return found;
}

}  // namespace timectl::facts
