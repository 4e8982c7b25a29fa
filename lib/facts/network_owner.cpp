// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/details.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::facts {

using platform::network_backend;
using platform::network_backends;
using platform::NetworkBackendRow;
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
      auto doubt = fmt::format("whether {} is in use is not known: {}", unit, error.what());
      const bool is_new = std::find(doubts_.begin(), doubts_.end(), doubt) == doubts_.end();
      if (is_new) doubts_.push_back(std::move(doubt));
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

/// Where evidence is searched for.
struct Search {
  const Ports& ports;
  const Packages& packages;
  Units& units;
};

bool has_package(const Packages& packages, const NetworkBackendRow& backend) {
  return packages.count(backend.packages.front()) != 0;
}

/// networkd is enabled on hosts where it has nothing to do: its files make it the owner.
Evidence evidence_of_networkd(const Search& search, const NetworkBackendRow& networkd) {
  const auto unit = search.units.in_use(networkd.unit);
  const auto files = backend_files(search.ports.files, networkd.name);
  if (unit.empty() || files.empty()) return {};
  return {unit, fmt::format("{} exists", files.front().text())};
}

/// One that runs without files may have them from elsewhere.
Evidence weak_evidence_of_networkd(const Search& search, const NetworkBackendRow& networkd) {
  const auto unit = search.units.in_use(networkd.unit);
  return unit.ends_with("active") ? Evidence{unit} : Evidence{};
}

/// An interface that is "manual" is brought up by ifupdown and configured by another program. With
/// an interface file of timectl, ifupdown is the back end all the same.
Evidence evidence_of_ifupdown(const Search& search, const NetworkBackendRow& ifupdown) {
  Evidence evidence;
  if (!has_package(search.packages, ifupdown)) return evidence;
  const auto& files = search.ports.files;
  for (const auto& path : readable_entries(files, RootedPath{"/etc/network/interfaces.d"}, "")) {
    if (path.name().starts_with("timectl-")) evidence.push_back(path.text() + " exists");
  }
  for (const auto& each : interface_settings(files, ifupdown.name)) {
    evidence.push_back(fmt::format("{} has '{}'", each.file, each.text));
  }
  return evidence;
}

/// The unit is enabled wherever the package is: that says something only of a host without others.
Evidence weak_evidence_of_ifupdown(const Search& search, const NetworkBackendRow& ifupdown) {
  const auto interfaces = configured_interfaces(search.ports.files, ifupdown.name);
  if (interfaces.empty()) return unit_evidence(search.units, ifupdown.unit);
  return {fmt::format("/etc/network/interfaces configures {}", join(interfaces, ", "))};
}

/// A back end that its unit alone does not prove.
struct Recognition {
  NetworkBackendName backend;
  Evidence (*evidence)(const Search&, const NetworkBackendRow&);
  /// Counts where no back end has any other.
  Evidence (*weak_evidence)(const Search&, const NetworkBackendRow&);
};
constexpr std::array recognitions{
    Recognition{NetworkBackendName::networkd, evidence_of_networkd, weak_evidence_of_networkd},
    Recognition{NetworkBackendName::ifupdown, evidence_of_ifupdown, weak_evidence_of_ifupdown}};

const Recognition* recognition_of(NetworkBackendName backend) {
  const auto* found = std::find_if(recognitions.begin(), recognitions.end(),
                                   [&](const auto& each) { return each.backend == backend; });
  return found == recognitions.end() ? nullptr : found;
}

Evidence evidence_of(const Search& search, const NetworkBackendRow& backend) {
  const auto* recognition = recognition_of(backend.name);
  return recognition != nullptr ? recognition->evidence(search, backend)
                                : unit_evidence(search.units, backend.unit);
}

Evidence weak_evidence_of(const Search& search, const NetworkBackendRow& backend) {
  const auto* recognition = recognition_of(backend.name);
  return recognition != nullptr ? recognition->weak_evidence(search, backend) : Evidence{};
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
  const auto& manager_row = network_backend(NetworkBackendName::network_manager);
  const auto manager =
      netplan.renderer == "NetworkManager" ? units.in_use(manager_row.unit) : std::string{};
  if (manager.empty()) return std::nullopt;
  return Claim{
      NetworkBackendName::network_manager,
      {fmt::format("netplan leaves the network to it in {}", netplan.renderer_file), manager}};
}

/// Those that have evidence; a unit whose state is not known ends the search, since files of
/// another one prove nothing while it may be in use. netplan has no unit, and has been asked.
std::vector<Claim> claims_with_evidence(const Search& search,
                                        Evidence (*find)(const Search&, const NetworkBackendRow&)) {
  std::vector<Claim> claims;
  for (const auto& backend : network_backends) {
    if (std::string_view{backend.unit}.empty()) continue;
    auto evidence = find(search, backend);
    const auto& doubts = search.units.doubts();
    if (!doubts.empty()) return {{NetworkBackendName::unknown, doubts}};
    if (!evidence.empty()) claims.push_back({backend.name, std::move(evidence)});
  }
  return claims;
}

Claim claim_of_none() {
  std::vector<std::string> words;
  for (const auto& backend : network_backends) words.emplace_back(backend.word);
  const auto last = std::move(words.back());
  words.pop_back();
  return {NetworkBackendName::unknown,
          {fmt::format("neither {} nor {} is set up", join(words, ", "), last)}};
}

Claim decide(const Search& search) {
  const auto claims = claims_with_evidence(search, evidence_of);
  if (claims.size() == 1) return claims.front();
  if (claims.empty()) {
    const auto rest = claims_with_evidence(search, weak_evidence_of);
    return rest.empty() ? claim_of_none() : rest.front();
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

NetworkOwner find_network_owner(const Ports& ports, const Packages& packages) {
  Units units{ports.services};
  NetworkOwner owner;
  std::optional<Claim> claim;
  if (has_package(packages, network_backend(NetworkBackendName::netplan))) {
    auto netplan = read_netplan(ports.files);
    claim = claim_of_netplan(netplan, units);
    owner.netplan = std::move(netplan.definitions);
    owner.netplan_renderer = netplan.renderer;
    owner.netplan_doubts = std::move(netplan.not_known);
  }
  if (!claim) claim = decide({ports, packages, units});
  owner.backend = claim->backend;
  owner.evidence = std::move(claim->evidence);
  owner.settings = interface_settings(ports.files, owner.backend);
  if (owner.backend == NetworkBackendName::ifupdown) {
    owner.sources = ifupdown_sources(ports.files);
    read_wifi_stanzas(ports.files, owner);
  }
  if (owner.backend == NetworkBackendName::dhcpcd) {
    owner.asks_no_options = asks_no_options(ports.files);
  }
  if (is_networkd_at_work(owner)) {
    const bool is_used = !units.in_use(platform::resolver_unit).empty();
    owner.lacks_resolver = !is_used && units.doubts().empty();
  }
  return owner;
}

}  // namespace timectl::facts
