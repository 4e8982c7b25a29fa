// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/install_section.hpp"
#include "system/services.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::system::os {

/// The file that a unit is read from.
struct UnitFragment {
  RootedPath path{"/"};
  std::string content;
  bool is_masked = false;
  std::string alias_of;  ///< the other name that the link leads to, if any
};

/// A unit by the name that it has besides all aliases.
struct FoundUnit {
  std::string name;
  UnitFragment fragment;
};

/// Units of a root that does not run, read from its files and links as systemd would. /run is not
/// read: what an SD card has there is gone when it boots.
class OfflineUnits {
 public:
  explicit OfflineUnits(const FileReader& files) : files_(files) {}

  /// nullopt when there is no such unit, its name is none, or its aliases run in a ring.
  std::optional<FoundUnit> find(const std::string& unit) const;

  /// What the unit's file and drop-ins say of enabling it.
  InstallSection install_section_of(const FoundUnit& unit) const;

  UnitState state(const std::string& unit) const;

 private:
  std::optional<UnitFragment> find_fragment(const std::string& unit) const;
  std::optional<UnitFragment> fragment_at(const RootedPath& path) const;
  std::string unit_file_state_of(const FoundUnit& unit) const;
  bool is_linked(const std::string& unit) const;

  const FileReader& files_;
};

}  // namespace timectl::system::os
