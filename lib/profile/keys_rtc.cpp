// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<RtcFeature> rtc_fields[] = {
    {.key = "chip",
     .access = holds<&RtcFeature::chip, kind::Chip>,
     .description = "The kernel's name of the chip. A DS3231 is ds3231, never ds1307: under that "
                    "name the kernel believes it after its battery died.",
     .manual = "The kernel's name of the chip.\n"
               "A DS3231 is *{default}*, the default, and never *ds1307*: under that name the "
               "kernel believes it after its battery died."},
    {.key = "bus",
     .access = holds<&RtcFeature::bus, kind::Number<0, 255>>,
     .description = "Number of the I2C bus"},
    {.key = "address",
     .access = holds<&RtcFeature::address, kind::I2cAddress>,
     .description = "Address on the bus, 0x03 to 0x77, as a number or as hexadecimal text",
     .manual = "Address on the bus, \"0x03\" to \"0x77\", or the same as a number.\n"
               "Default: \"{default}\"."},
};

}  // namespace

constinit const Table<RtcFeature> rtc_table{.fields = rtc_fields, .title = "rtc"};

}  // namespace timectl::profile
