// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"

#include <fmt/format.h>

namespace timectl::backends {

using system::RootedPath;

namespace {

void add_networkd(const Assignment& wanted) {
  const auto& interface = wanted.interface;
  wanted.draft.add(
      {.path = RootedPath{"/etc/systemd/network"} / fmt::format("10-timectl-{}.network", interface),
       .why = why_address,
       .reactions = reload(wanted.draft, interface),
       .template_path = "/etc/systemd/network/10-timectl-INTERFACE.network"},
      address_model(wanted));
  note_resolver(wanted);
}

}  // namespace

constinit const NetworkBackend networkd{facts::NetworkBackendName::networkd, add_networkd};

}  // namespace timectl::backends
