// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The address of a connection that exists already (nm-settings-keyfile(5)).
namespace timectl::backends {

/// What the section of a connection is to say.
struct KeyfileAddress {
  std::string section;  ///< "ipv4" or "ipv6"
  Subnet address;
  std::optional<IpAddress> gateway = {};
  std::vector<IpAddress> dns = {};  ///< none: those that the connection has stay
};

/// "method=manual", "address1=192.168.4.2/24,192.168.4.1", …: the lines that say it.
std::vector<std::string> keyfile_lines(const KeyfileAddress& wanted);

/// The file with these lines in place of those about method, addresses, gateway and, where there
/// are new ones, name servers. Every other byte stays, and all do where the file says it already.
std::string with_address(const std::string& text, const KeyfileAddress& wanted);

/// How many addresses the section gives.
std::size_t count_addresses(const std::string& text, const std::string& section);
/// Those besides `wanted`, for messages: the file is a secret, and nothing else in it is shown.
std::vector<std::string> other_addresses(const std::string& text, const KeyfileAddress& wanted);

}  // namespace timectl::backends
