// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/configured.hpp"

#include "changes.hpp"
#include "support/catch.hpp"

#include <array>

using namespace timectl;
using test::plan_of;

namespace {

std::string text_of(const reach::ConfiguredBy& all) {
  const auto found = all.find("eth0");
  if (found == all.end()) return "nothing";
  std::string text;
  for (const auto& each : found->second.addresses) text += each.text() + " ";
  const auto& gateway = found->second.gateway;
  return text + (gateway ? "by " + gateway->text() : "by none");
}

struct Syntax {
  const char* subject;
  const char* text;
};

constexpr std::array syntaxes{
    Syntax{"networkd:eth0",
           "[Match]\nName=eth0\n\n[Network]\nAddress=192.168.4.2/24\nGateway=192.168.4.1\n"
           "DNS=192.168.4.9\n[Route]\nDestination=10.0.0.0/8\n"},
    Syntax{"network_manager:timectl-eth0",
           "[connection]\nid=timectl-eth0\ninterface-name=eth0\n\n[ipv4]\nmethod=manual\n"
           "address1=192.168.4.2/24,192.168.4.1\ndns=192.168.4.9;\n\n[ipv6]\nmethod=auto\n"},
    Syntax{"network_manager:*",
           "[connection]\nid=mine\ninterface-name=eth0\n[ipv4]\n"
           "address1=192.168.4.2/24,192.168.4.1\n"},
    Syntax{"netplan:eth0",
           "network:\n  version: 2\n  ethernets:\n    \"eth0\":\n      dhcp4: false\n"
           "      addresses:\n        - \"192.168.4.2/24\"\n      routes:\n"
           "        - to: \"0.0.0.0/0\"\n          via: \"192.168.4.1\"\n"
           "      nameservers:\n        addresses:\n          - \"192.168.4.9\"\n"},
    Syntax{"netplan:eth0",
           "network: {ethernets: {eth0: {addresses: [192.168.4.2/24], gateway4: 192.168.4.1}}}\n"},
    Syntax{"ifupdown:eth0",
           "auto eth0\niface eth0 inet static\n    address 192.168.4.2/24 # not 192.168.4.3/24\n"
           "    gateway 192.168.4.1\n    dns-nameservers 192.168.4.9\n"},
    Syntax{"dhcpcd:eth0",
           "duid\n#static ip_address=192.168.0.10/24\ninterface wlan0\n"
           "static ip_address=10.0.0.2/24\ninterface eth0\nstatic ip_address=192.168.4.2/24\n"
           "static routers=192.168.4.1\nstatic domain_name_servers=192.168.4.9\n"},
};

}  // namespace

TEST_CASE("each back end's file says what it gives the interface", "[reach]") {
  for (const auto& each : syntaxes) {
    INFO(each.text);
    CHECK(text_of(reach::configured_by(plan_of({}, each.text, each.subject)).after) ==
          "192.168.4.2/24 by 192.168.4.1");
  }
}

TEST_CASE("an address whose netmask is on another line is one all the same", "[reach]") {
  const auto all = reach::configured_by(
      plan_of("iface eth0 inet static\n address 192.168.1.50\n netmask 255.255.255.0\n"
              " gateway 192.168.1.1\n",
              "#iface eth0 inet static\n# address 192.168.1.50\n", "ifupdown:eth0"));
  CHECK(text_of(all.before) == "192.168.1.50/24 by 192.168.1.1");
  CHECK(text_of(all.after) == "nothing");
}

TEST_CASE("of a file of netplan's only the interface's own definition counts", "[reach]") {
  const std::string other = "    eth1:\n      addresses: [192.168.1.60/24]\n";
  const std::string head = "network:\n  ethernets:\n";
  const auto all =
      reach::configured_by(plan_of(head + "    eth0:\n      addresses: [192.168.1.50/24]\n" + other,
                                   head + other, "netplan:eth0"));
  CHECK(text_of(all.before) == "192.168.1.50/24 by none");
  CHECK(text_of(all.after) == "nothing");
}

TEST_CASE("the gateway of another route is not the default one", "[reach]") {
  const std::string routes =
      "      routes:\n        - to: 10.9.0.0/16\n          via: 192.168.4.254\n"
      "        - to: default\n          via: 192.168.4.1\n";
  const auto netplan = reach::configured_by(
      plan_of({}, "network:\n  ethernets:\n    eth0:\n      addresses: [192.168.4.2/24]\n" + routes,
              "netplan:eth0"));
  CHECK(text_of(netplan.after) == "192.168.4.2/24 by 192.168.4.1");
  CHECK(netplan.after.at("eth0").networks == std::vector{*Subnet::parse("10.9.0.0/16")});
  const auto networkd = reach::configured_by(
      plan_of({},
              "[Match]\nName=eth0\n[Network]\nAddress=192.168.4.2/24\n[Route]\n"
              "Gateway=192.168.4.254\nDestination=10.9.0.0/16\n"));
  CHECK(text_of(networkd.after) == "192.168.4.2/24 by none");
}

TEST_CASE("a change of one section of dhcpcd's file is none of the others", "[reach]") {
  const std::string other = "interface wlan0\nstatic ip_address=10.0.0.2/24\n";
  const auto all = reach::configured_by(
      plan_of(other, other + "interface eth0\nstatic ip_address=192.168.4.2/24\n", "dhcpcd:eth0"));
  CHECK(all.interfaces == std::set<std::string>{"eth0"});
}

TEST_CASE("files that no network back end reads say nothing of addresses", "[reach]") {
  auto plan = plan_of({}, "allow 192.168.4.2/24\n");
  std::get<plan::FileChange>(plan.changes[0]).reactions = {
      {target::ReactionKind::restart, "chrony.service"}};
  CHECK(reach::configured_by(plan).interfaces.empty());
}
