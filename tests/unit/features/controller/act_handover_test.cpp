// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/handover.hpp"
#include "monitor/state.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;

TEST_CASE("a controller that will not be checked any more does not go on saving power") {
  for (const std::string next : {"", "other.service"}) {
    Client client;
    client.tick();
    const auto tick = withdraw_from_controller(client.ports, features::steps(), next);
    CHECK(tick.restarted);
    CHECK_FALSE(client.files.has(drop_in));
    CHECK_FALSE(client.files.has(given));
    CHECK(client.services.environment_of(controller_unit) ==
          std::vector<std::string>{"PATH=/usr/bin"});
    const auto state = read_state(client.files, client.clock.boot_id());
    CHECK(state.controller.empty());
    CHECK(state.given.empty());
    CHECK(state.restarting_from.empty());
    CHECK(withdraw_from_controller(client.ports, features::steps(), next).actions.empty());
  }
}

TEST_CASE("a controller that stays the same is left alone by a change") {
  Client client;
  client.tick();
  CHECK(withdraw_from_controller(client.ports, features::steps(), controller_unit).actions.empty());
  CHECK(client.files.has(drop_in));
  CHECK(client.services.restarts.size() == 1);
}

TEST_CASE("a controller that could not be told is not forgotten") {
  Client client;
  client.tick();
  client.services.restart_fails = true;
  CHECK_FALSE(
      withdraw_from_controller(client.ports, features::steps(), "").could_update_power_saving);
  CHECK(read_state(client.files, client.clock.boot_id()).controller == controller_unit);
  CHECK(client.files.has(given));
}
