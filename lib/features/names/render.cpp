// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/names/rows.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

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

void add_names(Draft& draft) {
  add_host_name(draft);
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
