// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/claims.hpp"

#include "features/feature.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "target/draft.hpp"

#include <array>

using namespace timectl;
using namespace timectl::target;
using namespace timectl::test;

namespace {

std::vector<Conflict> conflicts_with(std::span<const Contribution> contributions) {
  const auto site = make_site();
  const TemplateLookup templates = [](const system::RootedPath& path) {
    return built_in_template(path).value();
  };
  return render(site, site.hosts[0], make_facts(), contributions, templates).conflicts;
}

constexpr Contribution heater{Phase::hardware, [](Draft& draft) {
                                draft.claim({ClaimKind::i2c_address, "1:0x68", "the heater", true,
                                             "/etc/heater.conf line 3"});
                              }};
constexpr Contribution lamp{
    Phase::services, [](Draft& draft) {
      draft.claim({ClaimKind::i2c_address, "1:0x68", "the lamp", true, "/etc/lamp.conf line 7"});
    }};
constexpr Contribution reader{
    Phase::services, [](Draft& draft) {
      draft.claim({ClaimKind::i2c_address, "1:0x68", "the reader", false, "/etc/reader.conf"});
    }};
constexpr Contribution time_server{
    Phase::services, [](Draft& draft) {
      draft.claim({ClaimKind::udp_port, "123", "another server", true, "/etc/another.conf line 1"});
    }};

facts::Facts pi_with_overlays(std::vector<facts::Overlay> overlays) {
  auto facts = make_facts();
  facts.board = "Raspberry Pi Zero 2 W Rev 1.0";
  facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  facts.overlays = std::move(overlays);
  return facts;
}

std::vector<Conflict> conflicts_on(const facts::Facts& facts) {
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{};
  return render_host(site, site.hosts[0], facts).conflicts;
}

}  // namespace

TEST_CASE("two features that claim one object exclusively are refused with both places") {
  const auto conflicts = conflicts_with(std::array{heater, lamp});
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].reason ==
        "I2C address 1:0x68 can have one owner only, and both the heater (/etc/heater.conf line 3) "
        "and the lamp (/etc/lamp.conf line 7) use it");
  CHECK(conflicts[0].remedy.find("the lamp out of /etc/lamp.conf line 7") != std::string::npos);
}

TEST_CASE("shared claims are fine, and so are two of one owner") {
  CHECK(conflicts_with(std::array{heater, heater}).empty());
  CHECK(conflicts_with(std::array{heater, reader}).empty());
  CHECK(conflicts_with(std::array{reader, reader}).empty());
  // However often each of them says so, it is one conflict.
  CHECK(conflicts_with(std::array{heater, lamp, heater, lamp}).size() == 1);
}

TEST_CASE("what timectl sets up itself is claimed") {
  auto contributions = features::contributions();
  contributions.push_back(time_server);
  const auto conflicts = conflicts_with(contributions);
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].reason ==
        "UDP port 123 can have one owner only, and both chronyd "
        "(/etc/chrony/conf.d/50-timectl.conf) and another server (/etc/another.conf line 1) use "
        "it");
}

TEST_CASE("another chip that config.txt has at the RTC's address is a conflict with its line") {
  const auto conflicts = conflicts_on(pi_with_overlays({{"i2c-rtc", {"ds1307"}, 12}}));
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].reason.find("the RTC ds1307 (/boot/firmware/config.txt line 12)") !=
        std::string::npos);
  CHECK(conflicts[0].reason.find("the RTC ds3231 (\"rtc\" of the host in the profile)") !=
        std::string::npos);
}

TEST_CASE("another address, another bus and another overlay are no conflict") {
  CHECK(conflicts_on(pi_with_overlays({{"i2c-rtc", {"pcf8563"}, 12}})).empty());
  CHECK(conflicts_on(pi_with_overlays({{"i2c-rtc", {"i2c0", "ds1307"}, 12}})).empty());
  CHECK(conflicts_on(pi_with_overlays({{"i2c-rtc", {"ds1307", "i2c_csi_dsi"}, 12}})).empty());
  CHECK(conflicts_on(pi_with_overlays({{"i2c-rtc", {"ds1307", "addr=0x50"}, 12}})).empty());
  CHECK(conflicts_on(pi_with_overlays({{"w1-gpio", {"ds1307"}, 12}, {"i2c-rtc", {}, 13}})).empty());
}
