// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/profile.hpp"

#include "base/error.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"
#include "profile/parse.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::profile;
using namespace std::chrono_literals;

TEST_CASE("the built-in profile has the values of the original installation") {
  const test::FakeFiles files;
  const auto source = find_profile({}, files, files);
  CHECK(source.name == "missing-link");
  CHECK(source.origin == "built-in");
  const Profile profile = load_profile(source, files);
  CHECK(profile.name == "missing-link");
  CHECK(profile.networks[0].subnet.text() == "192.168.4.0/24");
  CHECK(profile.networks[0].gateway->text() == "192.168.4.1");
  REQUIRE(profile.hosts.size() == 2);

  const Host& server = profile.hosts[0];
  CHECK(server.name == "pi-ntp");
  CHECK(server.addresses[0].address.text() == "192.168.4.2");
  CHECK(server.addresses[0].addressing == Addressing::static_address);
  REQUIRE(server.rtc);
  CHECK(server.rtc->chip == "ds3231");
  CHECK(server.rtc->bus == 1);
  CHECK(server.rtc->address == 0x68);
  CHECK(server.sources->pools ==
        std::vector<std::string>{"0.debian.pool.ntp.org", "1.debian.pool.ntp.org"});
  CHECK(server.serve->local_stratum == 10);
  CHECK(server.serve->allow == std::vector{*Subnet::parse("192.168.4.0/24")});
  CHECK(server.monitor->interval == 60s);
  CHECK_FALSE(server.client);
  CHECK_FALSE(server.dhcp);

  const Host& client = profile.hosts[1];
  CHECK(client.name == "main-pi");
  CHECK(client.addresses[0].address.text() == "192.168.4.1");
  CHECK(client.addresses[0].addressing == Addressing::none);
  REQUIRE(client.client);
  CHECK(client.client->daemon == ClientDaemon::timesyncd);
  CHECK(client.client->fallback.size() == 3);
  CHECK(client.client->poll_max == 2048s);
  CHECK(client.controller->unit == "controller.service");
  CHECK_FALSE(client.serve);
  CHECK(profile.servers() == std::vector{&server});
}
