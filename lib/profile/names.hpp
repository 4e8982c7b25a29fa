// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: which host names a site and its sources can have.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace timectl::profile {

/// DNS ignores the case of letters (RFC 4343).
bool is_same_name(std::string_view a, std::string_view b);

/// What was expected instead of `name` as a host of the site; empty when it is right.
std::string wrong_host_name(const std::string& name);

/// Names in small letters that mean something on every host, by RFC 6761 section 6.3,
/// nss-myhostname(8), and what distributions put into /etc/hosts.
std::span<const std::string_view> local_names();

/// Why the host name `name` (RFC 1123) names no other machine; empty when it can.
std::string_view why_not_remote(std::string_view name);

}  // namespace timectl::profile
