// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

#include <string>
#include <vector>

/// What the network back ends share; only they include this.
namespace timectl::backends {

/// Half a sentence for the plan.
inline constexpr auto why_address = "the address every other host of the site knows";

/// Throws Error{refused}.
[[noreturn]] void refuse(const target::Draft& draft, const std::string& reason,
                         const std::string& hint);

/// Only a definition that already knows the Wi-Fi network can be given another address.
[[noreturn]] void refuse_wireless(const target::Draft& draft, const std::string& interface);

/// Address, gateway and name servers, in the words of every back end's template.
target::Model address_model(const target::Draft& draft, const std::string& interface);

/// The reaction that has the back end called `backend` apply its files (HostControl).
std::vector<target::Reaction> reload(const std::string& backend, const std::string& subject);

/// systemd-networkd hands name servers to systemd-resolved, which may not be in use.
void note_resolver(target::Draft& draft);

/// The lines that give the address become comments. The file is not managed afterwards.
void give_way(target::Draft& draft, const std::string& file, const std::string& without,
              const std::vector<target::Reaction>& reactions);

/// What is said of the interface elsewhere would be done besides what timectl says.
void handle_other_settings(target::Draft& draft, const std::string& interface);

}  // namespace timectl::backends
