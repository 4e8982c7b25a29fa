// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "matchers.hpp"
#include "rtc/chips.hpp"
#include "site.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace timectl;
using namespace timectl::test;

namespace {

const auto* const config_txt = "/boot/firmware/config.txt";
const auto* const udev_rule = "/etc/udev/rules.d/85-timectl-rtc.rules";
const auto* const rtc_service = "/etc/systemd/system/timectl-rtc.service";

facts::Facts facts_of(const std::string& board) {
  auto facts = make_facts();
  facts.board = board;
  facts.boot_config = system::RootedPath{config_txt};
  return facts;
}

target::Target render_rtc(const std::string& chip, int bus, const facts::Facts& facts) {
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{chip, bus, rtc::chip_named(chip).address};
  return render_host(site, site.hosts[0], facts);
}

std::string config_of(const std::string& chip, int bus,
                      const std::string& board = "Raspberry Pi 4 Model B Rev 1.4") {
  return content_of(render_rtc(chip, bus, facts_of(board)), config_txt);
}

bool has_note(const target::Target& target, const std::string& words) {
  return std::any_of(target.notes.begin(), target.notes.end(),
                     [&](const auto& note) { return note.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("overlay, udev rule and unit of each chip agree on its name and address") {
  for (const auto& chip : rtc::chips()) {
    if (!chip.is_on_bus() || !chip.in_overlay) continue;
    INFO(chip.name);
    const auto target =
        render_rtc(std::string{chip.name}, 1, facts_of("Raspberry Pi Zero W Rev 1.1"));
    CHECK_THAT(content_of(target, config_txt),
               has(fmt::format("\ndtoverlay=i2c-rtc,{}{}\n", chip.name, chip.overlay_parameters)));
    CHECK_THAT(content_of(target, udev_rule),
               has(fmt::format("KERNELS==\"1-{:04x}\"", chip.address)));
    CHECK_THAT(content_of(target, rtc_service),
               has(fmt::format("rtc register --chip {} --bus 1 --address {:#04x}\n", chip.name,
                               chip.address)));
    CHECK(has_note(target, fmt::format("the {} appears with the overlay", chip.name)));
  }
}

TEST_CASE("an RV-3028 switches to its battery by the overlay until it reads its EEPROM again") {
  CHECK_THAT(config_of("rv3028", 1), has("dtoverlay=i2c-rtc,rv3028,backup-switchover-mode=3\n"));
  const auto pi = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  CHECK(has_note(render_rtc("rv3028", 1, pi),
                 "hwclock --rtc /dev/timectl/rtc --param-set bsm=2 (its EEPROM keeps that)"));
}

TEST_CASE("a chip whose battery is off on delivery has it switched on where its device really is") {
  CHECK(has_note(render_rtc("rv3028", 3, make_facts()),
                 "hwclock --rtc /dev/$(ls /sys/bus/i2c/devices/3-0052/rtc) --param-set bsm=2"));
  const auto pi = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  CHECK_THAT(config_of("rv3032", 1), has("dtoverlay=i2c-rtc,rv3032\n"));
  CHECK(has_note(render_rtc("rv3032", 1, pi), "hwclock --rtc /dev/timectl/rtc --param-set bsm=2"));
  CHECK(has_note(render_rtc("pcf2131", 3, pi),
                 "(where the kernel refuses that: i2cset -f -y 3 0x53 2 0)"));
  CHECK_FALSE(has_note(render_rtc("pcf2127", 1, pi), "hwclock"));
  CHECK_FALSE(has_note(render_rtc("ds3231", 1, make_facts()), "hwclock"));
}

TEST_CASE("the plan says of a chip without a flag that it does not tell of a lost time") {
  const auto pi = facts_of("Raspberry Pi Zero W Rev 1.1");
  CHECK(has_note(render_rtc("ds1307", 1, pi), "the DS1307 does not tell that it lost power"));
  CHECK_FALSE(has_note(render_rtc("ds3231", 1, pi), "lost power"));
}

TEST_CASE("another bus is switched on in the overlay's words") {
  CHECK_THAT(config_of("ds3231", 0), has("dtparam=i2c_vc=on\ndtoverlay=i2c-rtc,i2c0,ds3231\n"));
  CHECK_THAT(config_of("ds3231", 3), has("dtoverlay=i2c3\ndtoverlay=i2c-rtc,i2c3,ds3231\n"));
  CHECK_THROWS_AS(config_of("ds3231", 2), Error);
}

TEST_CASE("the RTC of a Compute Module 4's IO board is on the second half of bus 0") {
  const auto target =
      render_rtc("pcf85063a", 10, facts_of("Raspberry Pi Compute Module 4 Rev 1.0"));
  CHECK_THAT(content_of(target, config_txt),
             has("dtparam=i2c_vc=on\ndtoverlay=i2c-rtc,i2c_csi_dsi,pcf85063a\n"));
  CHECK_THAT(content_of(target, udev_rule), has("KERNELS==\"10-0051\""));
  for (const auto* board : {"Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 500 Rev 1.0",
                            "Raspberry Pi Compute Module 5 Rev 1.0"}) {
    CHECK_THROWS_AS(config_of("pcf85063a", 10, board), Error);
  }
}

TEST_CASE("a Pi 5's own clock is waited for, and neither an overlay nor a registration makes it") {
  const auto target = render_rtc("rpi-rtc", 1, facts_of("Raspberry Pi 5 Model B Rev 1.0"));
  CHECK_FALSE(has_file(target, config_txt));
  CHECK_THAT(content_of(target, udev_rule), has("SUBSYSTEM==\"rtc\", DRIVERS==\"rpi-rtc\", "));
  const auto unit = content_of(target, rtc_service);
  CHECK_THAT(unit, has("\nAfter=dev-timectl-rtc.device\n"));
  CHECK_THAT(unit, !has("rtc register"));
  CHECK_THAT(unit, has("rtc hctosys\n"));
  CHECK(has_note(target, "has its battery on J5"));
  CHECK(has_note(target, "does not tell that it lost power"));
  CHECK_THROWS_AS(render_rtc("rpi-rtc", 1, facts_of("Raspberry Pi 4 Model B Rev 1.4")), Error);
  CHECK_THROWS_AS(render_rtc("rpi-rtc", 1, make_facts()), Error);
}

TEST_CASE("the command that registers the chip now is told which one") {
  const auto note = [](const std::string& chip, int bus) {
    auto site = make_site();
    site.hosts[0].rtc = profile::RtcFeature{chip, bus, rtc::chip_named(chip).address};
    return render_host(site, site.hosts[0], make_facts());
  };
  CHECK(has_note(note("ds3231", 1), "'timectl rtc register' does it now"));
  CHECK(has_note(note("ds3231", 3), "'timectl rtc register --chip ds3231 --bus 3 --address 0x68'"));
  CHECK(has_note(note("rv3028", 1), "'timectl rtc register --chip rv3028 --bus 1 --address 0x52'"));
}

TEST_CASE(
    "a chip that the firmware's overlay does not know is registered elsewhere, and refused on a "
    "Pi") {
  for (const auto& chip : rtc::chips()) {
    if (chip.in_overlay) continue;
    const std::string name{chip.name};
    INFO(name);
    CHECK_THROWS_AS(render_rtc(name, 1, facts_of("Raspberry Pi 4 Model B Rev 1.4")), Error);
    CHECK_THAT(
        content_of(render_rtc(name, 1, make_facts()), rtc_service),
        has(fmt::format("rtc register --chip {} --bus 1 --address {:#04x}", name, chip.address)));
  }
}
