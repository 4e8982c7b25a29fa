// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "reach/reach.hpp"

#include <fmt/format.h>

namespace timectl::reach {

namespace {

std::string addresses(const std::vector<Subnet>& subnets, const std::optional<IpAddress>& gateway) {
  std::vector<std::string> texts;
  for (const auto& each : subnets) texts.push_back(each.text());
  return fmt::format("{} ({})", join(texts, ", "),
                     gateway ? "gateway " + gateway->text() : "no gateway");
}

}  // namespace

std::string sentence(const CutOff& cut_off) {
  const auto after = cut_off.after.empty()
                         ? std::string{"what it was given before timectl, which is not known"}
                         : addresses(cut_off.after, cut_off.gateway_after);
  const auto names = cut_off.host_name_before == cut_off.host_name_after
                         ? fmt::format("the host's name stays '{}'", cut_off.host_name_after)
                         : fmt::format("the host's name changes from '{}' to '{}'",
                                       cut_off.host_name_before, cut_off.host_name_after);
  return fmt::format("{} changes from {} to {}, {}: {}", cut_off.interface,
                     addresses(cut_off.before, cut_off.gateway_before), after, names,
                     join(cut_off.reasons, ", "));
}

std::string new_address(const std::vector<CutOff>& cut_offs) {
  for (const auto& each : cut_offs) {
    if (!each.after.empty()) return each.after.front().address.text();
  }
  return {};
}

}  // namespace timectl::reach
