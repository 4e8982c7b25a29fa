// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// A site with several networks: what is refused, and by which address hosts reach each other.
#include "profile/networks.hpp"

#include "profile/effective.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace timectl;
using namespace timectl::profile;
using test::mistakes_in;
using test::parsed;

namespace {

constexpr auto two_networks =
    R"("lan": {"subnet": "192.168.1.0/24", "gateway": "192.168.1.1"}, "hotspot": {"subnet": "10.3.141.0/24"})";

/// A profile whose networks stand on line 1, whose hub on line 2 and other hosts from line 3 on.
std::string site_of(const std::string& networks, const std::string& hub,
                    const std::string& others = "") {
  return R"({"networks": {)" + networks + "}, \"hosts\": {\n" + R"("hub": {"role": "server", )" +
         hub + "}" + (others.empty() ? "" : ",\n" + others) + "}}";
}

constexpr auto both_legs =
    R"("addresses": {"lan": "192.168.1.5", "hotspot": {"address": "10.3.141.1", "interface": "wlan0"}})";

std::string with_networks(const std::string& networks) {
  return site_of(networks, R"("addresses": {"lan": "192.168.1.5"})");
}
std::string with_hub(const std::string& hub) { return site_of(two_networks, hub); }
std::string with_host(const std::string& host) { return site_of(two_networks, both_legs, host); }

struct NetworkCase {
  std::string what;
  std::string text;
  std::string message;
};

const std::vector<NetworkCase> network_mistakes{
    {"network and networks",
     R"({"network": {"subnet": "192.168.4.0/24"}, "networks": {"lan": {"subnet": "192.168.1.0/24"}}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
     "site.json:1:55: /networks: found it beside \"network\", expected one of them\n"
     "site.json:2:36: /hosts/a/address: found an address without a network, expected "
     "\"addresses\": the site has \"networks\""},
    {"no network at all", R"({"networks": {}, "hosts": {
"a": {"role": "server", "addresses": {}}}})",
     "site.json:1:14: /networks: found no network, expected at least one\n"
     "site.json:2:38: /hosts/a/addresses: found no network, expected at least one"},
    {"networks that are taken away", R"({"networks": null, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
     "site.json:1:1: /: missing required key \"network\" or \"networks\""},
    {"a name of a network that is no plain word",
     with_networks(R"("lan": {"subnet": "192.168.1.0/24"}, "Hot spot": {"subnet": "10.0.0.0/8"})"),
     "site.json:1:52: /networks/Hot spot: found \"Hot spot\", expected a name of at most 32 "
     "lower-case letters, digits, '_' and '-' that begins with a letter"},
    {"overlapping subnets",
     with_networks(R"("lan": {"subnet": "192.168.1.0/24"}, "all": {"subnet": "192.168.0.0/16"})"),
     "site.json:1:70: /networks/all/subnet: found \"192.168.0.0/16\", which overlaps with "
     "192.168.1.0/24 of lan, expected a subnet of its own"},
    {"a gateway of another network",
     with_networks(
         R"("lan": {"subnet": "192.168.1.0/24", "gateway": "10.3.141.1"}, "hotspot": {"subnet": "10.3.141.0/24"})"),
     "site.json:1:62: /networks/lan/gateway: found \"10.3.141.1\", expected an address in "
     "192.168.1.0/24"},
    {"a network without a subnet", with_networks(R"("lan": {})"),
     "site.json:1:22: /networks/lan: missing required key \"subnet\""},
    {"a host in no network", with_hub(R"("rtc": false)"),
     "site.json:2:8: /hosts/hub: missing required key \"address\" or \"addresses\""},
    {"an unknown network",
     with_hub(R"("addresses": {"lan": "192.168.1.5", "hotspt": "10.3.141.1"})"),
     "site.json:2:73: /hosts/hub/addresses/hotspt: found the network \"hotspt\", expected one of "
     "lan, hotspot; did you mean \"hotspot\"?"},
    {"an address of another network", with_hub(R"("addresses": {"lan": "10.3.141.5"})"),
     "site.json:2:48: /hosts/hub/addresses/lan: found \"10.3.141.5\", expected an address in "
     "192.168.1.0/24"},
    {"the same of an object", with_hub(R"("addresses": {"lan": {"address": "10.3.141.5"}})"),
     "site.json:2:60: /hosts/hub/addresses/lan/address: found \"10.3.141.5\", expected an address "
     "in 192.168.1.0/24"},
    {"an object without an address", with_hub(R"("addresses": {"lan": {"interface": "eth0"}})"),
     "site.json:2:48: /hosts/hub/addresses/lan: missing required key \"address\""},
    {"address and addresses",
     with_hub(
         R"("address": "192.168.1.5", "mac": "b8:27:eb:12:34:56", "addresses": {"lan": "192.168.1.6"})"),
     "site.json:2:38: /hosts/hub/address: found it beside \"addresses\", expected it in there\n"
     "site.json:2:60: /hosts/hub/mac: found it beside \"addresses\", expected it in there"},
    {"an address without a network", with_hub(R"("address": "192.168.1.5")"),
     "site.json:2:38: /hosts/hub/address: found an address without a network, expected "
     "\"addresses\": the site has \"networks\""},
    {"names of networks that have none",
     test::site(R"("a": {"role": "server", "addresses": {"lan": "192.168.4.2"}})"),
     "site.json:2:38: /hosts/a/addresses: found names of networks, expected \"address\": the site "
     "has \"network\", without a name"},
    {"two hosts with one address",
     with_host(R"("b": {"role": "client", "addresses": {"hotspot": "10.3.141.1"}})"),
     "site.json:3:50: /hosts/b/addresses/hotspot: found \"10.3.141.1\", which hub has, expected an "
     "address of its own"},
    {"a client that shares no network with a server",
     site_of(two_networks, R"("addresses": {"lan": "192.168.1.5"})",
             R"("b": {"role": "client", "addresses": {"hotspot": "10.3.141.9"}})"),
     "site.json:3:6: /hosts/b/client: found no server in the networks of b, expected one: it has "
     "no other time"},
    {"an allow list without a client's network",
     site_of(two_networks, std::string{both_legs} + R"(, "serve": {"allow": ["192.168.1.0/24"]})",
             R"("b": {"role": "client", "addresses": {"hotspot": "10.3.141.9"}})"),
     "site.json:2:143: /hosts/hub/serve/allow: found no subnet with b (10.3.141.9), expected one: "
     "it asks this server"},
    {"a second static address whose interface is not known",
     with_hub(
         R"("addresses": {"lan": "192.168.1.5", "hotspot": {"address": "10.3.141.1", "addressing": "static"}})"),
     "site.json:2:74: /hosts/hub/addresses/hotspot: found no \"interface\", expected it: the host "
     "is in several networks, and this address is static"},
    {"DHCP on an interface that is not known", with_hub(std::string{both_legs} + R"(, "dhcp": {})"),
     "site.json:2:48: /hosts/hub/addresses/lan: found no \"interface\", expected it: the host is "
     "in "
     "several networks, and dnsmasq tells them apart by the interface"},
    {"one interface for two networks",
     with_hub(
         R"("addresses": {"lan": {"address": "192.168.1.5", "interface": "eth0"}, "hotspot": {"address": "10.3.141.1", "interface": "eth0"}})"),
     "site.json:2:147: /hosts/hub/addresses/hotspot/interface: found \"eth0\", which lan has, "
     "expected another interface"},
    {"DHCP in a network that the host is not in",
     with_hub(R"("addresses": {"lan": "192.168.1.5"}, "dhcp": {"networks": ["hotspot"]})"),
     "site.json:2:86: /hosts/hub/dhcp/networks/0: found \"hotspot\", expected a network that hub "
     "has an address in"},
    {"two hosts that answer DHCP in one network",
     site_of(two_networks,
             R"("addresses": {"lan": {"address": "192.168.1.5", "interface": "eth0"}}, "dhcp": {})",
             R"("b": {"role": "client", "addresses": {"lan": "192.168.1.6"}, "dhcp": {}})"),
     "site.json:3:70: /hosts/b/dhcp: found a second host with dhcp, expected only hub"},
};

