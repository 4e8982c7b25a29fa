// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "commands/provision_document.hpp"

#include <string>
#include <vector>

namespace timectl::cli {

/// Options of `provision --at-first-boot`.
struct FirstBootOptions {
  std::vector<std::string> packages;
  bool yes = false;
  bool dry_run = false;
  bool no_rehearsal = false;
};

/// Prepares a card (--root) so that its first boot provisions it. The card's own facts decide only
/// what is refused at once; the host's decide the rest, when it sees its interfaces and devices.
ExitStatus order_first_boot(Context& context, const SiteOptions& site_options,
                            const FirstBootOptions& options, ProvisionDocument& document);

}  // namespace timectl::cli
