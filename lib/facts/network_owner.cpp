// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace timectl::facts {

using system::RootedPath;

namespace {

using Packages = std::map<std::string, Version>;
using Evidence = std::vector<std::string>;

/// What systemd says of a unit. Where it cannot be asked that is a doubt, and no answer.
class Units {
 public:
  explicit Units(const system::ServiceReader& services) : services_(services) {}

  std::optional<system::UnitState> state(const std::string& unit) {
    try {
      return services_.state(unit);
    } catch (const Error& error) {
      doubts_.push_back(fmt::format("whether {} is in use is not known: {}", unit, error.what()));
      return std::nullopt;
    }
  }

  /// "NetworkManager.service is enabled and active"; "" when it is neither.
  std::string in_use(const std::string& unit) {
    const auto state = this->state(unit);
    if (!state || !state->exists() || state->is_masked()) return "";
    if (state->is_enabled() && state->is_active()) return unit + " is enabled and active";
    if (state->is_enabled()) return unit + " is enabled";
    if (state->is_active()) return unit + " is active";
    return "";
  }

  const Evidence& doubts() const { return doubts_; }

 private:
  const system::ServiceReader& services_;
  Evidence doubts_;
};

Evidence unit_evidence(Units& units, const std::string& unit) {
  const auto sentence = units.in_use(unit);
  return sentence.empty() ? Evidence{} : Evidence{sentence};
}

/// One back end, and the evidence that it configures the network.
struct Claim {
  NetworkBackendName backend;
  Evidence evidence;
};
using Check = std::function<Claim()>;

Claim claim_of_unit(Units& units, NetworkBackendName backend, const std::string& unit) {
  return {backend, unit_evidence(units, unit)};
}

/// networkd is enabled on hosts where it has nothing to do: its files make it the owner.
Claim claim_of_networkd(const Ports& ports, Units& units) {
  const auto unit = units.in_use("systemd-networkd.service");
  const auto files = readable_entries(ports.files, RootedPath{"/etc/systemd/network"}, ".network");
  if (unit.empty() || files.empty()) return {NetworkBackendName::networkd, {}};
  return {NetworkBackendName::networkd, {unit, fmt::format("{} exists", files.front().text())}};
}

/// One that runs without files may have them from elsewhere.
Claim weak_claim_of_networkd(Units& units) {
  const auto unit = units.in_use("systemd-networkd.service");
  if (!unit.ends_with("active")) return {NetworkBackendName::networkd, {}};
  return {NetworkBackendName::networkd, {unit}};
}

/// An interface that is "manual" is brought up by ifupdown and configured by another program. With
/// an interface file of timectl, ifupdown is the back end all the same.
Claim claim_of_ifupdown(const Ports& ports, const Packages& packages) {
  Claim claim{NetworkBackendName::ifupdown, {}};
  if (packages.count("ifupdown") == 0) return claim;
  for (const auto& path :
       readable_entries(ports.files, RootedPath{"/etc/network/interfaces.d"}, "")) {
    if (path.name().starts_with("timectl-")) claim.evidence.push_back(path.text() + " exists");
  }
  for (const auto& each : interface_settings(ports.files, NetworkBackendName::ifupdown)) {
    claim.evidence.push_back(fmt::format("{} has '{}'", each.file, each.text));
  }
  return claim;
}

/// The unit is enabled wherever the package is: that says something only of a host without others.
Claim weak_claim_of_ifupdown(const Ports& ports, Units& units) {
  const auto interfaces = configured_interfaces(ports.files, NetworkBackendName::ifupdown);
  if (interfaces.empty()) {
    return claim_of_unit(units, NetworkBackendName::ifupdown, "networking.service");
  }
  return {NetworkBackendName::ifupdown,
          {fmt::format("/etc/network/interfaces configures {}", join(interfaces, ", "))}};
}

/// netplan is the back end where it defines interfaces, or where it is not known that it does not.
/// One that only names NetworkManager leaves the network to it.
std::optional<Claim> claim_of_netplan(const Netplan& netplan, Units& units) {
  if (!netplan.definitions.empty()) {
    const auto& first = netplan.definitions.front();
    Evidence evidence{
        fmt::format("{} defines {} and netplan.io is installed", first.file, first.id)};
    if (!netplan.renderer_file.empty()) {
      evidence.push_back(fmt::format("{} hands it to {}", netplan.renderer_file, netplan.renderer));
    }
    return Claim{NetworkBackendName::netplan, evidence};
  }
  if (!netplan.not_known.empty()) return Claim{NetworkBackendName::netplan, netplan.not_known};
  if (!netplan.own_file.empty()) {
    return Claim{NetworkBackendName::netplan, {netplan.own_file + " exists"}};
  }
  const auto manager =
      netplan.renderer == "NetworkManager" ? units.in_use("NetworkManager.service") : std::string{};
  if (manager.empty()) return std::nullopt;
  return Claim{
      NetworkBackendName::network_manager,
      {fmt::format("netplan leaves the network to it in {}", netplan.renderer_file), manager}};
}

/// Those of the claims that have evidence; a unit whose state is not known ends the search, since
/// files of another one prove nothing while it may be in use.
std::vector<Claim> claims_with_evidence(const std::vector<Check>& checks, const Units& units) {
  std::vector<Claim> claims;
  for (const auto& check : checks) {
    auto claim = check();
    if (!units.doubts().empty()) return {{NetworkBackendName::unknown, units.doubts()}};
    if (!claim.evidence.empty()) claims.push_back(std::move(claim));
  }
  return claims;
}

Claim decide(const Ports& ports, const Packages& packages, Units& units) {
  const std::vector<Check> strong{
      [&] {
        return claim_of_unit(units, NetworkBackendName::network_manager, "NetworkManager.service");
      },
      [&] { return claim_of_unit(units, NetworkBackendName::dhcpcd, "dhcpcd.service"); },
      [&] { return claim_of_networkd(ports, units); },
      [&] { return claim_of_ifupdown(ports, packages); }};
  const std::vector<Check> weak{[&] { return weak_claim_of_networkd(units); },
                                [&] { return weak_claim_of_ifupdown(ports, units); }};
  const auto claims = claims_with_evidence(strong, units);
  if (claims.size() == 1) return claims.front();
  if (claims.empty()) {
    const auto rest = claims_with_evidence(weak, units);
    if (!rest.empty()) return rest.front();
    return {NetworkBackendName::unknown,
            {"neither netplan, NetworkManager, dhcpcd, systemd-networkd nor ifupdown is set up"}};
  }
  Claim undecided{NetworkBackendName::unknown, {}};
  for (const auto& claim : claims) {
    undecided.evidence.insert(undecided.evidence.end(), claim.evidence.begin(),
                              claim.evidence.end());
  }
  return undecided;
}

bool is_networkd_at_work(const NetworkOwner& owner) {
  if (owner.backend == NetworkBackendName::networkd) return true;
  return owner.backend == NetworkBackendName::netplan && owner.netplan_renderer == "networkd";
}

}  // namespace

