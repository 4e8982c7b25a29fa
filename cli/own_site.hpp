// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"

namespace timectl::cli {

/// The profile that `options` name, else this machine's own. A relative path is one of the user's
/// working directory.
profile::ProfileSource find_own_profile(Context& context, const SiteOptions& options);

/// The host that this machine was provisioned as; "" before the first time. Where `options` name
/// one it does not matter, and is not read.
std::string provisioned_as(Context& context, const SiteOptions& options);

/// The host of `profile` that this machine is: the one `options` name, else the one it was
/// provisioned as, else the one called `host_name`. Throws Error{usage or profile} when that is not
/// exactly one.
const profile::Host& choose_own_host(const SiteOptions& options, const profile::Profile& profile,
                                     const std::string& provisioned_as,
                                     const std::string& host_name);

/// The profile and the host of it that this machine is, found from files alone. Commands that run
/// in early boot (before D-Bus), each minute or while chronyd starts use it: Context::load_site
/// also reads packages, units and interfaces.
struct OwnSite {
  profile::Profile profile;
  const profile::Host* host = nullptr;  ///< into `profile`
};

/// Throws Error{usage or profile} when that does not lead to exactly one host.
OwnSite find_own_site(Context& context, const SiteOptions& options);
OwnSite find_own_site(Context& context, const SiteOptions& options,
                      const std::string& provisioned_as);

}  // namespace timectl::cli
