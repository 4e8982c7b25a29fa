// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::backends {

using system::RootedPath;
using target::Model;
using target::ModelList;

namespace {

void note_name_servers(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& packages = draft.facts.packages;
  const bool has_reader = packages.count("resolvconf") != 0 || packages.count("openresolv") != 0;
  if (has_reader || name_servers_of(wanted).empty()) return;
  draft.note(
      "ifupdown has no hand in /etc/resolv.conf without resolvconf or openresolv, and dhcpcd "
      "empties "
      "it when its lease ends: see to its name servers yourself, or no pool can be found by name");
}

/// What the stanza that gives way has of wpa_supplicant, or timectl's own one, from before.
std::vector<std::string> carried_options(const Assignment& wanted) {
  const auto& owner = wanted.draft.facts.network;
  for (const auto& setting : owner.settings) {
    if (setting.interface == wanted.interface && !setting.carried.empty()) return setting.carried;
  }
  const auto own = owner.carried.find(wanted.interface);
  return own == owner.carried.end() ? std::vector<std::string>{} : own->second;
}

/// A stanza of another kind that stays, or one of which handle_other_settings() says more.
bool knows_network(const Assignment& wanted, const std::vector<std::string>& carried) {
  const auto& owner = wanted.draft.facts.network;
  const auto& elsewhere = owner.wifi_elsewhere;
  const bool has_file = std::any_of(carried.begin(), carried.end(), [](const auto& option) {
    return option.starts_with("wpa-conf ") || option.starts_with("wpa_conf ");
  });
  return has_file ||
         std::find(elsewhere.begin(), elsewhere.end(), wanted.interface) != elsewhere.end() ||
         std::any_of(owner.settings.begin(), owner.settings.end(), [&](const auto& setting) {
           return setting.interface == wanted.interface && !setting.more.empty();
         });
}

Model stanza_model(const Assignment& wanted, const std::vector<std::string>& carried) {
  auto model = address_model(wanted);
  ModelList options;
  for (const auto& option : carried) options.push_back(Model{"value", option});
  model.set("carried", Model{options});
  return model;
}

void add_ifupdown(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  const auto carried = carried_options(wanted);
  if (is_wireless(draft.facts, interface) && !knows_network(wanted, carried)) {
    refuse_wireless(wanted);
  }
  const RootedPath path{"/etc/network/interfaces.d/timectl-" + interface};
  if (!draft.facts.network.sources_file(path)) {
    refuse(wanted, fmt::format("/etc/network/interfaces does not read {}", path.text()),
           "add the line 'source /etc/network/interfaces.d/*' to it");
  }
  handle_other_settings(wanted);
  draft.add({.path = path,
             .why = why_address,
             .reactions = reload(draft, interface),
             .template_path = "/etc/network/interfaces.d/timectl-INTERFACE"},
            stanza_model(wanted, carried));
  note_name_servers(wanted);
}

}  // namespace

constinit const NetworkBackend ifupdown{facts::NetworkBackendName::ifupdown, add_ifupdown};

}  // namespace timectl::backends
