// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "features/serve/probes.hpp"
#include "features/serve/probes_firewall.hpp"
#include "features/serve/probes_rate_limit.hpp"
#include "platform/platform.hpp"
#include "probe/asks.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

/// ntp.access.
namespace timectl::features {

using namespace probe;

namespace {

constexpr std::chrono::milliseconds command_deadline{5000};
/// The first of each family stands for the internet: TEST-NET-1 and the documentation prefix (RFC
/// 5737, RFC 3849), which no LAN has. Then an address of each private range (RFC 1918, RFC 6598,
/// RFC 3927, RFC 4193), which an `allow` that a site once had may leave open.
constexpr std::array outside{"192.0.2.1",       "10.255.255.254",  "172.31.255.254",
                             "192.168.255.254", "100.127.255.254", "169.254.255.254",
                             "2001:db8::1",     "fdff:ffff::1"};
constexpr std::array internet{outside[0], outside[6]};

enum class Access { allowed, denied, not_known };

/// chronyd's own word on an address (chronyc accheck); it answers root alone.
Access check_access(const std::string& address, const Ports& ports) {
  const auto result = ports.processes.run({.program = platform::chrony::client,
                                           .arguments = {"-n", "accheck", address},
                                           .input = {},
                                           .deadline = command_deadline,
                                           .environment = {}});
  if (result.output.find("208 Access allowed") != std::string::npos) return Access::allowed;
  if (result.output.find("209 Access denied") != std::string::npos) return Access::denied;
  return Access::not_known;
}

std::string to_string(Access access) {
  switch (access) {
    case Access::allowed:
      return "allowed";
    case Access::denied:
      return "denied";
    case Access::not_known:
      break;
  }
  return "not known";
}

/// Addresses of the site that are to be served: its other hosts, and each allowed network by the
/// address it is written with.
std::vector<std::string> to_be_served(const Subject& subject) {
  std::vector<std::string> addresses;
  for (const auto& host : subject.profile.hosts) {
    if (host.name == subject.host.name) continue;
    for (const auto& each : host.addresses) {
      const auto& allowed = subject.host.serve->allow;
      const auto holds = [&](const Subnet& subnet) { return subnet.contains(each.address); };
      if (std::any_of(allowed.begin(), allowed.end(), holds))
        addresses.push_back(each.address.text());
    }
  }
  for (const auto& subnet : subject.host.serve->allow) addresses.push_back(subnet.address.text());
  return addresses;
}

/// Each costs a start of chronyc.
constexpr std::size_t most_named = 20;

/// Those outside of the allow list, of either family (an `allow` without a network is for both),
/// and those that chronyd's files name besides; none when the list has all addresses of
/// one.
std::vector<std::string> outsiders(const Subject& subject) {
  const auto& allowed = subject.host.serve->allow;
  std::vector<std::string> found;
  const bool is_open = std::any_of(allowed.begin(), allowed.end(),
                                   [](const Subnet& each) { return each.prefix_length == 0; });
  if (is_open) return found;
  for (const auto* text : outside) {
    const auto address = IpAddress::parse(text).value();
    const auto holds = [&](const Subnet& subnet) { return subnet.contains(address); };
    if (std::none_of(allowed.begin(), allowed.end(), holds)) found.emplace_back(text);
  }
  if (!subject.facts.chrony) return found;
  for (const auto& address : facts::named_besides(subject.facts.chrony->now, allowed, most_named)) {
    found.push_back(address.text());
  }
  return found;
}

Firewall read_firewall(IpAddress::Family family, const Ports& ports) {
  if (!ports.processes.find("nft")) return Firewall::not_known;
  const auto result = ports.processes.run({.program = "nft",
                                           .arguments = {"list", "ruleset"},
                                           .input = {},
                                           .deadline = command_deadline,
                                           .environment = {}});
  return result.succeeded() ? judge_rules(result.output, family) : Firewall::not_known;
}

Finding behind_firewall(Firewall firewall, Evidence evidence) {
  Problem problem{"", "", "nft list ruleset shows the rule; let in: udp dport 123"};
  if (firewall == Firewall::closed) {
    problem.summary = "a firewall of this host keeps NTP clients out";
    problem.cause = "a rule drops UDP 123 coming in";
    return failed(std::move(problem), std::move(evidence));
  }
  problem.summary = "a firewall of this host may keep NTP clients out";
  problem.cause = "it drops what no rule lets in, and no rule names UDP 123";
  return warning(std::move(problem), std::move(evidence));
}

Finding not_to_be_known(Evidence evidence) {
  return {{},
          Verdict::unknown,
          "chronyd does not say which clients it serves",
          std::move(evidence),
          "chronyc accheck works over chronyd's own socket only, which accepts only root",
          fmt::format("run timectl verify as root; systemctl status {}", platform::chronyd.unit)};
}

Finding not_served(const std::string& address, Evidence evidence) {
  return failed({fmt::format("{} gets no answer: chronyd does not allow it", address),
                 "the allow list in force is not the profile's",
                 fmt::format("grep -rn '^ *\\(allow\\|deny\\)' {}; timectl plan",
                             platform::chrony::directory)},
                std::move(evidence));
}

Finding serves_anybody(const std::string& stranger, Evidence evidence) {
  const bool is_internet = std::find(internet.begin(), internet.end(), stranger) != internet.end();
  return warning(
      {is_internet ? std::string{"every host is served, not only the site"}
                   : fmt::format("hosts outside of the site are served, such as {}", stranger),
       fmt::format("chronyd allows {}, which is outside of the profile's allow list", stranger),
       fmt::format("grep -rni '^ *allow' {}: take out what is not the site's, then systemctl "
                   "restart {}",
                   platform::chrony::directory, platform::chronyd.unit)},
      std::move(evidence));
}

/// What stands between the clients and a chronyd that would serve them; nullopt: nothing.
std::optional<Finding> in_the_way(const Subject& subject, const Ports& ports, Evidence& evidence) {
  const auto firewall = read_firewall(profile::main_address(subject.host).family(), ports);
  evidence.emplace_back("firewall", to_string(firewall));
  if (firewall == Firewall::closed || firewall == Firewall::drops_the_rest) {
    return behind_firewall(firewall, std::move(evidence));
  }
  const auto limited = read_rate_limit(ports);
  if (!limited) return std::nullopt;
  add_rate_limit(*limited, evidence);
  if (!limited->is_harmful()) return std::nullopt;
  return muted_by_rate_limit(*limited, std::move(evidence));
}

}  // namespace

Finding ask_ntp_access(const Subject& subject, const Ports& ports) {
  if (!ports.processes.find(platform::chrony::client)) {
    return failed(
        {"chronyc is not installed", "the package chrony is missing", "timectl provision"});
  }
  Evidence evidence;
  for (const auto& address : to_be_served(subject)) {
    const auto access = check_access(address, ports);
    evidence.emplace_back(address, to_string(access));
    if (access == Access::not_known) return not_to_be_known(std::move(evidence));
    if (access == Access::denied) return not_served(address, std::move(evidence));
  }
  const auto strangers = outsiders(subject);
  for (const auto& stranger : strangers) {
    const auto access = check_access(stranger, ports);
    evidence.emplace_back(stranger, to_string(access));
    if (access == Access::not_known) return not_to_be_known(std::move(evidence));
    if (access == Access::allowed) return serves_anybody(stranger, std::move(evidence));
  }
  if (auto finding = in_the_way(subject, ports, evidence)) return std::move(*finding);
  return good(!strangers.empty()
                  ? "the site's addresses are served, and those asked for of other networks are not"
                  : "the site's addresses are served; the profile allows every host",
              std::move(evidence));
}

}  // namespace timectl::features
