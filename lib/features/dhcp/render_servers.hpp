// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

namespace timectl::features {

/// DHCP stays with it. Where it reads dnsmasq's files, timectl's goes there; else a note says what
/// to set. No package is installed, and no unit enabled, that would take its port at a boot.
void leave_dhcp_to(target::Draft& draft, const facts::DhcpServer& server,
                   const target::Model& model);

/// A dnsmasq that reads no drop-ins would never see timectl's.
void refuse_unread_drop_ins(target::Draft& draft);

/// A program that holds the ports that dnsmasq needs, once it is installed or starts, is in the
/// way.
void refuse_foreign_holders(target::Draft& draft);

}  // namespace timectl::features
