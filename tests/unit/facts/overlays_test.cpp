// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/details.hpp"
#include "facts/firmware_filters.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <initializer_list>

using namespace timectl;
using namespace timectl::facts;
using test::FakeFiles;

namespace {

const std::string config_txt = "/boot/firmware/config.txt";
const std::string pi_4 = "Raspberry Pi 4 Model B Rev 1.4";

std::vector<Overlay> overlays_in(const FakeFiles& files,
                                 const std::optional<std::string>& board = pi_4) {
  return read_overlays(files, system::RootedPath{config_txt}, board);
}

std::vector<Overlay> overlays_of(const std::string& text,
                                 const std::optional<std::string>& board = pi_4) {
  return overlays_in(FakeFiles{{config_txt, text}}, board);
}

FilterState state_after(std::initializer_list<const char*> filters,
                        const std::optional<std::string>& board = pi_4) {
  FirmwareFilters state{board};
  for (const auto* filter : filters) state.read(filter);
  return state.state();
}

}  // namespace

TEST_CASE("overlays of config.txt are read with lines, but timectl's own and those not in force") {
  const auto overlays = overlays_of(
      "# dtoverlay=commented\n"
      "dtoverlay=i2c-rtc,ds1307,i2c0\n"
      "[pi5]\n"
      "dtoverlay=disable-bt\n"
      "[all]\n"
      "  device_tree_overlay=w1-gpio:gpiopin=4\r\n"
      "dtoverlay=\n"
      "[none]\n"
      "# BEGIN timectl (from the profile)\n"
      "[all]\n"
      "dtoverlay=i2c-rtc,ds3231\n"
      "# END timectl\n"
      "dtoverlay=pps-gpio # the receiver\n");
  REQUIRE(overlays.size() == 3);
  CHECK(overlays[0].name == "i2c-rtc");
  CHECK(overlays[0].parameters == std::vector<std::string>{"ds1307", "i2c0"});
  CHECK(overlays[0].line == 2);
  CHECK(overlays[0].file == config_txt);
  CHECK(overlays[0].text == "dtoverlay=i2c-rtc,ds1307,i2c0");
  CHECK(overlays[0].is_certain);
  CHECK(overlays[1].name == "w1-gpio");
  CHECK(overlays[1].parameters == std::vector<std::string>{"gpiopin=4"});
  CHECK(overlays[1].line == 6);
  CHECK(overlays[2].name == "pps-gpio");
  CHECK(overlays[2].parameters.empty());
}

TEST_CASE("a model's filter is known to hold, known not to, or not known") {
  CHECK(state_after({"pi4"}) == FilterState::yes);
  CHECK(state_after({"pi5"}) == FilterState::no);
  CHECK(state_after({"cm4"}) == FilterState::no);
  CHECK(state_after({"pi6"}) == FilterState::maybe);
  CHECK(state_after({"pi4"}, std::nullopt) == FilterState::maybe);
  CHECK(state_after({"pi4"}, "Raspberry Pi 6 Rev 1.0") == FilterState::maybe);
  CHECK(state_after({"pi0w"}, "Raspberry Pi Zero 2 W Rev 1.0") == FilterState::yes);
  CHECK(state_after({"pi0w"}, "Raspberry Pi Zero Rev 1.3") == FilterState::no);
  CHECK(state_after({"pi3+"}, "Raspberry Pi 3 Model B Plus Rev 1.3") == FilterState::yes);
  CHECK(state_after({"cm4"}, "Raspberry Pi Compute Module 4 Rev 1.0") == FilterState::yes);
  CHECK(state_after({"pi4"}, "Raspberry Pi Compute Module 4 Rev 1.0") == FilterState::yes);
  CHECK(state_after({"pi4"}, "Raspberry Pi 400 Rev 1.0") == FilterState::yes);
  CHECK(state_after({"pi5"}, "Raspberry Pi 500 Rev 1.0") == FilterState::yes);
  CHECK(state_after({"pi1"}, "Raspberry Pi Model B Plus Rev 1.2") == FilterState::yes);
}

TEST_CASE("filters of one kind replace each other, those of several kinds must all hold") {
  CHECK(state_after({"pi5", "pi4"}) == FilterState::yes);
  CHECK(state_after({"pi4", "pi5"}) == FilterState::no);
  CHECK(state_after({"pi5", "gpio4=1"}) == FilterState::no);
  CHECK(state_after({"gpio4=1", "pi4"}) == FilterState::maybe);
  CHECK(state_after({"pi5", "all"}) == FilterState::yes);
  CHECK(state_after({"none"}) == FilterState::no);
  CHECK(state_after({"none", "all"}) == FilterState::yes);
  CHECK(state_after({"none", "pi5"}) == FilterState::no);
  for (const auto* unknown : {"0x1234abcd", "EDID=VSC-TD2220", "HDMI:1", "board-type=0x14",
                              "tryboot", "partition=2", "something-new"}) {
    INFO(unknown);
    CHECK(state_after({unknown}) == FilterState::maybe);
  }
}

TEST_CASE("an overlay of which only the board knows is read as uncertain") {
  const auto overlays = overlays_of("[gpio4=1]\ndtoverlay=i2c-rtc,ds1307\n[all]\n");
  REQUIRE(overlays.size() == 1);
  CHECK_FALSE(overlays[0].is_certain);
}

TEST_CASE("an included file is read in its place, with the filters of there") {
  const auto overlays = overlays_in(FakeFiles{
      {config_txt, "[pi5]\ninclude five.txt\n[pi4]\ninclude more/four.txt\ndtoverlay=last\n"},
      {"/boot/firmware/five.txt", "dtoverlay=five\n"},
      {"/boot/firmware/more/four.txt", "\ndtoverlay=four\n"}});
  REQUIRE(overlays.size() == 2);
  CHECK(overlays[0].name == "four");
  CHECK(overlays[0].file == "/boot/firmware/more/four.txt");
  CHECK(overlays[0].line == 2);
  CHECK(overlays[1].name == "last");
  CHECK(overlays[1].file == config_txt);
}

TEST_CASE("includes without end, of nothing, of a directory and out of the partition are passed") {
  FakeFiles files{{config_txt,
                   "include config.txt\ninclude config.txt\ninclude none.txt\n"
                   "include directory\ninclude ../../etc/passwd\ninclude \ndtoverlay=x\n"},
                  {"/etc/passwd", "dtoverlay=out\n"}};
  files.put_directory("/boot/firmware/directory");
  const auto overlays = overlays_in(files);
  CHECK(overlays.size() <= 40);
  for (const auto& overlay : overlays) CHECK(overlay.name == "x");
}

TEST_CASE("parameters on lines of their own are the last overlay's until an empty one") {
  const auto overlays = overlays_of(
      "dtparam=i2c_arm=on\ndtoverlay=i2c-rtc\ndtparam=ds3231,addr=0x68\ndtparam=audio=on\n"
      "dtoverlay=\ndtparam=spi=on\ndtoverlay=w1-gpio\n"
      "# BEGIN timectl\ndtoverlay=i2c-rtc,ds3231\n# END timectl\ndtparam=gpiopin=4\n");
  REQUIRE(overlays.size() == 2);
  CHECK(overlays[0].later == std::vector<std::string>{"ds3231", "addr=0x68", "audio=on"});
  CHECK(overlays[1].later.empty());
}
