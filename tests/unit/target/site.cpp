// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "site.hpp"

#include "features/feature.hpp"

namespace timectl::test {

using system::RootedPath;

profile::Host make_server(const std::string& name, const std::string& address) {
  profile::Host host;
  host.name = name;
  host.role = "server";
  host.addresses = {{"", *IpAddress::parse(address)}};
  host.addresses[0].addressing = profile::Addressing::static_address;
  host.rtc = profile::RtcFeature{};
  host.sources = profile::SourcesFeature{{}, {"0.debian.pool.ntp.org"}, 2};
  host.serve = profile::ServeFeature{{*Subnet::parse("192.168.4.0/24")}, 10};
  host.monitor = profile::MonitorFeature{};
  return host;
}

profile::Host make_client(const std::string& name, const std::string& address) {
  profile::Host host;
  host.name = name;
  host.role = "client";
  host.addresses = {{"", *IpAddress::parse(address)}};
  host.client = profile::ClientFeature{};
  host.client->fallback = {"0.debian.pool.ntp.org"};
  host.dhcp = profile::DhcpFeature{};
  host.monitor = profile::MonitorFeature{};
  return host;
}

profile::Profile make_site() {
  profile::Profile site;
  site.name = "test-site";
  site.networks = {{"",
                    *Subnet::parse("192.168.4.0/24"),
                    IpAddress::parse("192.168.4.1"),
                    {*IpAddress::parse("192.168.4.1")}}};
  site.hosts = {make_server("pi-ntp", "192.168.4.2"), make_client("main-pi", "192.168.4.1")};
  return site;
}

facts::Facts make_facts() {
  facts::Facts facts;
  facts.network = {facts::NetworkBackendName::networkd, {"systemd-networkd.service is enabled"}};
  facts.default_interface = "eth0";
  facts.packages = {{"chrony", {4, 3, "4.3-2"}}, {"systemd", {252, 39, "252.39-1"}}};
  facts.timectl_path = "/usr/bin/timectl";
  return facts;
}

target::Target render_host(const profile::Profile& site, const profile::Host& host,
                           const facts::Facts& facts) {
  return target::render(site, host, facts, features::contributions(), [](const RootedPath& path) {
    return target::built_in_template(path).value();
  });
}

const target::DesiredFile* find_file(const target::Target& target, const std::string& path) {
  const auto found = std::find_if(target.files.begin(), target.files.end(),
                                  [&](const auto& file) { return file.path.text() == path; });
  return found == target.files.end() ? nullptr : &*found;
}

std::string content_of(const target::Target& target, const std::string& path) {
  const auto* file = find_file(target, path);
  return file == nullptr ? "(no such file)" : file->content;
}

const target::DesiredUnit* find_unit(const target::Target& target, const std::string& name) {
  const auto found = std::find_if(target.units.begin(), target.units.end(),
                                  [&](const auto& unit) { return unit.name == name; });
  return found == target.units.end() ? nullptr : &*found;
}

bool has_file(const target::Target& target, const std::string& path) {
  return find_file(target, path) != nullptr;
}

bool has_unit(const target::Target& target, const std::string& name) {
  return find_unit(target, name) != nullptr;
}

}  // namespace timectl::test
