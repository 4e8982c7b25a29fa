// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/follow/probes_unheard.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "profile/limits.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace timectl::features {

using namespace probe;

namespace {

using observe::NtpMeasurement;
using system::ExchangeStatus;

/// The site's own server is mended, any other one exchanged.
std::string other_than(const std::string& server, const Subject& subject) {
  if (is_site_server(subject, server)) return fmt::format("on {}: timectl verify", server);
  return fmt::format("name another server in {} of the profile, then timectl provision",
                     subject.host.client ? "fallback of client" : "sources");
}

Unheard without_route(const std::string& server, const Subject& subject, const Ports& ports) {
  if (ports.network.default_route_interface()) {
    return {Hindrance::no_route, fmt::format("there is no route to {}", server),
            fmt::format("ip route get {}", server)};
  }
  const auto& uplink = profile::uplink_of(subject.profile, subject.host);
  const auto gateway = profile::network_of(subject.profile, uplink).gateway;
  return {Hindrance::no_route,
          fmt::format("there is no route to {}: this host has no default route", server),
          gateway ? fmt::format("ip route replace default via {}, until the next reboot; 'timectl "
                                "verify --only network.address' says who is to set it",
                                gateway->text())
                  : std::string{"ip route replace default via ROUTER, and see to who configures "
                                "this network: timectl facts"}};
}

/// nullopt: there is no ping here.
std::optional<bool> answers_ping(const std::string& address, const Ports& ports) {
  if (!ports.processes.find("ping")) return std::nullopt;
  const auto result = ports.processes.run({.program = "ping",
                                           .arguments = {"-n", "-c", "1", "-W", "1", address},
                                           .input = {},
                                           .deadline = std::chrono::milliseconds{3000},
                                           .environment = {}});
  return result.succeeded();
}

Unheard silent(const std::string& server, const Subject& subject, const Ports& ports) {
  if (answers_ping(server, ports).value_or(false)) {
    return {Hindrance::blocked,
            fmt::format("{} answers to ping, and not to NTP: a firewall on the way, or its own, "
                        "blocks UDP port 123, or it serves others alone",
                        server),
            fmt::format("let UDP port 123 pass there, or {}", other_than(server, subject))};
  }
  return {Hindrance::silent,
          fmt::format("{} gives no answer: it is down, the internet is, or UDP port 123 is "
                      "blocked on the way",
                      server),
          fmt::format("timectl probe ntp {}", server)};
}

Unheard useless(const std::string& server, const NtpMeasurement& measured, const Subject& subject) {
  return {Hindrance::no_time,
          fmt::format("{} answers, and its time cannot be used: {}", server, measured.problem),
          other_than(server, subject)};
}

/// RFC 5905, figure 13.
Unheard kissed(const std::string& server, const std::string& code, const Subject& subject) {
  if (code == "RATE") {
    return {Hindrance::limited,
            fmt::format("{} is asked more often than it allows (RATE), by this host or by those "
                        "that share its address",
                        server),
            other_than(server, subject)};
  }
  return {Hindrance::denied, fmt::format("{} refuses this host ({})", server, code),
          fmt::format("allow this host there, or {}", other_than(server, subject))};
}

/// resolv.conf(5).
std::vector<std::string> name_servers(const Ports& ports) {
  std::vector<std::string> found;
  const auto text = facts::readable(ports.files, system::RootedPath{"/etc/resolv.conf"});
  for (const auto& line : lines_of(text.value_or(""))) {
    const auto words = words_of(line);
    if (words.size() > 1 && words[0] == "nameserver") found.push_back(words[1]);
  }
  return found;
}

}  // namespace

bool is_site_server(const Subject& subject, const std::string& address) {
  const auto servers = profile::server_addresses(subject.profile);
  return std::find(servers.begin(), servers.end(), address) != servers.end();
}

std::vector<NtpMeasurement> ask_once(const std::vector<IpAddress>& addresses, const Ports& ports) {
  std::vector<system::Endpoint> servers;
  for (const auto& address : addresses) servers.push_back({address, observe::ntp_port});
  return observe::measure_ntp(servers, {1}, std::chrono::milliseconds{1000}, ports.datagrams);
}

Unheard why_unheard(const NtpMeasurement& measured, const Subject& subject, const Ports& ports) {
  const auto server = measured.server.address.text();
  switch (measured.status) {
    case ExchangeStatus::unreachable:
      return without_route(server, subject, ports);
    case ExchangeStatus::refused:
      return {Hindrance::no_service,
              fmt::format("{} has no time service: nothing listens at its UDP port 123", server),
              other_than(server, subject)};
    case ExchangeStatus::timed_out:
      return silent(server, subject, ports);
    case ExchangeStatus::failed:
      return {Hindrance::not_sent,
              fmt::format("no request to {} leaves this host: a firewall of its own, as a rule",
                          server),
              "nft list ruleset"};
    case ExchangeStatus::answered:
      break;
  }
  if (!measured.kiss_code.empty()) return kissed(server, measured.kiss_code, subject);
  if (!measured.is_usable()) return useless(server, measured, subject);
  return {Hindrance::none, fmt::format("{} answers timectl", server), ""};
}

LookUp look_up(const std::string& name, const Ports& ports) {
  LookUp found;
  if (!ports.processes.find("getent")) return found;
  const auto result = ports.processes.run({.program = "getent",
                                           .arguments = {"ahosts", name},
                                           .input = {},
                                           .deadline = std::chrono::milliseconds{8000},
                                           .environment = {}});
  found.timed_out = result.timed_out;
  for (const auto& line : lines_of(result.output)) {
    const auto words = words_of(line);
    const auto address = words.empty() ? std::nullopt : IpAddress::parse(words.front());
    if (address) found.addresses.push_back(*address);
  }
  return found;
}

Unheard why_without_address(const std::string& name, const LookUp& found, const Ports& ports) {
  if (!found.addresses.empty()) {
    return {Hindrance::none, fmt::format("{} has an address by now", name), ""};
  }
  const auto servers = name_servers(ports);
  if (servers.empty()) {
    return {
        Hindrance::no_address,
        fmt::format("{} has no address: /etc/resolv.conf names no name server", name),
        "see to /etc/resolv.conf, or name servers by their addresses in sources of the profile"};
  }
  const auto all = join(servers, ", ");
  return {Hindrance::no_address,
          found.timed_out
              ? fmt::format("{} has no address: no name server answers ({})", name, all)
              : fmt::format("{} has no address: the name servers ({}) do not know it, or do not "
                            "answer",
                            name, all),
          fmt::format("getent ahosts {}; where no name server answers, name servers by their "
                      "addresses in sources of the profile",
                      name)};
}

}  // namespace timectl::features
