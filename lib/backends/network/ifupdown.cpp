// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"

#include <fmt/format.h>

namespace timectl::backends {

using system::RootedPath;

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

void add_ifupdown(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  if (is_wireless(draft.facts, interface)) refuse_wireless(wanted);
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
            address_model(wanted));
  note_name_servers(wanted);
}

}  // namespace

constinit const NetworkBackend ifupdown{facts::NetworkBackendName::ifupdown, add_ifupdown};

}  // namespace timectl::backends
