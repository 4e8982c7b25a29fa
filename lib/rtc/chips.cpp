// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/chips.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace timectl::rtc {

namespace {

// A 32.768 kHz tuning fork without compensation is cut to 20 ppm at 25 degrees, and loses
// 0.034 ppm times the square of the distance from there (Maxim's application note 58): 89 ppm at
// -20 and at 70 degrees.
constexpr double plain_crystal = 90e-6;
// The maker trims the oscillator to 1 or 2 ppm at 25 degrees; the parabola stays: 71 ppm
// (Micro Crystal's manuals of the RV-3028-C7 and the RV-1805-C3).
constexpr double trimmed_crystal = 75e-6;
// 3.5 ppm from -40 to 85 degrees for a DS3231S and SN (Maxim's data sheet 19-5170), 5 ppm for a
// DS3231M (19-5312), which many modules have and no register tells apart.
constexpr double ds3231_wander = 5e-6;
// 3 ppm as a rule, 10 ppm at most towards -25 and 65 degrees (NXP's data sheets of PCF2127AT and
// PCF2129AT).
constexpr double pcf212x_wander = 10e-6;
// 2.5 ppm (RV-3032-C7, Micro Crystal's manual) and 3 ppm (RV-8803-C7) from -40 to 85 degrees, and
// what a crystal adds by its age.
constexpr double compensated_crystal = 5e-6;

// Each driver's words when it finds the flag (drivers/rtc). rtc-ds1307 has them at boot for DS1339
// and DS3231, and in older kernels for each of its chips.
constexpr std::string_view ds1307_message = "SET TIME!|oscillator failed";
constexpr std::string_view pcf8563_message = "low voltage detected";
constexpr std::string_view pcf85063_message = "Power loss detected";
constexpr std::string_view pcf2127_message = "oscillator stop detected";
constexpr std::string_view rv3028_message = "Voltage low, data";
constexpr std::string_view rv8803_message = "Voltage low, data";
constexpr std::string_view abx80x_message = "Oscillator failure";
constexpr std::string_view m41t80_message = "Oscillator failure";
constexpr std::string_view ds3232_message = "oscillator discontinuity";
constexpr std::string_view isl1208_message = "power failure detected";
// Of rtc-rx8025 and of rtc-ds1307, which both know this name.
constexpr std::string_view rx8025_message =
    "power-on reset detected|crystal stopped|oscillator stop detected";
constexpr std::string_view hym8563_message = "no valid clock/calendar";

// Names, addresses and parameters: arch/arm/boot/dts/overlays/i2c-rtc-common.dtsi of
// raspberrypi/linux. How a lost time shows: read_time() and probe() of drivers/rtc/DRIVER.c.
constexpr std::array rows{
    Chip{.name = "ds3231",
         .part = "DS3231",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .wander = ds3231_wander,
         .power_loss = PowerLoss::logged,
         .loss_message = ds1307_message},
    // rtc-ds1307 refuses the time of a DS1307 whose CH is set. A DS3231 has no such flag, answers
    // at the same address, and works under this name: this row is what holds for both.
    Chip{.name = "ds1307",
         .part = "DS1307",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed,
         .loss_message = ds1307_message},
    Chip{.name = "ds1339",
         .part = "DS1339",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .wander = plain_crystal,
         .power_loss = PowerLoss::logged,
         .loss_message = ds1307_message},
    Chip{.name = "ds1340",
         .part = "DS1340",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .wander = plain_crystal,
         .loss_message = ds1307_message},
    // On delivery it does not switch to its battery; the driver has it do so, once it finds the
    // oscillator stopped.
    Chip{.name = "pcf8523",
         .part = "PCF8523",
         .driver = "rtc-pcf8523",
         .address = 0x68,
         .wander = plain_crystal},
    Chip{.name = "pcf8563",
         .part = "PCF8563",
         .driver = "rtc-pcf8563",
         .address = 0x51,
         .wander = plain_crystal,
         .loss_message = pcf8563_message},
    Chip{.name = "pcf85063",
         .part = "PCF85063TP",
         .driver = "rtc-pcf85063",
         .address = 0x51,
         .wander = plain_crystal,
         .loss_message = pcf85063_message},
    Chip{.name = "pcf85063a",
         .part = "PCF85063A",
         .driver = "rtc-pcf85063",
         .address = 0x51,
         .wander = plain_crystal,
         .loss_message = pcf85063_message},
    Chip{.name = "pcf2127",
         .part = "PCF2127",
         .driver = "rtc-pcf2127",
         .address = 0x51,
         .wander = pcf212x_wander,
         .loss_message = pcf2127_message},
    Chip{.name = "pcf2129",
         .part = "PCF2129",
         .driver = "rtc-pcf2127",
         .address = 0x51,
         .wander = pcf212x_wander,
         .loss_message = pcf2127_message},
    // On delivery it does not switch to its battery (3.15.6 of its manual). 3 is level switching,
    // which a full battery of the supply's voltage does not confuse (raspberrypi/linux 2914, 5884).
    // What the overlay asks for, rtc-rv3028 writes at each boot into the register alone, which the
    // chip takes from its EEPROM again once a day (raspberrypi/linux 3616); what hwclock asks for,
    // it writes into both.
    Chip{.name = "rv3028",
         .part = "RV-3028-C7",
         .driver = "rtc-rv3028",
         .address = 0x52,
         .overlay_parameters = ",backup-switchover-mode=3",
         .wander = trimmed_crystal,
         .loss_message = rv3028_message,
         .battery = "its EEPROM keeps that"},
    Chip{.name = "rv1805",
         .part = "RV-1805-C3",
         .driver = "rtc-abx80x",
         .address = 0x69,
         .wander = trimmed_crystal,
         .loss_message = abx80x_message},
    Chip{.name = "abx80x",
         .part = "AB08x5 or AB18x5",
         .driver = "rtc-abx80x",
         .address = 0x69,
         .wander = plain_crystal,
         .loss_message = abx80x_message},
    Chip{.name = "mcp7940x",
         .part = "MCP7940N",
         .driver = "rtc-ds1307",
         .address = 0x6f,
         .wander = plain_crystal,
         .loss_message = ds1307_message},
    Chip{.name = "mcp7941x",
         .part = "MCP79410",
         .driver = "rtc-ds1307",
         .address = 0x6f,
         .wander = plain_crystal,
         .loss_message = ds1307_message},
    // The driver says "Oscillator Failure" under the name bq32k, without "rtc".
    Chip{.name = "bq32000",
         .part = "BQ32000",
         .driver = "rtc-bq32k",
         .address = 0x68,
         .wander = plain_crystal},
    Chip{.name = "m41t62",
         .part = "M41T62",
         .driver = "rtc-m41t80",
         .address = 0x68,
         .wander = plain_crystal,
         .loss_message = m41t80_message},
    // The driver reads the flag of each of its chips. Whether this one has it is not known.
    Chip{.name = "m41t80",
         .part = "M41T80",
         .driver = "rtc-m41t80",
         .address = 0x68,
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed,
         .loss_message = m41t80_message},
    // Its data sheet was not read: it may be better than that. On delivery it does not switch to
    // its battery, and rtc-pcf2127 leaves that as it is; kernels before 2025 cannot be asked to
    // change it (the power management bits of register 2, all of which a PCF2127 begins without).
    Chip{.name = "pcf2131",
         .part = "PCF2131",
         .driver = "rtc-pcf2127",
         .address = 0x53,
         .wander = plain_crystal,
         .loss_message = pcf2127_message,
         .battery = "where the kernel refuses that: i2cset -f -y {bus} 0x53 2 0"},
    // The driver masks the flag of a stopped oscillator.
    Chip{.name = "pcf85363",
         .part = "PCF85363A",
         .driver = "rtc-pcf85363",
         .address = 0x51,
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed},
    // On delivery it does not switch to its battery (3.20.1 of its manual). The overlay can only
    // have it do so by having it charge the battery.
    Chip{.name = "rv3032",
         .part = "RV-3032-C7",
         .driver = "rtc-rv3032",
         .address = 0x51,
         .wander = compensated_crystal,
         .battery = "its EEPROM keeps that"},
    Chip{.name = "rv8803",
         .part = "RV-8803-C7",
         .driver = "rtc-rv8803",
         .address = 0x32,
         .wander = compensated_crystal,
         .loss_message = rv8803_message},
    // It answers at 0x30 to 0x37. Reading its flags clears them, and the driver does that when it
    // is loaded, before the time is read.
    Chip{.name = "s35390a",
         .part = "S-35390A",
         .driver = "rtc-s35390a",
         .address = 0x30,
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed},
    // The driver reads no flag. Its data sheet was not read.
    Chip{.name = "sd3078",
         .part = "SD3078",
         .driver = "rtc-sd3078",
         .address = 0x32,
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed},
    // Of other boards: the overlay has none of these. Names are those of each driver's table of I2C
    // devices, addresses those of Documentation/devicetree/bindings/rtc.
    Chip{.name = "ds1337",
         .part = "DS1337",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .in_overlay = false,
         .wander = plain_crystal,
         .power_loss = PowerLoss::logged,
         .loss_message = ds1307_message},
    Chip{.name = "ds1338",
         .part = "DS1338",
         .driver = "rtc-ds1307",
         .address = 0x68,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = ds1307_message},
    Chip{.name = "ds3232",
         .part = "DS3232",
         .driver = "rtc-ds3232",
         .address = 0x68,
         .in_overlay = false,
         .wander = ds3231_wander,
         .power_loss = PowerLoss::logged,
         .loss_message = ds3232_message},
    // Its flag stays until it is set; the driver reads it only when it is loaded.
    Chip{.name = "isl1208",
         .part = "ISL1208",
         .driver = "rtc-isl1208",
         .address = 0x6f,
         .in_overlay = false,
         .wander = plain_crystal,
         .power_loss = PowerLoss::logged,
         .loss_message = isl1208_message},
    Chip{.name = "rx8025",
         .part = "RX-8025",
         .driver = "rtc-rx8025",
         .address = 0x32,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = rx8025_message},
    Chip{.name = "hym8563",
         .part = "HYM8563",
         .driver = "rtc-hym8563",
         .address = 0x51,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = hym8563_message},
    Chip{.name = "pcf85063tp",
         .part = "PCF85063TP",
         .driver = "rtc-pcf85063",
         .address = 0x51,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = pcf85063_message},
    Chip{.name = "ab0805",
         .part = "AB0805",
         .driver = "rtc-abx80x",
         .address = 0x69,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = abx80x_message},
    Chip{.name = "ab1805",
         .part = "AB1805",
         .driver = "rtc-abx80x",
         .address = 0x69,
         .in_overlay = false,
         .wander = plain_crystal,
         .loss_message = abx80x_message},
    // The clock in a Pi 5's power controller, asked by way of the firmware. Its driver hands on
    // whatever it counts, and a Pi 5 without a battery on J5 counts from 1970.
    Chip{.name = "rpi-rtc",
         .part = "Raspberry Pi 5 RTC",
         .driver = "rtc-rpi",
         .wander = plain_crystal,
         .power_loss = PowerLoss::unnoticed},
};

/// "ds3231" and "ds3232": chips of one series mostly have the same registers for the time,
/// whichever driver knows them.
bool are_siblings(std::string_view one, std::string_view other) {
  return one.substr(0, one.size() - 1) == other.substr(0, other.size() - 1);
}

}  // namespace