std::string to_string(NetworkBackendName backend) {
  switch (backend) {
    case NetworkBackendName::networkd:
      return "systemd-networkd";
    case NetworkBackendName::network_manager:
      return "NetworkManager";
    case NetworkBackendName::netplan:
      return "netplan";
    case NetworkBackendName::dhcpcd:
      return "dhcpcd";
    case NetworkBackendName::ifupdown:
      return "ifupdown";
    case NetworkBackendName::unknown:
      break;
  }
  return "unknown";
}

NetworkOwner find_network_owner(const Ports& ports, const Packages& packages) {
  Units units{ports.services};
  NetworkOwner owner;
  std::optional<Claim> claim;
  if (packages.count("netplan.io") != 0) {
    auto netplan = read_netplan(ports.files);
    claim = claim_of_netplan(netplan, units);
    owner.netplan = std::move(netplan.definitions);
    owner.netplan_renderer = netplan.renderer;
    owner.netplan_doubts = std::move(netplan.not_known);
  }
  if (!claim) claim = decide(ports, packages, units);
  owner.backend = claim->backend;
  owner.evidence = std::move(claim->evidence);
  owner.settings = interface_settings(ports.files, owner.backend);
  if (owner.backend == NetworkBackendName::ifupdown) owner.sources = ifupdown_sources(ports.files);
  if (owner.backend == NetworkBackendName::dhcpcd) {
    owner.asks_no_options = asks_no_options(ports.files);
  }
  if (is_networkd_at_work(owner)) {
    const bool is_used = !units.in_use("systemd-resolved.service").empty();
    owner.lacks_resolver = !is_used && units.doubts().empty();
  }
  return owner;
}

}  // namespace timectl::facts
