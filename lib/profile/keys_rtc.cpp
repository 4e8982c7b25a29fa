// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/tables.hpp"
#include "rtc/chips.hpp"

#include <fmt/format.h>

namespace timectl::profile {

namespace {

/// The chip brings its address. It is the table's first key, so that an address is compared with
/// the chip that it is given for; with none where the chip is a mistake.
struct ChipAccess : ValueAccess<&RtcFeature::chip, kind::Chip> {
  static void read(const Spot& spot, RtcFeature& rtc) {
    rtc.chip = kind::Chip::read(spot).value_or("");
    if (const auto* chip = rtc::find_chip(rtc.chip)) rtc.address = chip->address;
  }
};

/// Of a key that says where the chip is. null takes away what an extended profile said.
template <auto member, typename Kind>
struct PlaceAccess {
  static void read(const Spot& spot, RtcFeature& rtc) {
    if (spot.value.kind == Value::Kind::null) return;
    const auto* chip = rtc::find_chip(rtc.chip);
    if (chip && !chip->is_on_bus()) {
      spot.reject_outdated(fmt::format(
          "no such key, because the {} is on no I2C bus (null takes away an extended profile's)",
          chip->part));
    } else {
      ValueAccess<member, Kind>::read(spot, rtc);
    }
  }
  static std::optional<Value> write(const RtcFeature& rtc) {
    const auto* chip = rtc::find_chip(rtc.chip);
    if (chip && !chip->is_on_bus()) return std::nullopt;
    return Kind::write(rtc.*member);
  }
  static Shape shape() { return {Form::value, or_null(Kind::rule()), {}}; }
};

using BusAccess = PlaceAccess<&RtcFeature::bus, kind::Number<0, 255>>;

/// The chips that have this address; "" for none.
std::string names_at(int address) {
  std::vector<std::string> names;
  for (const auto& chip : rtc::chips()) {
    if (chip.address == address) names.emplace_back(chip.name);
  }
  return join(names, ", ");
}

struct AddressAccess : PlaceAccess<&RtcFeature::address, kind::I2cAddress> {
  static void read(const Spot& spot, RtcFeature& rtc) {
    RtcFeature given = rtc;
    PlaceAccess::read(spot, given);
    const auto* chip = rtc::find_chip(rtc.chip);
    if (!chip || given.address == chip->address) return;
    const auto others = names_at(given.address);
    spot.reject_outdated(fmt::format(
        "\"{:#04x}\", the only address of the {}: leave the address out{}", chip->address,
        chip->part,
        others.empty() ? "" : fmt::format(", or name the chip that has it ({})", others)));
  }
};

/// null is the default, for a profile that extends one with another value.
struct BatteryAccess : ValueAccess<&RtcFeature::battery_years, kind::Number<0, 20>> {
  static void read(const Spot& spot, RtcFeature& rtc) {
    if (spot.value.kind != Value::Kind::null) ValueAccess::read(spot, rtc);
  }
  static Shape shape() { return {Form::value, or_null(kind::Number<0, 20>::rule()), {}}; }
};

constexpr Field<RtcFeature> rtc_fields[] = {
    {.key = "chip",
     .access = access_by<ChipAccess, RtcFeature>,
     .description = "The kernel's name of the chip. A DS3231 is ds3231, never ds1307: under that "
                    "name the kernel trusts it after its battery died.",
     .manual =
         "The kernel's name of the chip.\nA DS3231 is *{default}*, the default, and never "
         "*ds1307*: under that name the kernel trusts it after its battery died.\nThe chips that "
         "timectl knows, by the address that each has:\n*s35390a* (0x30),\n*rv8803* and *sd3078* "
         "(0x32),\n*pcf8563*, *pcf85063*, *pcf85063a*, *pcf85363*, *pcf2127*, *pcf2129* and "
         "*rv3032* (0x51),\n*rv3028* (0x52),\n*pcf2131* (0x53),\n*ds3231*, *ds1307*, *ds1339*, "
         "*ds1340*, *pcf8523*, *bq32000*, *m41t62* and *m41t80* (0x68),\n*rv1805* and *abx80x* "
         "(0x69),\n*mcp7940x* and *mcp7941x* (0x6f),\nand on boards other than a "
         "Raspberry Pi *ds1337*, *ds1338* and *ds3232* (0x68), *rx8025* (0x32), *hym8563* and "
         "*pcf85063tp* (0x51), *ab0805* and *ab1805* (0x69) and *isl1208* (0x6f);\n*rpi-rtc* is a "
         "Pi 5's own clock, which has no `bus` and no `address`."},
    {.key = "bus",
     .access = access_by<BusAccess, RtcFeature>,
     .description = "Number of the I2C bus. Not for rpi-rtc. null restores the default in a "
                    "profile that extends one with another bus.",
     .manual = "Number of the I2C bus, {range}.\n"
               "*null* restores the default in a profile that extends one with another bus."},
    {.key = "address",
     .access = access_by<AddressAccess, RtcFeature>,
     .description = "Address on the bus, as a number or as hexadecimal text. It is the chip's own "
                    "by default, which null stands for, and no chip that timectl knows can have "
                    "another. Not for rpi-rtc.",
     .manual = "Address on the bus, as \"0x68\" or as a number.\n"
               "Default: the chip's own, which *null* stands for too.\n"
               "No chip in this list can have another one, so that an address is wrong where it "
               "differs.",
     .default_from = Default::derived},
    {.key = "battery_years",
     .access = access_by<BatteryAccess, RtcFeature>,
     .description = "After how many years its battery is to be replaced; 0: its age is not "
                    "watched. null restores the default in a profile that extends one with another "
                    "number.",
     .manual = "After how many years its battery is to be replaced, {range}; 0: its age is not "
               "watched.\n"
               "`timectl rtc battery --replaced` records the date.\n"
               "*null* restores the default in a profile that extends one with another number."},
};

}  // namespace

constinit const Table<RtcFeature> rtc_table{.fields = rtc_fields, .title = "rtc"};

}  // namespace timectl::profile
