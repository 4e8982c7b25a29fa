// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/shared.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::backends {

namespace {

/// Two back ends are active, none is, or systemd could not be asked.
[[noreturn]] void refuse_undecided(const Assignment& wanted) {
  const auto& draft = wanted.draft;
  refuse(wanted,
         fmt::format("its network back end is {} ({})", to_string(draft.facts.network.backend),
                     join(draft.facts.network.evidence, "; ")),
         "leave one active and disable the others; or configure the address yourself and set "
         "\"addressing\" of the host to \"none\", or to \"reservation\" where a DHCP server hands "
         "it out");
}

}  // namespace

const NetworkBackend& network_backend_of(const Assignment& wanted) {
  for (const auto* backend : network_backends) {
    if (backend->name == wanted.draft.facts.network.backend) return *backend;
  }
  refuse_undecided(wanted);
}

}  // namespace timectl::backends
