// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"
#include "platform/network_backends.hpp"

namespace timectl::backends {

using system::RootedPath;
using target::FileKind;
using target::Model;

namespace {

void add_dhcpcd(const Assignment& wanted) {
  handle_other_settings(wanted);
  auto& draft = wanted.draft;
  const RootedPath path{platform::dhcpcd::configuration};
  auto model = address_model(wanted);
  // Once, above the sections of all interfaces.
  model.set("asks_no_options", Model{draft.facts.network.asks_no_options && !draft.has(path)});
  draft.add({.path = path,
             .why = why_address,
             .reactions = reload(draft, wanted.interface),
             .kind = FileKind::block},
            model);
}

}  // namespace

constinit const NetworkBackend dhcpcd{facts::NetworkBackendName::dhcpcd, add_dhcpcd};

}  // namespace timectl::backends
