// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/install_section.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::system {

/// What enabling a unit makes of its [Install] section, as systemd's src/shared/install.c does.
/// Paths are below a unit directory.
struct InstallLinks {
  std::vector<std::string> aliases;  ///< "see.service", "b.target.wants/old.service"
  std::vector<std::string> wants;    ///< "a.target.wants/x.service", .requires and .upholds
  std::vector<std::string> also;     ///< units that are enabled with it
  /// Words that systemd passes over: a sentence each. The other links are made all the same.
  std::vector<std::string> unusable;
  /// Words of Also= that can be no unit's name. systemd reads nothing of such a unit.
  std::vector<std::string> malformed;
};

/// `unit` is the name besides all aliases. Of the specifiers of systemd.unit(5) those are filled in
/// that the unit's name decides; a word with another one is unusable, because of a root that does
/// not run systemctl would take this host's values.
InstallLinks install_links(const std::string& unit, const InstallSection& section);

}  // namespace timectl::system
