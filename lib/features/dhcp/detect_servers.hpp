// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

namespace timectl::features {

/// Who has the ports of DNS, DHCP and NTP on this host, and who serves DHCP once it boots.
void find_other_servers(const facts::Ports& ports, facts::Facts& facts);

}  // namespace timectl::features
