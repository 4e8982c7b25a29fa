// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"

#include <optional>
#include <string>

namespace timectl::cli {

struct ProfileInitOptions {
  bool yes = false;                   ///< takes what was found, and asks nothing
  bool force = false;                 ///< replaces a file that is there
  std::string role;                   ///< "": asked
  std::string address;                ///< with its prefix length; "": as it is
  std::optional<std::string> output;  ///< nullopt: standard output
};

void add_profile_init_options(CLI::App& app, ProfileInitOptions& options);

/// Detects this host, asks what cannot be found, and writes a first profile of its site. Nothing is
/// written that does not validate and render.
ExitStatus init_profile(Context& context, const ProfileInitOptions& options);

}  // namespace timectl::cli
