// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/dhcp.hpp"

#include <cstddef>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = timectl::probe::parse_dhcp_reply({data, size});
  if (reply && reply->ntp_servers.size() * 4 > size) std::abort();
  return 0;
}
