// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/chrony_clients.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::system;

TEST_CASE("chronyc's clients are read one a line, and what is not known is nothing") {
  const auto clients = parse_chrony_clients(
      "192.168.4.1,12,3,6,127,41,0,0,127,4294967295\n"
      "fd00::7,0,0,127,127,4294967295,5,0,2,9\n");
  REQUIRE(clients.size() == 2);
  CHECK(clients[0].address == "192.168.4.1");
  CHECK(clients[0].requests == 12);
  CHECK(clients[0].dropped == 3);
  CHECK(clients[0].interval == Seconds{64});
  CHECK(clients[0].since_last == Seconds{41});
  CHECK(clients[1].address == "fd00::7");
  CHECK(clients[1].requests == 0);
  CHECK_FALSE(clients[1].interval);
  CHECK_FALSE(clients[1].since_last);
  CHECK(parse_chrony_clients("").empty());
}

TEST_CASE("a client is who asked for the time, and is not this host itself") {
  ChronyClient client{"192.168.4.1", 12, 0, {}, {}};
  CHECK(is_served(client));
  client.address = "::1";
  CHECK_FALSE(is_served(client));
  client.address = "127.0.0.1";
  CHECK_FALSE(is_served(client));
  CHECK_FALSE(is_served({"192.168.4.1", 0, 0, {}, {}}));
}

TEST_CASE("chronyc's serverstats begin with what was asked and what was dropped") {
  const auto stats = parse_chrony_server_stats("30,21,2,0,0,0,0,0,0,0,0\n");
  CHECK(stats.requests == 30);
  CHECK(stats.dropped == 21);
  CHECK(parse_chrony_server_stats("9000000000,1").requests == 9'000'000'000U);
  for (const auto* line : {"", "30", "30,-1,2", "501 Not authorised", "a,b"}) {
    CHECK_THROWS_AS(parse_chrony_server_stats(line), Error);
  }
}

TEST_CASE("a line of another shape is an error that shows it") {
  for (const auto* line : {"192.168.4.1,12,3", "192.168.4.1,-1,3,6,127,41,0,0,127,0",
                           "192.168.4.1,12,3,200,127,41,0,0,127,0", "501 Not authorised"}) {
    CHECK_THROWS_AS(parse_chrony_clients(line), Error);
  }
}
