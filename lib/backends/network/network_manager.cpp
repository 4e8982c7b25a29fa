// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"

namespace timectl::backends {

using system::RootedPath;

namespace {

void add_network_manager(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  if (is_wireless(draft.facts, interface)) refuse_wireless(wanted);
  const auto connection = "timectl-" + interface;
  draft.add(
      {.path =
           RootedPath{"/etc/NetworkManager/system-connections"} / (connection + ".nmconnection"),
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
