// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// A tick that is killed between any two things it changes.
#include "features/controller/act_power_saving.hpp"
#include "history/ring.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

/// No Error: it is not caught, so nothing is tidied up.
struct Killed {};

/// False when the tick was over before its n-th change.
bool kill_at(Client& client, int n) {
  int left = n;
  const auto count = [&left] {
    if (--left == 0) throw Killed{};
  };
  client.files.before_change = count;
  client.services.before_change = count;
  bool killed = false;
  try {
    client.tick();
  } catch (const Killed&) {
    killed = true;
  }
  client.files.before_change = [] {};
  client.services.before_change = [] {};
  return killed;
}

bool saves_power(const Client& client) {
  const auto environment = client.services.environment_of(controller_unit);
  return std::find(environment.begin(), environment.end(), "CONSERVE_POWER=1") != environment.end();
}

/// 29 minutes, so that the next tick but one writes a block to the disk too.
void fill_history(Client& client) {
  for (int minute = 0; minute < 29; ++minute) {
    client.follow(server_address);
    client.tick();
    client.clock.advance(60s);
  }
}

void check_whole(const Client& client) {
  if (client.files.has(drop_in)) CHECK(client.files.at(drop_in) == saving_text());
  if (client.files.has(drop_in) || saves_power(client)) CHECK(client.files.has(given));
  CHECK(history::read_samples(client.files, {}).size() >= 29);
  CHECK_FALSE(read_state(client.files, client.clock.boot_id()).controller.empty());
}

}  // namespace

TEST_CASE("a tick that begins to save power, killed anywhere, is made good by the next") {
  int points = 0;
  for (int n = 1;; ++n) {
    INFO("killed before its change number " << n);
    Client client;
    client.server_dies();
    fill_history(client);
    client.server_is(FakeNtpServer{});
    client.follow(server_address);
    if (!kill_at(client, n)) break;
    ++points;
    check_whole(client);
    client.clock.advance(60s);
    client.follow(server_address);
    CHECK(client.tick().saving);
    CHECK(saves_power(client));
    CHECK(client.services.restarts.size() <= 2);
  }
  CHECK(points >= 10);
}

TEST_CASE("a tick that ends power saving, killed anywhere, is made good by the next") {
  int points = 0;
  for (int n = 1;; ++n) {
    INFO("killed before its change number " << n);
    Client client;
    fill_history(client);
    REQUIRE(saves_power(client));
    client.server_dies();
    if (!kill_at(client, n)) break;
    ++points;
    check_whole(client);
    client.clock.advance(60s);
    CHECK_FALSE(client.tick().saving);
    CHECK_FALSE(saves_power(client));
    CHECK_FALSE(client.files.has(drop_in));
  }
  CHECK(points >= 10);
}
