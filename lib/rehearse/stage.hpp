// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "profile/profile.hpp"
#include "system/files.hpp"
#include "system/process.hpp"
#include "system/sandbox.hpp"
#include "target/target.hpp"

#include <optional>
#include <string>

namespace timectl::rehearse {

/// The sandbox that a target is rehearsed in.
struct Stage {
  system::SandboxSpec sandbox;
  /// Where the main chrony.conf came from, for people.
  std::string configuration;
};

/// Plans the sandbox: the target's files at their real paths over copies of the host's, the host's
/// address and a stranger's on the loopback. Files on VFAT stay out: the firmware reads them, no
/// daemon does. A host without chrony.conf gets the stock one of the package that chronyd comes
/// from, or a minimal equivalent.
Stage make_stage(const target::Target& target, const profile::Profile& profile,
                 const profile::Host& host, const system::FileReader& files,
                 const system::ProcessRunner& processes);

/// The same sandbox without a target's files and addresses: this host as it is.
Stage make_stage_of_host(const system::FileReader& files, const system::ProcessRunner& processes);

/// An address that no allow list of the host has; nullopt when everybody is allowed.
std::optional<IpAddress> stranger_to(const profile::ServeFeature& serve);

bool has_file_below(const target::Target& target, std::string_view directory);

}  // namespace timectl::rehearse
