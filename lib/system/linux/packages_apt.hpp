// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/packages.hpp"
#include "system/process.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::system::os {

/// Names and versions of what dpkg's status file says is installed and configured.
std::map<std::string, std::string> parse_dpkg_status(std::string_view status);

/// What a simulated run of apt-get said it would do.
PackageSteps parse_simulation(std::string_view output);

/// Names and versions of what it would install.
std::map<std::string, std::string> parse_simulated_versions(std::string_view output);

/// Paths of the archives that `apt-get --print-uris` said are in repositories on this machine.
std::vector<std::string> parse_local_archives(std::string_view uris);

/// A line of apt-get with APT::Status-Fd (apt's README.progress-reporting: "dlstatus:1:20.5:text",
/// "pmstatus:package:40.0:text"), or what it needs of network and disk; nullopt for any other one.
std::optional<PackageProgress> parse_progress(std::string_view line);

/// Turns a failed apt-get into an Error: missing when a package is not to be had, busy when
/// another package tool holds the lock, permission, timeout, else external.
[[noreturn]] void throw_apt_error(const CommandResult& result, const std::string& what);
/// The same for dpkg.
[[noreturn]] void throw_dpkg_error(const CommandResult& result, const std::string& what);

/// The packages on this machine that dpkg named as conflicting with what it was to install.
std::vector<std::string> parse_conflicts(std::string_view dpkg_errors);

}  // namespace timectl::system::os
