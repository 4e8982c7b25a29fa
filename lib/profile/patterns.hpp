// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: what names.hpp and reserved.hpp refuse, as patterns of a JSON Schema.
#pragma once

#include <string>

namespace timectl::profile {

/// The name of a host of the site, from the start to the end.
std::string host_name_pattern();
/// A name that another machine can have, without start and end.
std::string remote_name_pattern();
/// A unit that can be the controller's.
std::string service_unit_pattern();
/// A directory that metrics can be in.
std::string metrics_directory_pattern();

}  // namespace timectl::profile
