// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/facts.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::facts {

namespace {

using system::ChronyDirective;
using Family = IpAddress::Family;
using Obstacles = std::vector<ChronyObstacle>;

std::string argument_of(const ChronyDirective& directive) {
  return directive.words.size() > 1 ? directive.words[1] : std::string{};
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
               const auto& bytes = bound->bytes();
               const bool is_any =
                   std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
               return !is_any && std::any_of(served.begin(), served.end(),
                                             [&](const auto& each) { return each != *bound; });
             });
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
  if (const auto* denied = denies_part_of(read, duty.allowed)) {
    found.push_back({place_of(*denied),
                     "chronyd refuses clients of a network that this host serves",
                     {*denied}});
  }
}

}  // namespace

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
