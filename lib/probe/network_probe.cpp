// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "platform/network_backends.hpp"
#include "probe/asks.hpp"
#include "probe/rows.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>

/// network.address
namespace timectl::probe {

namespace {

using facts::NetworkBackendName;
using system::Interface;

bool has(const Interface& interface, const Subnet& address) {
  const auto& all = interface.addresses;
  return std::find(all.begin(), all.end(), address) != all.end();
}

const Interface* find_named(const std::vector<Interface>& interfaces, const std::string& name) {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& each) { return each.name == name; });
  return found == interfaces.end() ? nullptr : &*found;
}

std::string addresses_of(const Interface& interface) {
  std::vector<std::string> texts;
  for (const auto& address : interface.addresses) texts.push_back(address.text());
  return texts.empty() ? "no address" : join(texts, ", ");
}

/// What the back end's own commands show of the interface, and its log.
std::string diagnosis_of(NetworkBackendName name, const std::string& interface) {
  const auto& backend = platform::network_backend(name);
  std::string text = backend.diagnosis;
  constexpr std::string_view placeholder = "INTERFACE";
  const auto place = text.find(placeholder);
  if (place != text.npos) text.replace(place, placeholder.size(), interface);
  const std::string_view unit = backend.unit;
  if (unit.empty()) return text;
  return fmt::format("{}{}'journalctl -u {}' says why", text, text.empty() ? "" : ", ",
                     unit.substr(0, unit.rfind('.')));
}

/// Where the back end says why it did what it did.
std::string diagnosis_commands(const facts::NetworkOwner& owner, const std::string& interface) {
  if (owner.backend == NetworkBackendName::unknown) {
    return fmt::format("see who configures it: {}", join(owner.evidence, "; "));
  }
  const auto diagnosis = diagnosis_of(owner.backend, interface);
  if (owner.backend != NetworkBackendName::netplan) return diagnosis;
  const auto renderer = owner.netplan_renderer == "NetworkManager"
                            ? NetworkBackendName::network_manager
                            : NetworkBackendName::networkd;
  return diagnosis + ", " + diagnosis_of(renderer, interface);
}

Finding without_carrier(const std::string& interface, const Subnet& wanted, Evidence evidence) {
  return warning({fmt::format("{} has no carrier, and not {}", interface, wanted.text()),
                  "it may get its address only once something is connected to it",
                  fmt::format("check the cable of {}, or its Wi-Fi network", interface)},
                 std::move(evidence));
}

Finding not_there(const Subject& subject, const Interface& interface, const Subnet& wanted,
                  Evidence evidence) {
  const auto& owner = subject.facts.network;
  return failed({fmt::format("{} does not have {}", interface.name, wanted.text()),
                 fmt::format("it has {}; its network back end is {}", addresses_of(interface),
                             to_string(owner.backend)),
                 diagnosis_commands(owner, interface.name)},
                std::move(evidence));
}

Finding judge_address(const Subject& subject, const Ports& ports,
                      const profile::SiteAddress& address) {
  const auto wanted = profile::with_prefix(subject.profile, address);
  const auto interfaces = ports.network.interfaces();
  const auto holder = std::find_if(interfaces.begin(), interfaces.end(),
                                   [&](const auto& each) { return has(each, wanted); });
  Evidence evidence{{"address", wanted.text()},
                    {"backend", to_string(subject.facts.network.backend)}};
  const auto expected = address.interface ? address.interface
                        : holder == interfaces.end() ? subject.facts.default_interface
                                                     : holder->name;
  if (!expected) {
    return failed({fmt::format("no interface has {}", wanted.text()),
                   "which one should have it is not known: there is no default route",
                   "set \"interface\" of the host in the profile"},
                  std::move(evidence));
  }
  evidence.emplace_back("interface", *expected);
  const auto* interface = find_named(interfaces, *expected);
  if (interface == nullptr) {
    return failed({fmt::format("there is no interface {} for {}", *expected, wanted.text()),
                   "it was renamed, or its driver is not there", "'ip link' lists what there is"},
                  std::move(evidence));
  }
  if (has(*interface, wanted)) {
    return good(fmt::format("{} has {}", interface->name, wanted.text()), std::move(evidence));
  }
  if (interface->is_up && !interface->has_carrier) {
    return without_carrier(interface->name, wanted, std::move(evidence));
  }
  return not_there(subject, *interface, wanted, std::move(evidence));
}

/// Several addresses: the first that is not in order speaks for all.
Finding ask_network_address(const Subject& subject, const Ports& ports) {
  std::vector<std::string> summaries;
  Evidence evidence;
  for (const auto& address : subject.host.addresses) {
    if (address.addressing != profile::Addressing::static_address) continue;
    auto finding = judge_address(subject, ports, address);
    if (finding.verdict != Verdict::ok) return finding;
    summaries.push_back(std::move(finding.summary));
    const auto prefix = address.network.empty() ? "" : address.network + ".";
    for (auto& [key, value] : finding.evidence) evidence.emplace_back(prefix + key, value);
  }
  return good(join(summaries, ", "), std::move(evidence));
}

}  // namespace

constinit const Probe network_probes[1] = {
    {row::network_address, Needs::running_host, profile::has_static_address, ask_network_address},
};

}  // namespace timectl::probe
