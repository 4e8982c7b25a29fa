// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <vector>

namespace timectl::system {

/// What enabling a unit is to do: systemd.unit(5), "[Install] Section Options". The words are as
/// they stand there, specifiers included.
struct InstallSection {
  std::vector<std::string> wanted_by;
  std::vector<std::string> required_by;
  std::vector<std::string> upheld_by;
  std::vector<std::string> aliases;
  std::vector<std::string> also;
  std::string default_instance;

  bool makes_links() const {
    return !wanted_by.empty() || !required_by.empty() || !upheld_by.empty() || !aliases.empty();
  }
};

/// From the text of the unit's file and of its drop-ins, in the order they are read. What other
/// sections hold, and lines that are no assignment, count for nothing.
InstallSection parse_install_section(const std::vector<std::string>& texts);

}  // namespace timectl::system
