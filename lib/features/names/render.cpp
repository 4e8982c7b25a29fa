// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/names/rows.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <string>

namespace timectl::features {

using system::RootedPath;
using target::Draft;
using target::FileKind;
using target::Model;
using target::ModelList;
using target::ReactionKind;

namespace {

/// A server answers to its name in everybody's hosts file and in DHCP; a client keeps its own.
void add_host_name(Draft& draft) {
  if (!draft.host.serve) return;
  Model model;
  model.set("host", draft.host.name);
  draft.add({.path = RootedPath{"/etc/hostname"},
             .why = "the name the site knows this host by",
             .reactions = {{ReactionKind::set_host_name, draft.host.name}}},
            model);
}

/// The addresses of a host in the networks of this one; its first where they share none.
std::vector<IpAddress> near_addresses(const Draft& draft, const profile::Host& host) {
  std::vector<IpAddress> near;
  for (const auto& address : host.addresses) {
    if (profile::address_in(draft.host, address.network) != nullptr) {
      near.push_back(address.address);
    }
  }
  if (near.empty()) near.push_back(profile::main_address(host));
  return near;
}

constexpr auto cloud_init_file = "/etc/cloud/cloud.cfg.d/99-timectl.cfg";

/// A file of cloud.cfg.d goes before cloud.cfg, but what a user gave (user-data), and a file behind
/// it, go before that.
void refuse_what_outlasts(Draft& draft, const facts::CloudInitSetting* setting,
                          const std::string& what) {
  if (setting == nullptr) return;
  const auto& file = setting->file;
  const bool is_of_system = file.starts_with("/etc/cloud/cloud.cfg");
  if (is_of_system && !(file.starts_with("/etc/cloud/cloud.cfg.d/") && file > cloud_init_file)) {
    return;
  }
  // A copy of what a datasource gave: an edit there is lost.
  const bool is_copy = file.starts_with("/var/lib/cloud/instance/");
  const auto reason = fmt::format("{} line {} ('{}'): cloud-init takes {} back at each boot", file,
                                  setting->line, setting->text, what);
  if (is_copy) {
    draft.target.conflicts.push_back(
        {reason + ", by what it kept of its first one; a file switches it off",
         "touch " + shell_word(draft.facts.root + "/etc/cloud/cloud-init.disabled")});
    return;
  }
  draft.target.conflicts.push_back({reason, fmt::format("sed -i '{}s/^/#/' {}", setting->line,
                                                        shell_word(draft.facts.root + file))});
}

void outlast_cloud_init(Draft& draft) {
  const auto& cloud_init = draft.facts.cloud_init;
  if (!cloud_init.runs) return;
  const bool has_name = draft.host.serve.has_value();
  Model model;
  model.set("sets_host_name", Model{has_name});
  draft.add({.path = RootedPath{cloud_init_file},
             .why = fmt::format("keeps cloud-init from taking {}/etc/hosts back at each boot",
                                has_name ? "the host name and " : "")},
            model);
  if (has_name && cloud_init.sets_host_name()) {
    refuse_what_outlasts(draft, cloud_init.last("preserve_hostname"), "the host name");
  }
  if (cloud_init.writes_hosts()) {
    refuse_what_outlasts(draft, cloud_init.last("manage_etc_hosts"), "/etc/hosts");
  }
}

void add_names(Draft& draft) {
  add_host_name(draft);
  outlast_cloud_init(draft);
  ModelList hosts;
  for (const auto& host : draft.profile.hosts) {
    for (const auto& address : near_addresses(draft, host)) {
      Model entry{"address", address.text()};
      entry.set("name", host.name);
      hosts.push_back(entry);
    }
  }
  draft.add({.path = RootedPath{"/etc/hosts"},
             .why = "names the hosts of the site without a DNS server",
             .kind = FileKind::block},
            Model{"hosts", Model{hosts}});
}

}  // namespace

constinit const target::Contribution names_contributions[1] = {{target::Phase::host, add_names}};

}  // namespace timectl::features
