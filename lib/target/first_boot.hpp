// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/profile.hpp"
#include "target/render.hpp"

#include <string>

/// A card that has its first boot provision it (`provision --at-first-boot`).
namespace timectl::target {

inline constexpr auto first_boot_unit = "timectl-first-boot.service";

/// What the operator ordered when the card was written.
struct FirstBootOrder {
  std::string timectl;          ///< the program's path, once it is installed there
  std::string name;             ///< of the order, eight hexadecimal digits
  std::string directory;        ///< on the card, with the packages that were given
  bool brings_timectl = false;  ///< timectl's own package is among them
  bool needs_network = false;   ///< something has to be fetched
  bool take_over = false;
  bool no_rehearsal = false;
};

/// The card's unit, and that it is enabled: nothing else is configured before the host has seen
/// what it runs on. The provision's own plan takes the unit away, because its target has none.
Target first_boot(const profile::Profile& profile, const profile::Host& host,
                  const FirstBootOrder& order, const TemplateLookup& templates);

}  // namespace timectl::target
