// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "own_site.hpp"

#include "apply/generations.hpp"
#include "base/text.hpp"

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
  return profile::find_profile(absolute(options.profile), context.files(), context.host_files());
}

const profile::Host& choose_own_host(Context& context, const SiteOptions& options,
                                     const profile::Profile& profile,
                                     const std::string& host_name) {
  auto name = options.host;
  if (!name && !options.role) {
    // A provisioned host knows which one it is, whatever it is called today.
    const apply::LastWritten last{context.files()};
    const bool known =
        std::any_of(profile.hosts.begin(), profile.hosts.end(),
                    [&](const profile::Host& host) { return host.name == last.host(); });
    if (known) name = last.host();
  }
  return profile::select_host(profile, options.role, name, host_name);
}

OwnSite find_own_site(Context& context, const SiteOptions& options) {
  OwnSite site{profile::load_profile(find_own_profile(context, options), context.files()), nullptr};
  site.host = &choose_own_host(context, options, site.profile, machine_name(context));
  return site;
}

}  // namespace timectl::cli
