// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/render.hpp"

#include <algorithm>
#include <string>

/// A site made by hand, so that render is tested without the parser.
namespace timectl::test {

profile::Host make_server(const std::string& name, const std::string& address);
profile::Host make_client(const std::string& name, const std::string& address);
/// One server (192.168.4.2) and one client (192.168.4.1).
profile::Profile make_site();

/// Debian 12 with eth0 and systemd-networkd, timectl installed.
facts::Facts make_facts();

/// Renders with the built-in templates.
target::Target render_host(const profile::Profile& site, const profile::Host& host,
                           const facts::Facts& facts);

/// nullptr when the target has no such file.
const target::DesiredFile* find_file(const target::Target& target, const std::string& path);
const target::DesiredFile* find_file(target::Target&&, const std::string&) = delete;
/// The content of a file that the target must have.
std::string content_of(const target::Target& target, const std::string& path);
const target::DesiredUnit* find_unit(const target::Target& target, const std::string& name);
const target::DesiredUnit* find_unit(target::Target&&, const std::string&) = delete;

bool has_file(const target::Target& target, const std::string& path);
bool has_unit(const target::Target& target, const std::string& name);

template <typename List, typename Value>
bool contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace timectl::test
