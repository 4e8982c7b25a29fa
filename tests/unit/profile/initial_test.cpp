// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/initial.hpp"

#include "base/error.hpp"
#include "profile/parse.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::profile;

namespace {

Profile parsed(const Beginning& beginning) {
  return parse_profile(initial_profile(beginning), "new",
                       [](const std::string&) { return std::string{}; });
}

Beginning client() {
  Beginning beginning;
  beginning.host = "main-pi";
  beginning.address = *Subnet::parse("10.0.7.1/24");
  beginning.interface = "eth0";
  beginning.server = "pi-ntp";
  beginning.server_address = *IpAddress::parse("10.0.7.2");
  return beginning;
}

}  // namespace

TEST_CASE("a first profile of a client has its server, and is valid with every answer") {
  auto beginning = client();
  for (const auto daemon : {ClientDaemon::timesyncd, ClientDaemon::chrony}) {
    for (const bool dhcp : {true, false}) {
      beginning.daemon = daemon;
      beginning.has_dhcp = dhcp;
      beginning.gateway = dhcp ? IpAddress::parse("10.0.7.254") : std::nullopt;
      beginning.controller = dhcp ? std::optional<std::string>{"heating.service"} : std::nullopt;
      const auto profile = parsed(beginning);
      REQUIRE(profile.hosts.size() == 2);
      CHECK(profile.servers().front()->addresses[0].address.text() == "10.0.7.2");
      const auto& host = profile.hosts.back();
      CHECK(host.client->daemon == daemon);
      CHECK(host.dhcp.has_value() == dhcp);
      CHECK(host.controller.has_value() == dhcp);
      CHECK(profile.networks[0].gateway == beginning.gateway);
    }
  }
}

TEST_CASE("a first profile of a server has its RTC or none, and says so in comments") {
  auto beginning = client();
  beginning.serves = true;
  for (const bool has_rtc : {true, false}) {
    beginning.rtc = has_rtc ? std::optional{RtcFeature{}} : std::nullopt;
    const auto profile = parsed(beginning);
    REQUIRE(profile.hosts.size() == 1);
    CHECK(profile.hosts.front().serve.has_value());
    CHECK(profile.hosts.front().rtc.has_value() == has_rtc);
    CHECK(profile.hosts.front().addresses[0].addressing == Addressing::static_address);
  }
  beginning.addressing = Addressing::none;
  CHECK(parsed(beginning).hosts.front().addresses[0].addressing == Addressing::none);
  CHECK(initial_profile(beginning).find("// Without a battery-backed clock") != std::string::npos);
}

TEST_CASE("an answer that would inject a key is a mistake of the profile") {
  auto beginning = client();
  beginning.controller = "x.service\", \"role\": \"server";
  CHECK_THROWS_AS(parsed(beginning), Error);
}

TEST_CASE("the interview asks for these keys, in these words") {
  using Questions = std::map<std::string, std::string>;
  CHECK(questions() ==
        Questions{
            {"/hosts/*/address", "The server's address"},
            {"/hosts/*/client/daemon", "What follows it: timesyncd or chrony"},
            {"/hosts/*/controller/unit", "The unit of the service that may save power, or none"},
            {"/hosts/*/dhcp", "Does dnsmasq on this host answer the site's DHCP questions"},
            {"/hosts/*/rtc", "Does it have a {chip} (a clock with a battery)"},
            {"/hosts/*/serve", "Does this host serve the time to the site"},
            {"/network/gateway", "The router's address, or none"},
            {"/network/subnet", "This host's address and subnet"}});
}
