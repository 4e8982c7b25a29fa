// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "profile/profile.hpp"
#include "target/contribution.hpp"
#include "target/target.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>

namespace timectl::target {

/// The text of the template for a target path ("/etc/chrony/conf.d/50-timectl.conf"): the
/// machine's own under /etc/timectl/templates, else the built-in one.
using TemplateLookup = std::function<std::string(const system::RootedPath& target)>;

/// The built-in template for a target path; nullopt when there is none.
std::optional<std::string> built_in_template(const system::RootedPath& target);

/// Everything `host` should be, by its time daemon, its network and `contributions`. Pure: the same
/// arguments give the same bytes. Throws
/// Error{refused} when this machine cannot be that host (the network back end is unknown, no
/// interface can be found, …) and Error{profile} when a template is wrong, naming both.
Target render(const profile::Profile& profile, const profile::Host& host, const facts::Facts& facts,
              std::span<const Contribution> contributions, const TemplateLookup& templates);

/// The unit that undoes at boot what a power cut left half done, from its template. It is no part
/// of a target: it is there only while something is being applied. `timectl` is the program's path.
std::string recovery_unit(const std::string& timectl, const TemplateLookup& templates);

}  // namespace timectl::target
