// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a profile may say of an RTC's chip.
#include "base/error.hpp"
#include "base/text.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"
#include "profile/limits.hpp"
#include "profile_text.hpp"
#include "rtc/chips.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <fmt/format.h>

using namespace timectl;
using namespace timectl::profile;
using test::mistakes_in;
using test::parsed;

namespace {

std::string with_rtc(const std::string& rtc) {
  return test::site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": )" + rtc + "}");
}

/// "found …, expected …" of the one mistake.
std::string mistake_in_rtc(const std::string& rtc) {
  const auto text = mistakes_in(with_rtc(rtc));
  return text.substr(std::min(text.find("/rtc"), text.size()));
}

/// The RTC of the first host of a profile that extends `name`.
RtcFeature extending(const std::string& name, const std::string& host, const std::string& rtc) {
  const test::FakeFiles files;
  const auto text =
      fmt::format(R"({{"extends": "{}", "hosts": {{"{}": {{"rtc": {}}}}}}})", name, host, rtc);
  const auto profile = parsed(text, [&](const std::string& wanted) {
    if (wanted == "placed") return with_rtc(R"({"bus": 3, "address": "0x68"})");
    return find_profile(wanted, files, files).text;
  });
  return profile.hosts.at(0).rtc.value();
}

}  // namespace

TEST_CASE("a chip brings its own address") {
  for (const auto& chip : rtc::chips()) {
    INFO(chip.name);
    const auto profile = parsed(with_rtc(fmt::format(R"({{"chip": "{}"}})", chip.name)));
    CHECK(profile.hosts[0].rtc->chip == chip.name);
    CHECK(profile.hosts[0].rtc->address == chip.address);
    const auto address = fmt::format(R"("address": "{:#04x}")", chip.address);
    const bool has_address = effective_text(profile).find(address) != std::string::npos;
    CHECK(has_address == chip.is_on_bus());
    const auto given = with_rtc(fmt::format(R"({{"chip": "{}", {}}})", chip.name, address));
    CHECK(mistakes_in(given).empty() == chip.is_on_bus());
  }
}

TEST_CASE("an unknown chip is told the known ones, and its address is not judged") {
  const auto known = join(rtc::chip_names(), ", ");
  CHECK(mistake_in_rtc(R"({"chip": "banana-99", "address": "0x52"})") ==
        "/rtc/chip: found \"banana-99\", expected the kernel's name of an RTC chip, one of " +
            known);
  CHECK(mistake_in_rtc(R"({"chip": "DS3231"})") ==
        "/rtc/chip: found \"DS3231\", expected the kernel's name of an RTC chip, one of " + known +
            "; did you mean \"ds3231\"?");
}

TEST_CASE("an address that the chip cannot have is a mistake, wherever the chip is named") {
  CHECK(mistake_in_rtc(R"({"address": "0x57"})") ==
        R"(/rtc/address: found "0x57", expected "0x68", the only address of the DS3231: leave the )"
        "address out");
  CHECK(
      mistake_in_rtc(R"({"address": 104, "chip": "rv3028"})") ==
      R"(/rtc/address: found 104, expected "0x52", the only address of the RV-3028-C7: leave the )"
      "address out, or name the chip that has it (ds3231, ds1307, ds1339, ds1340, pcf8523, "
      "bq32000, m41t62, m41t80, ds1337, ds1338, ds3232)");
}

TEST_CASE("what an earlier version took of a host's own profile does not end its monitor") {
  test::FakeFiles files;
  const auto keep = [&](const std::string& rtc) {
    files.put("/etc/timectl/profile.json", with_rtc(rtc));
    const auto source = find_profile(std::nullopt, files, files);
    CHECK_THROWS_AS(load_profile(source, files), Error);
    return load_kept_profile(source, files);
  };
  auto profile = keep(R"({"address": "0x57"})");
  CHECK(profile.hosts.at(0).rtc->address == 0x68);
  REQUIRE(profile.tolerated.size() == 1);
  CHECK(profile.tolerated[0].starts_with("/etc/timectl/profile.json:"));
  CHECK(profile.tolerated[0].find(": /hosts/a/rtc/address: found \"0x57\", expected \"0x68\"") !=
        std::string::npos);
  profile = keep(R"({"chip": "rx8130", "address": "0x32"})");
  CHECK_FALSE(profile.hosts.at(0).rtc);
  CHECK(profile.tolerated.size() == 1);
  CHECK_THROWS_AS(keep(R"({"address": "0x57", "bus": -1})"), Error);
  files.put("/root/site.json", with_rtc(R"({"address": "0x57"})"));
  CHECK_THROWS_AS(load_kept_profile(find_profile("/root/site.json", files, files), files), Error);
}

TEST_CASE("a clock that is on no bus has neither a bus nor an address") {
  CHECK(mistake_in_rtc(R"({"chip": "rpi-rtc", "bus": 1})") ==
        "/rtc/bus: found 1, expected no such key, because the Raspberry Pi 5 RTC is on no I2C bus "
        "(null takes away an extended profile's)");
  CHECK(mistake_in_rtc(R"({"chip": "rpi-rtc", "address": "0x68"})").starts_with("/rtc/address: "));
  const auto profile = parsed(with_rtc(R"({"chip": "rpi-rtc"})"));
  CHECK(effective_text(profile).find("\"bus\"") == std::string::npos);
}

TEST_CASE("another chip than the extended profile's needs its name alone, or null for the place") {
  CHECK(extending("missing-link", "pi-ntp", R"({"chip": "rv3028"})").address == 0x52);
  CHECK(extending("missing-link", "pi-ntp", R"({"chip": "rpi-rtc"})").address == 0);
  const auto rtc = extending("placed", "a", R"({"chip": "pcf8563", "bus": null, "address": null})");
  CHECK(rtc.bus == 1);
  CHECK(rtc.address == 0x51);
}

TEST_CASE("a chip without compensation may drift as far as its data sheet says") {
  auto profile = parsed(with_rtc("{}"));
  auto& host = profile.hosts[0];
  const auto warn_ppm = [&](const char* chip, int wanted) {
    host.rtc->chip = chip;
    host.monitor->drift_warn_ppm = wanted;
    return limits_of(profile, host).drift_warn_ppm;
  };
  CHECK(warn_ppm("ds3231", 5) == 5);
  CHECK(warn_ppm("ds3231", 1) == 1);
  CHECK(warn_ppm("ds1307", 5) == Approx(90));
  CHECK(warn_ppm("ds1307", 200) == 200);
  CHECK(limits_of(profile, host).drift_critical_ppm == Approx(180));
  host.rtc.reset();
  CHECK(limits_of(profile, host).drift_critical_ppm == 20);
}