std::span<const Chip> chips() { return rows; }

const Chip* find_chip(std::string_view name) {
  const auto* found = std::find_if(rows.begin(), rows.end(),
                                   [name](const Chip& chip) { return chip.name == name; });
  return found == rows.end() ? nullptr : found;
}

const Chip& chip_named(std::string_view name) {
  if (const auto* chip = find_chip(name)) return *chip;
  const auto names = chip_names();
  const auto near = closest(name, names);
  throw Error{ErrorKind::usage,
              fmt::format("unknown RTC chip '{}', expected one of {}", name, join(names, ", ")),
              near ? fmt::format("did you mean '{}'?", *near) : ""};
}

std::vector<std::string> chip_names() {
  std::vector<std::string> names;
  for (const auto& chip : rows) names.emplace_back(chip.name);
  return names;
}

std::string consequence_of(std::string_view found, const Chip& wanted) {
  const auto* other = find_chip(found);
  if (!other) return "the driver treats the chip as another one";
  // Only this driver chooses by the name whether it reads the flag.
  const bool misses_flag = wanted.driver == "rtc-ds1307" && other->driver == wanted.driver &&
                           other->power_loss == PowerLoss::unnoticed &&
                           wanted.power_loss != PowerLoss::unnoticed;
  if (misses_flag) {
    return fmt::format(
        "as {} the kernel does not look at the {}'s oscillator-stop flag: after a battery loss it "
        "takes 2000-01-01 for the time",
        found, wanted.part);
  }
  if (other->driver == wanted.driver || are_siblings(found, wanted.name)) {
    return fmt::format(
        "as {} the kernel takes the chip for a {}: its time may be right, but not all registers, "
        "such as the flag of a lost time, are where the {} has them",
        found, other->part, wanted.part);
  }
  return fmt::format("as {} the kernel uses the registers of the {}, and the {} has others", found,
                     other->part, wanted.part);
}

}  // namespace timectl::rtc
