// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/temperature.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::system;

namespace {

const std::string zone = "/sys/class/thermal/thermal_zone0/temp";

std::optional<double> temperature_of(const std::string& content) {
  test::FakeFiles files;
  files.put(zone, content);
  return processor_temperature(files);
}

}  // namespace

TEST_CASE("the temperature of the processor is read in thousandths of a degree") {
  CHECK(temperature_of("48250\n") == 48.25);
  CHECK(temperature_of("-5000\n") == -5.0);
}

TEST_CASE("a sensor that is not there, off or broken has no temperature") {
  CHECK_FALSE(processor_temperature(test::FakeFiles{}));
  for (const auto* content : {"", "\n", "warm\n", "-274000\n", "99999999999\n", "48 250\n"}) {
    CHECK_FALSE(temperature_of(content));
  }
  CHECK_FALSE(temperature_of(std::string(5000, '4')));
  test::FakeFiles files;
  files.put(zone, "48250\n");
  files.forbid_reading(zone);
  CHECK_FALSE(processor_temperature(files));
}
