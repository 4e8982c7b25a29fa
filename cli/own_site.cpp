// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "own_site.hpp"

#include "apply/generations.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace timectl::cli {

namespace {

std::optional<std::string> absolute(const std::optional<std::string>& wanted) {
  const bool is_path =
      wanted && (wanted->find('/') != std::string::npos || wanted->ends_with(".json"));
  if (!is_path) return wanted;
  return std::filesystem::absolute(*wanted).lexically_normal().string();
}

std::string machine_name(Context& context) {
  const auto file = context.files().read(system::RootedPath{"/etc/hostname"});
  const std::string name{trim(file ? file->content : std::string{})};
  return name.empty() && !context.is_offline() ? context.network().host_name() : name;
}

}  // namespace

profile::ProfileSource find_own_profile(Context& context, const SiteOptions& options) {
  if (options.profile == "-") {
    return {"stdin", "/dev/stdin", context.standard_input("--profile"), false};
  }
  return profile::find_profile(absolute(options.profile), context.files(), context.host_files());
}

std::string provisioned_as(Context& context, const SiteOptions& options) {
  if (options.host || options.role || options.facts) return {};
  return apply::LastWritten{context.files()}.host();
}

const profile::Host& choose_own_host(const SiteOptions& options, const profile::Profile& profile,
                                     const std::string& provisioned_as,
                                     const std::string& host_name) {
  auto name = options.host;
  if (!name && !options.role) {
    // A provisioned host knows which one it is, whatever it is called today.
    const bool known =
        std::any_of(profile.hosts.begin(), profile.hosts.end(),
                    [&](const profile::Host& host) { return host.name == provisioned_as; });
    if (known) name = provisioned_as;
  }
  return profile::select_host(profile, options.role, name, host_name);
}

void throw_if_not_provisioned(Context& context, const SiteOptions& options, const Error& error) {
  const bool is_named = options.host || options.role;
  if (is_named || error.kind() != ErrorKind::usage) return;
  if (!apply::LastWritten{context.files()}.host().empty()) return;
  throw Error{ErrorKind::missing, fmt::format("{} ({})", not_provisioned, error.what()),
              not_provisioned_hint};
}

OwnSite find_own_site(Context& context, const SiteOptions& options) {
  return find_own_site(context, options, provisioned_as(context, options));
}

OwnSite find_own_site(Context& context, const SiteOptions& options,
                      const std::string& provisioned_as) {
  OwnSite site{profile::load_kept_profile(find_own_profile(context, options), context.files()),
               nullptr};
  try {
    site.host = &choose_own_host(options, site.profile, provisioned_as, machine_name(context));
  } catch (const Error& error) {
    throw_if_not_provisioned(context, options, error);
    throw;
  }
  return site;
}

}  // namespace timectl::cli
