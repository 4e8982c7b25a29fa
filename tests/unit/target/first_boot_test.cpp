// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/first_boot.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::test;

TEST_CASE("a card that its first boot provisions gets a unit that is enabled, and no more") {
  const auto lookup = [](const auto& path) { return *target::built_in_template(path); };
  const auto profile = make_site();
  const auto& host = profile.hosts.front();
  target::FirstBootOrder order{.timectl = "/usr/bin/timectl",
                               .name = "0badcafe",
                               .directory = "/var/lib/timectl/first-boot/0badcafe"};
  auto card = target::first_boot(profile, host, order, lookup);
  REQUIRE(card.files.size() == 1);
  CHECK(card.packages.empty());
  REQUIRE(card.units.size() == 1);
  CHECK(card.units[0].name == target::first_boot_unit);
  CHECK(card.units[0].activity == target::Activity::unchanged);
  auto text = card.files[0].content;
  CHECK(text.find("ExecStart=/usr/bin/timectl provision --order 0badcafe --host " + host.name +
                  "\n") != std::string::npos);
  for (const auto* absent : {"apt-get", "network-online", "--take-over", "--no-rehearsal"}) {
    CHECK(text.find(absent) == std::string::npos);
  }
  order.brings_timectl = order.needs_network = order.take_over = order.no_rehearsal = true;
  text = target::first_boot(profile, host, order, lookup).files[0].content;
  for (const auto* present : {"/0badcafe/timectl.deb\n", "After=network-online.target\n",
                              " --take-over --no-rehearsal\n"}) {
    CHECK(text.find(present) != std::string::npos);
  }
}
