// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/own_site.hpp"

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

OwnSite find_own_site(Context& context, const SiteOptions& options) {
  const auto source =
      profile::find_profile(absolute(options.profile), context.files(), context.host_files());
  OwnSite site{profile::load_profile(source, context.files()), nullptr};
  auto name = options.host;
  if (!name && !options.role) {
    // A provisioned host knows which one it is, whatever it is called today.
    const apply::LastWritten last{context.files()};
    const bool known =
        std::any_of(site.profile.hosts.begin(), site.profile.hosts.end(),
                    [&](const profile::Host& host) { return host.name == last.host(); });
    if (known) name = last.host();
  }
  site.host = &profile::select_host(site.profile, options.role, name, machine_name(context));
  return site;
}

}  // namespace timectl::cli
