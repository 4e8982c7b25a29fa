// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile_text.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::profile;
using namespace std::chrono_literals;
using test::parsed;
using test::site;

TEST_CASE("a server has a clock, sources, serves its subnet and is monitored") {
  const auto profile = parsed(site(R"("a": {"role": "server", "address": "192.168.4.2"})"));
  const Host& host = profile.hosts.at(0);
  REQUIRE(host.rtc);
  CHECK(host.rtc->chip == "ds3231");
  CHECK(host.rtc->address == 0x68);
  REQUIRE(host.sources);
  CHECK(host.sources->servers.empty());
  CHECK(host.sources->pools ==
        std::vector<std::string>{"0.debian.pool.ntp.org", "1.debian.pool.ntp.org"});
  REQUIRE(host.serve);
  CHECK(host.serve->allow == std::vector{*Subnet::parse("192.168.4.0/24")});
  CHECK(host.serve->local_stratum == 10);
  REQUIRE(host.monitor);
  CHECK(host.monitor->interval == 60s);
  CHECK_FALSE(host.client);
  CHECK_FALSE(host.dhcp);
  CHECK_FALSE(host.controller);
  CHECK(host.addresses[0].addressing == Addressing::none);
}

TEST_CASE("a client follows by timesyncd and is monitored") {
  const auto profile = parsed(site(R"("a": {"role": "server", "address": "192.168.4.2"},
    "b": {"role": "client", "address": "192.168.4.3"})"));
  const Host& host = profile.hosts.at(1);
  REQUIRE(host.client);
  CHECK(host.client->daemon == ClientDaemon::timesyncd);
  CHECK(host.client->poll_min == 32s);
  CHECK(host.monitor);
  CHECK_FALSE(host.rtc);
  CHECK_FALSE(host.sources);
  CHECK_FALSE(host.serve);
}

TEST_CASE("a stratum 1 server has a receiver, and sources that tell whether it is right") {
  const auto profile = parsed(site(R"("a": {"role": "stratum1", "address": "192.168.4.2"})"));
  const Host& host = profile.hosts.at(0);
  REQUIRE(host.gps);
  CHECK(host.gps->device.empty());
  CHECK(host.gps->pps_gpio == 18);
  CHECK_FALSE(host.gps->baud);
  CHECK_FALSE(host.gps->nmea_offset);
  CHECK(host.gps->is_stationary);
  CHECK(host.sources);
  CHECK(host.serve);
  CHECK(host.monitor);
  CHECK_FALSE(host.rtc);
  CHECK_FALSE(host.client);
  CHECK(runs_chrony(host));
}

TEST_CASE("an object overrides its feature key by key, wherever the role stands") {
  const auto profile = parsed(site(
      R"("a": {"serve": {"local_stratum": 9}, "sources": {"servers": ["x.org"]}, "rtc": {"bus": 3},
        "address": "192.168.4.2", "role": "server"})"));
  const Host& host = profile.hosts.at(0);
  CHECK(host.serve->local_stratum == 9);
  CHECK(host.serve->allow == std::vector{*Subnet::parse("192.168.4.0/24")});
  CHECK(host.sources->servers == std::vector<std::string>{"x.org"});
  CHECK(host.sources->pools.size() == 2);
  CHECK(host.rtc->bus == 3);
  CHECK(host.rtc->chip == "ds3231");
}

TEST_CASE("false and null remove a feature from the preset") {
  const auto profile = parsed(site(
      R"("a": {"role": "server", "address": "192.168.4.2", "sources": false, "monitor": null})"));
  CHECK_FALSE(profile.hosts.at(0).sources);
  CHECK_FALSE(profile.hosts.at(0).monitor);
  CHECK(profile.hosts.at(0).rtc);
}

TEST_CASE("an empty object adds a feature that the preset has not, with its defaults") {
  const auto profile = parsed(site(R"("a": {"role": "server", "address": "192.168.4.2"},
    "b": {"role": "client", "address": "192.168.4.3", "controller": {}, "dhcp": {}})"));
  CHECK(profile.hosts.at(1).controller->unit == "controller.service");
  CHECK(profile.hosts.at(1).dhcp->advertise_ntp);
  CHECK(profile.hosts.at(1).dhcp->reserve_servers);
}

TEST_CASE("values are kept in one form: a MAC in lower case, an I2C address as a number") {
  const auto profile = parsed(site(R"("a": {"role": "server", "address": "192.168.4.2",
    "mac": "B8-27-EB-12-34-56", "rtc": {"address": 104}},
    "b": {"role": "server", "address": "192.168.4.3", "rtc": {"chip": "mcp7941x", "address": "0x6F"}})"));
  CHECK(profile.hosts.at(0).addresses[0].mac == "b8:27:eb:12:34:56");
  CHECK(profile.hosts.at(0).rtc->address == 0x68);
  CHECK(profile.hosts.at(1).rtc->address == 0x6f);
}

TEST_CASE("a reservation may wait for its MAC address, or be a router's business") {
  CHECK_NOTHROW(parsed(site(R"("a": {"role": "server", "address": "192.168.4.2",
    "addressing": "reservation"})")));
  CHECK_NOTHROW(parsed(site(R"("a": {"role": "server", "address": "192.168.4.2",
    "addressing": "reservation"}, "b": {"role": "client", "address": "192.168.4.3", "dhcp": {}})")));
}

TEST_CASE("a host that only stands in the profile may have no feature at all") {
  CHECK_NOTHROW(parsed(site(R"("a": {"role": "client", "address": "192.168.4.2",
    "client": false, "monitor": false})")));
}

TEST_CASE(
    "what serves or polls others runs chronyd, a client what it chose, any other host nothing") {
  using profile::TimeDaemon;
  profile::Host host;
  CHECK(profile::time_daemon_of(host) == TimeDaemon::none);
  host.client = profile::ClientFeature{};
  CHECK(profile::time_daemon_of(host) == TimeDaemon::timesyncd);
  host.client->daemon = profile::ClientDaemon::chrony;
  CHECK(profile::time_daemon_of(host) == TimeDaemon::chrony);
  host.client.reset();
  host.sources = profile::SourcesFeature{};
  CHECK(profile::time_daemon_of(host) == TimeDaemon::chrony);
  host.sources.reset();
  host.serve = profile::ServeFeature{};
  CHECK(profile::time_daemon_of(host) == TimeDaemon::chrony);
}
