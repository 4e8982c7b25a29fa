// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/chips.hpp"

#include "base/error.hpp"
#include "quality/wander.hpp"
#include "rtc/rtc.hpp"
#include "support/catch.hpp"

#include <set>

using namespace timectl;
using namespace timectl::rtc;

TEST_CASE("each chip has a name of its own, an address that a bus has, and a driver") {
  std::set<std::string_view> names;
  for (const auto& chip : chips()) {
    INFO(chip.name);
    CHECK(names.insert(chip.name).second);
    CHECK(find_chip(chip.name) == &chip);
    CHECK_FALSE(chip.part.empty());
    CHECK(chip.driver.starts_with("rtc-"));
    CHECK((!chip.is_on_bus() || (chip.address >= 0x08 && chip.address <= 0x77)));
    CHECK(chip.wander >= 1e-6);
    CHECK(chip.wander <= 200e-6);
    CHECK((chip.overlay_parameters.empty() || chip.overlay_parameters.starts_with(',')));
    CHECK(chip.loss_message.find('"') == std::string_view::npos);
  }
}

TEST_CASE("where nothing is said the chip is the usual one, with its address and its wander") {
  const Identity usual;
  const auto* chip = find_chip(usual.chip);
  REQUIRE(chip);
  CHECK(chip->address == usual.address);
  CHECK(chip->wander == quality::Wander{}.rtc);
}

TEST_CASE("an unknown chip is refused with the names of those that there are") {
  CHECK_FALSE(find_chip("banana-99"));
  try {
    chip_named("ds3213");
    FAIL("it is known");
  } catch (const Error& error) {
    CHECK(std::string{error.what()}.find("one of ds3231, ds1307, ") != std::string::npos);
    CHECK(error.hint() == "did you mean 'ds3231'?");
  }
}

TEST_CASE("a chip under another one's name has other registers, or a flag that is not looked at") {
  const auto& ds3231 = chip_named("ds3231");
  CHECK(consequence_of("ds1307", ds3231).find("2000-01-01") != std::string::npos);
  CHECK(consequence_of("ds3231", chip_named("ds1307")).find("registers") != std::string::npos);
  const auto sibling = consequence_of("ds3232", ds3231);
  CHECK(sibling.starts_with("as ds3232 the kernel takes the chip for a DS3232: its time may be"));
  CHECK(consequence_of("pcf8563", chip_named("pcf85063a")) ==
        "as pcf8563 the kernel uses the registers of the PCF8563, and the PCF85063A has others");
  CHECK(consequence_of("m41t80", chip_named("m41t62")).find("registers") != std::string::npos);
  CHECK(consequence_of("24c32", ds3231) == "the driver treats the chip as another one");
}
