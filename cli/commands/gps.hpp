// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "gps/calibration.hpp"
#include "own_site.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// The subcommands of timectl gps.
namespace timectl::cli {

/// The host's receiver. Throws Error{usage} where the profile has none.
const profile::GpsFeature& receiver_of(const OwnSite& site);

/// What timectl gps calibrate measured; nullopt without it. One that cannot be used is said, and
/// counts as none.
std::optional<gps::Calibration> calibration_or_warning(Context& context);

/// gps enable: writes the receiver's lines of chronyd's configuration, as the host is now.
/// chronyd's unit runs it before each of its starts.
ExitStatus enable_receiver(Context& context);

struct CalibrateOptions {
  std::chrono::seconds span{660};
  bool apply = false;
  bool yes = false;
};
/// gps calibrate
ExitStatus calibrate_receiver(Context& context, const CalibrateOptions& options);

/// gps show, until `span` is over or all of it was heard.
ExitStatus show_receiver(Context& context, std::chrono::seconds span);

/// A line for each of about a dozen equal parts of the values, with a bar.
std::vector<std::string> distribution(const std::vector<Seconds>& values);

}  // namespace timectl::cli
