// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "backends/network/network_backend.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the network back ends share; only they include this.
namespace timectl::backends {

/// Half a sentence for the plan.
inline constexpr auto why_address = "the address every other host of the site knows";

/// Throws Error{refused}.
[[noreturn]] void refuse(const Assignment& wanted, const std::string& reason,
                         const std::string& hint);

/// Only a definition that already knows the Wi-Fi network can be given another address.
/// Its name alone where it is not there, as for a card in a reader.
system::Interface card_of(const Assignment& wanted);
[[noreturn]] void refuse_wireless(const Assignment& wanted);

/// Address, gateway and name servers, in the words of every back end's template. Gateway and name
/// servers are of one network alone (profile::uplink_of).
target::Model address_model(const Assignment& wanted);

/// The reaction that has the host's back end apply its files (HostControl).
std::vector<target::Reaction> reload(const target::Draft& draft, const std::string& subject);

/// systemd-networkd hands name servers to systemd-resolved, which may not be in use.
void note_resolver(const Assignment& wanted);

/// The lines that give the address become comments. The file is not managed afterwards.
void give_way(target::Draft& draft, const std::string& file, const std::string& without,
              const std::vector<target::Reaction>& reactions);

/// What is said of the interface elsewhere would be done besides what timectl says.
void handle_other_settings(const Assignment& wanted);

/// The name servers and the gateway to configure with this address.
const std::vector<IpAddress>& name_servers_of(const Assignment& wanted);
std::optional<IpAddress> gateway_of(const Assignment& wanted);

}  // namespace timectl::backends
