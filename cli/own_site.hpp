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

/// The words of commands that find nothing of timectl's here, and the next step.
inline constexpr auto not_provisioned =
    "this host is not provisioned: timectl has changed nothing here";
inline constexpr auto not_provisioned_hint =
    "timectl profile init --output site.json writes a profile of this site; timectl plan --profile "
    "site.json shows what that changes, and timectl provision sets it up";

/// Whether `error`, by which no host of a profile was chosen, comes of that: the user named neither
/// host nor role, and no provision did. Then throws Error{missing} that says so.
void throw_if_not_provisioned(Context& context, const SiteOptions& options, const Error& error);

/// The profile and the host of it that this machine is, found from files alone. Commands that run
/// in early boot (before D-Bus), each minute or while chronyd starts use it: Context::load_site
/// also reads packages, units and interfaces.
struct OwnSite {
  profile::Profile profile;
  const profile::Host* host = nullptr;  ///< into `profile`
};

/// Throws Error{usage or profile} when that does not lead to exactly one host, Error{missing} when
/// it does not because this host is not provisioned.
OwnSite find_own_site(Context& context, const SiteOptions& options);
OwnSite find_own_site(Context& context, const SiteOptions& options,
                      const std::string& provisioned_as);

}  // namespace timectl::cli
