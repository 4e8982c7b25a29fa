// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"
#include "rtc/chips.hpp"

#include <fmt/format.h>

namespace timectl::profile {

namespace {

/// The chip brings its address. It is the table's first key, so that an address is compared with
/// the chip that it is given for.
struct ChipAccess : ValueAccess<&RtcFeature::chip, kind::Chip> {
  static void read(const Spot& spot, RtcFeature& rtc) {
    rtc.chip = kind::Chip::read(spot).value_or("");
    if (const auto* chip = rtc::find_chip(rtc.chip)) rtc.address = chip->address;
  }
};

struct ChipAddressAccess : ValueAccess<&RtcFeature::address, kind::I2cAddress> {
  static void read(const Spot& spot, RtcFeature& rtc) {
    const auto address = kind::I2cAddress::read(spot);
    const auto* chip = rtc::find_chip(rtc.chip);
    if (!address || !chip || *address == chip->address) return;
    spot.reject(fmt::format("\"{:#04x}\", the only address of the {}", chip->address, chip->part));
  }
};

constexpr Field<RtcFeature> rtc_fields[] = {
    {.key = "chip",
     .access = access_by<ChipAccess, RtcFeature>,
     .description = "The kernel's name of the chip. A DS3231 is ds3231, never ds1307: under that "
                    "name the kernel believes it after its battery died.",
     .manual = "The kernel's name of the chip.\n"
               "A DS3231 is *{default}*, the default, and never *ds1307*: under that name the "
               "kernel believes it after its battery died.\n"
               "The chips that timectl knows, by the address that each has:\n"
               "*ds3231*, *ds1307*, *ds1339*, *ds1340* and *pcf8523* (0x68),\n"
               "*pcf8563*, *pcf85063*, *pcf85063a*, *pcf2127* and *pcf2129* (0x51),\n"
               "*rv3028* (0x52),\n"
               "*rv1805* and *abx80x* (0x69),\n"
               "*mcp7940x* and *mcp7941x* (0x6f)."},
    {.key = "bus",
     .access = holds<&RtcFeature::bus, kind::Number<0, 255>>,
     .description = "Number of the I2C bus"},
    {.key = "address",
     .access = access_by<ChipAddressAccess, RtcFeature>,
     .description = "Address on the bus, as a number or as hexadecimal text. It is the chip's own "
                    "by default, and no chip that timectl knows can have another.",
     .manual = "Address on the bus, as \"{default}\" or as a number.\n"
               "Default: the chip's own.\n"
               "No chip in this list can have another one, so that an address is wrong where it "
               "differs."},
};

}  // namespace

constinit const Table<RtcFeature> rtc_table{.fields = rtc_fields, .title = "rtc"};

}  // namespace timectl::profile
