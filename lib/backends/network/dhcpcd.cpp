// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"

namespace timectl::backends {

using system::RootedPath;
using target::Draft;
using target::FileKind;
using target::Model;

namespace {

void add_dhcpcd(Draft& draft, const std::string& interface) {
  handle_other_settings(draft, interface);
  auto model = address_model(draft, interface);
  model.set("asks_no_options", Model{draft.facts.network.asks_no_options});
  draft.add({.path = RootedPath{"/etc/dhcpcd.conf"},
             .why = why_address,
             .reactions = reload("dhcpcd", interface),
             .kind = FileKind::block},
            model);
}

}  // namespace

constinit const NetworkBackend dhcpcd{facts::NetworkAuthority::dhcpcd, add_dhcpcd};

}  // namespace timectl::backends
