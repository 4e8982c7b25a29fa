// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/network_manager_wifi.hpp"
#include "backends/network/shared.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::backends {

using system::RootedPath;

namespace {

/// As the template has it.
constexpr int own_priority = 100;

/// What would win over timectl's connection at the next boot. The list "plugins" does not count: a
/// NetworkManager of 2019 and later reads such files whether it names keyfile or not (tried on
/// Debian 12 with "plugins=ifupdown").
void refuse_stronger(const Assignment& wanted, const std::string& own_file) {
  auto& draft = wanted.draft;
  const auto card = card_of(wanted);
  for (const auto& other : draft.facts.connections) {
    if (!other.is_for(card) || other.priority < own_priority || other.file == own_file) continue;
    draft.target.conflicts.push_back(
        {fmt::format("{}: NetworkManager prefers the connection '{}' on {} at the next boot "
                     "(autoconnect-priority {})",
                     other.file, other.id, wanted.interface, other.priority),
         draft.facts.is_offline_root
             ? fmt::format("sed -i '/^autoconnect-priority *=/d' {}",
                           shell_word(draft.facts.root + other.file))
             : fmt::format("nmcli connection modify {} connection.autoconnect-priority 0",
                           shell_quoted(other.id))});
  }
}

void add_network_manager(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  if (is_wireless(draft.facts, interface)) return add_wifi(wanted);
  const auto connection = "timectl-" + interface;
  const auto path =
      RootedPath{"/etc/NetworkManager/system-connections"} / (connection + ".nmconnection");
  refuse_stronger(wanted, path.text());
  draft.add(
      {.path = path,
       .why = why_address,
       .reactions = reload(draft, connection),
       .mode = 0600,  // NetworkManager ignores a connection that others can read
       .template_path = "/etc/NetworkManager/system-connections/timectl-INTERFACE.nmconnection"},
      address_model(wanted));
}

}  // namespace

constinit const NetworkBackend network_manager{facts::NetworkBackendName::network_manager,
                                               add_network_manager};

}  // namespace timectl::backends
