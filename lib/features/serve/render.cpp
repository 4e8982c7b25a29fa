// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address.hpp"
#include "features/serve/rows.hpp"
#include "platform/platform.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::features {

using target::Draft;
using target::Model;

namespace {

std::vector<std::string> allowed(const profile::ServeFeature& serve) {
  std::vector<std::string> subnets;
  bool has_v6 = false;
  for (const auto& subnet : serve.allow) {
    subnets.push_back(subnet.network().text());
    has_v6 = has_v6 || subnet.address.family() == IpAddress::Family::v6;
  }
  // An allow list denies everybody else, this host's own question included.
  subnets.emplace_back("127.0.0.0/8");
  if (has_v6) subnets.emplace_back("::1/128");
  return subnets;
}

/// Other time daemons are stopped by the plan; another program is not.
void refuse_foreign_holders(Draft& draft) {
  std::set<std::string> said;
  for (const auto& holder : draft.facts.port_holders) {
    const bool is_daemon =
        std::any_of(platform::time_daemons.begin(), platform::time_daemons.end(),
                    [&](const auto& daemon) { return holder.unit == daemon.unit; });
    // Of that one features/existing says more.
    const bool is_pihole = draft.facts.pihole.serves_ntp && holder.program == "pihole-FTL";
    if (holder.port != 123 || is_daemon || is_pihole || !said.insert(holder.in_words()).second) {
      continue;
    }
    draft.target.conflicts.push_back(
        {holder.in_words() + ", and chronyd is to serve there",
         holder.unit.ends_with(".service")
             ? fmt::format("systemctl disable --now {}, or let that program do without the port",
                           holder.unit)
             : std::string{"stop that program, or let it do without the port; of a container, do "
                           "not publish 123/udp"}});
  }
}

void add_serving(Draft& draft) {
  if (!draft.host.serve) return;
  refuse_foreign_holders(draft);
  draft.claim({target::ClaimKind::udp_port, "123", platform::chronyd.program, true,
               platform::chrony::own_drop_in});
  auto& chronyd = draft.time_daemon();
  chronyd.variable("serves", Model{true});
  chronyd.variable("allowed", target::list_of(allowed(*draft.host.serve)));
  chronyd.configuration_is_for("lets the site ask for the time");
  chronyd.unit_is_for("enables island mode at each start, revives a dead chronyd");
}

}  // namespace

constinit const target::Contribution serve_contributions[] = {
    {target::Phase::services, add_serving}};

}  // namespace timectl::features
