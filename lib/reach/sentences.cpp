// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/sentences.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::reach {

namespace {

std::string addresses(const std::vector<Subnet>& subnets, const std::optional<IpAddress>& gateway) {
  std::vector<std::string> texts;
  for (const auto& each : subnets) texts.push_back(each.text());
  return fmt::format("{} ({})", texts.empty() ? "no address" : join(texts, ", "),
                     gateway ? "gateway " + gateway->text() : "no gateway");
}

std::string by_confirming(const std::vector<CutOff>& cut_offs, const Circumstances& given) {
  const auto address = new_address(cut_offs);
  const bool is_console_alone = std::all_of(cut_offs.begin(), cut_offs.end(),
                                            [](const CutOff& each) { return each.is_console; });
  const auto unknown =
      is_console_alone ? "log in by the network"
                       : "log in again where the host is then (the DHCP server knows its address)";
  const auto login = address.empty() ? unknown : "log in at " + address;
  std::string begin =
      given.said_yes || given.has_terminal ? "add '--confirm 10m'" : "use '--yes --confirm 10m'";
  if (!given.detour.confirmed.empty()) begin = fmt::format("run '{}'", given.detour.confirmed);
  const auto& rest = given.detour.afterwards;
  return fmt::format("{}, {} and run 'timectl confirm', else it is rolled back{}", begin, login,
                     rest.empty() ? "" : fmt::format("; then run '{}'", rest));
}

/// An operator who gave the order without --yes at a terminal has answered a prompt already, which
/// showed something else.
std::string by_prompt(const Circumstances& given) {
  const auto* const begin = given.said_yes ? "leave out --yes" : "run it again";
  return fmt::format("{} and answer the prompt",
                     given.has_terminal ? begin : "run it without --yes at a terminal");
}

}  // namespace

std::string remedy(const std::vector<CutOff>& cut_offs, const Circumstances& given) {
  const bool is_profile_wrong =
      given.is_by_profile && std::any_of(cut_offs.begin(), cut_offs.end(), [](const CutOff& each) {
        return each.is_of_another_subnet;
      });
  std::string text = is_profile_wrong
                         ? "correct the subnet in the profile ('timectl profile init --output "
                           "site.json' writes one of this network), or, if it is right, "
                         : "";
  if (given.can_roll_back) {
    text += by_confirming(cut_offs, given);
    return given.has_terminal ? text + "; or " + by_prompt(given) : text;
  }
  return text + by_prompt(given) +
         ", or give the order at the host's own screen or serial terminal ('--confirm' needs "
         "systemd, which does not run here)";
}

std::string sentence(const CutOff& cut_off) {
  if (cut_off.is_console) {
    return fmt::format("{} is taken away: {}", cut_off.interface, join(cut_off.reasons, ", "));
  }
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