const Host& host_of(const Profile& profile, const std::string& name) {
  for (const auto& host : profile.hosts) {
    if (host.name == name) return host;
  }
  throw std::out_of_range{name};
}

/// The servers of `name`, as "hub 10.3.141.1".
std::vector<std::string> servers_of(const Profile& profile, const std::string& name) {
  std::vector<std::string> found;
  for (const auto& server : servers_for(profile, host_of(profile, name))) {
    found.push_back(server.host->name + " " + server.address->address.text());
  }
  return found;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a mistake about networks is named with its place") {
  for (const auto& [what, text, message] : network_mistakes) {
    INFO(what);
    CHECK(mistakes_in(text) == message);
  }
}

TEST_CASE("a client follows the server's address in its own network") {
  const auto site = parsed(with_host(
      R"("a": {"role": "client", "addresses": {"lan": "192.168.1.20"}},
"b": {"role": "client", "addresses": {"hotspot": "10.3.141.20"}},
"c": {"role": "client", "addresses": {"hotspot": "10.3.141.21", "lan": "192.168.1.21"}})"));
  CHECK(servers_of(site, "a") == Texts{"hub 192.168.1.5"});
  CHECK(servers_of(site, "b") == Texts{"hub 10.3.141.1"});
  CHECK(servers_of(site, "c") == Texts{"hub 10.3.141.1"});
  CHECK(servers_of(site, "hub").empty());
}

TEST_CASE("a server is followed where it serves, and told of only there") {
  const auto site = parsed(site_of(
      two_networks, std::string{both_legs} + R"(, "serve": {"allow": ["192.168.1.0/24"]})",
      R"("c": {"role": "client", "addresses": {"hotspot": "10.3.141.21", "lan": "192.168.1.21"}})"));
  CHECK(servers_of(site, "c") == Texts{"hub 192.168.1.5"});
  CHECK(servers_in(site, "lan").size() == 1);
  CHECK(servers_in(site, "hotspot").empty());
}

TEST_CASE("a server that serves a part of a network is one of that network") {
  auto site = parsed(with_hub(both_legs));
  site.hosts[0].serve->allow = {*Subnet::parse("192.168.1.128/25"),
                                *Subnet::parse("10.3.141.0/24")};
  REQUIRE(servers_in(site, "lan").size() == 1);
  CHECK(servers_in(site, "lan").front().address->address.text() == "192.168.1.5");
  site.hosts[0].serve->allow = {*Subnet::parse("10.3.141.0/24")};
  CHECK(servers_in(site, "lan").empty());
}

TEST_CASE("an empty list of networks for DHCP is a mistake, not all of them") {
  const auto text = with_hub(std::string{both_legs} + R"(, "dhcp": {"networks": []})");
  CHECK(mistakes_in(text).find(
            "/hosts/hub/dhcp/networks: found an empty list, expected one network") !=
        std::string::npos);
}

TEST_CASE("servers of different networks do not ask each other") {
  const auto site =
      parsed(site_of(two_networks, R"("addresses": {"lan": "192.168.1.5"})",
                     R"("b": {"role": "server", "addresses": {"hotspot": "10.3.141.2"}},
"c": {"role": "client", "addresses": {"hotspot": "10.3.141.21", "lan": "192.168.1.21"}})"));
  CHECK(servers_of(site, "hub").empty());
  CHECK(servers_of(site, "b").empty());
  CHECK(servers_of(site, "c") == Texts{"hub 192.168.1.5", "b 10.3.141.2"});
}

TEST_CASE("a server without an allow list serves all networks that it is in") {
  const auto site = parsed(with_hub(both_legs));
  REQUIRE(site.hosts[0].serve->allow.size() == 2);
  CHECK(site.hosts[0].serve->allow[0].text() == "192.168.1.0/24");
  CHECK(site.hosts[0].serve->allow[1].text() == "10.3.141.0/24");
}

TEST_CASE("the default route leads through the first network whose gateway is another host") {
  const auto uplink = [](const std::string& networks) {
    const auto site = parsed(site_of(networks, both_legs));
    return uplink_of(site, site.hosts[0]).network;
  };
  CHECK(uplink(two_networks) == "lan");
  CHECK(uplink(R"("lan": {"subnet": "192.168.1.0/24", "gateway": "192.168.1.5"},
"hotspot": {"subnet": "10.3.141.0/24", "gateway": "10.3.141.254"})") == "hotspot");
  CHECK(uplink(R"("hotspot": {"subnet": "10.3.141.0/24"}, "lan": {"subnet": "192.168.1.0/24"})") ==
        "lan");
}

TEST_CASE("a host that is the gateway of one of its networks may have its address there static") {
  CHECK(
      mistakes_in(
          site_of(
              R"("lan": {"subnet": "192.168.1.0/24", "gateway": "192.168.1.1"}, "hotspot": {"subnet": "10.3.141.0/24", "gateway": "10.3.141.1"})",
              R"("addresses": {"lan": {"address": "192.168.1.5", "interface": "eth0"}, "hotspot": {"address": "10.3.141.1", "addressing": "static", "interface": "wlan0"}})"))
          .empty());
}

TEST_CASE("the effective text has networks by name, or the one without a name in the short form") {
  const auto text = effective_text(parsed(with_hub(both_legs)));
  CHECK(effective_text(parsed(text)) == text);
  const auto json = nlohmann::ordered_json::parse(text);
  CHECK_FALSE(json.contains("network"));
  CHECK(json["networks"]["hotspot"]["subnet"] == "10.3.141.0/24");
  const auto& hub = json["hosts"]["hub"];
  CHECK_FALSE(hub.contains("address"));
  CHECK_FALSE(hub.contains("addressing"));
  CHECK(hub["addresses"]["lan"] == "192.168.1.5");
  CHECK(hub["addresses"]["hotspot"]["interface"] == "wlan0");
  const auto short_form = nlohmann::ordered_json::parse(
      effective_text(parsed(test::site(R"("a": {"role": "server", "address": "192.168.4.2"})"))));
  CHECK_FALSE(short_form.contains("networks"));
  CHECK_FALSE(short_form["hosts"]["a"].contains("addresses"));
}

TEST_CASE("an extending profile replaces the one network by named ones") {
  const auto extends = [](const std::string&) {
    return test::site(
        R"("a": {"role": "server", "address": "192.168.4.2", "addressing": "static", "interface": "eth0"})");
  };
  const auto site = parsed(R"({"extends": "base", "network": null,
"networks": {"lan": {"subnet": "192.168.4.0/24"}},
"hosts": {"a": {"address": null, "addressing": null, "interface": null, "addresses": {"lan": "192.168.4.2"}}}})",
                           extends);
  CHECK(site.networks[0].name == "lan");
  CHECK(site.hosts[0].addresses[0].network == "lan");
  CHECK(site.hosts[0].addresses[0].addressing == Addressing::none);
}

TEST_CASE("an address that an extending profile gives as text keeps the keys beside it") {
  const auto extends = [](const std::string&) {
    return with_hub(
        R"("addresses": {"lan": "192.168.1.5", "hotspot": {"address": "10.3.141.1", "addressing": "static", "interface": "wlan0", "mac": "b8:27:eb:12:34:56"}})");
  };
  const auto hotspot = [&](const std::string& value) {
    const auto site = parsed(
        R"({"extends": "base", "hosts": {"hub": {"addresses": {"hotspot": )" + value + "}}}}",
        extends);
    return *address_in(site.hosts[0], "hotspot");
  };
  const auto kept = hotspot(R"("10.3.141.9")");
  CHECK(kept.address.text() == "10.3.141.9");
  CHECK(kept.addressing == Addressing::static_address);
  CHECK(kept.interface == "wlan0");
  CHECK(kept.mac == "b8:27:eb:12:34:56");
  const auto changed = hotspot(R"({"address": "10.3.141.9", "addressing": "none", "mac": null})");
  CHECK(changed.addressing == Addressing::none);
  CHECK(changed.interface == "wlan0");
  CHECK_FALSE(changed.mac);
}

TEST_CASE("an extending profile can add keys to an address that is a text") {
  const auto site = parsed(
      R"({"extends": "base", "hosts": {"hub": {"addresses": {"lan": {"interface": "eth0"}}}}})",
      [](const std::string&) { return with_hub(both_legs); });
  CHECK(address_in(site.hosts[0], "lan")->address.text() == "192.168.1.5");
  CHECK(address_in(site.hosts[0], "lan")->interface == "eth0");
}

TEST_CASE("a wrong address that stands over or under an object is named where it was written") {
  const auto over = [](const std::string& value) {
    return R"({"extends": "base",
"hosts": {"hub": {"addresses": {"hotspot": )" +
           value + "}}}}";
  };
  const auto base = [](const std::string&) { return with_hub(both_legs); };
  CHECK(mistakes_in(over(R"("10.3.141.x")"), base) ==
        "site.json:2:44: /hosts/hub/addresses/hotspot/address: found \"10.3.141.x\", expected an "
        "IPv4 address such as \"192.168.4.2\"");
  CHECK(mistakes_in(over("12"), base) ==
        "site.json:2:44: /hosts/hub/addresses/hotspot: found 12, expected text in double quotes");
  const auto wrong = [](const std::string&) {
    return with_hub(R"("addresses": {"lan": "192.168.1.5", "hotspot": "10.3.142.1"})");
  };
  CHECK(
      mistakes_in(over(R"({"interface": "wlan0"})"), wrong) ==
      "base:2:74: /hosts/hub/addresses/hotspot/address: found \"10.3.142.1\", expected an address "
      "in 10.3.141.0/24");
}
