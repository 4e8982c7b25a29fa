// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "matchers.hpp"
#include "rtc/chips.hpp"
#include "site.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;

namespace {

const std::string boot_txt = "/boot/firmware/config.txt";

facts::Overlay overlay_at(const std::string& name, std::vector<std::string> parameters) {
  facts::Overlay overlay{name, std::move(parameters), 12};
  overlay.file = boot_txt;
  overlay.text = "dtoverlay=" + name + "," + join(overlay.parameters, ",");
  return overlay;
}

target::Target render_beside(const facts::Overlay& overlay, const std::string& chip = "ds3231") {
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{chip, 1, rtc::chip_named(chip).address};
  auto facts = make_facts();
  facts.board = "Raspberry Pi 4 Model B Rev 1.4";
  facts.boot_config = system::RootedPath{boot_txt};
  facts.overlays = {overlay};
  return render_host(site, site.hosts[0], facts);
}

std::vector<std::string> superseded_by(const target::Target& target) {
  for (const auto& file : target.files) {
    if (file.path.text() == boot_txt) return {file.superseded.begin(), file.superseded.end()};
  }
  return {};
}

bool says(const target::Target& target, const std::string& words) {
  return std::any_of(target.notes.begin(), target.notes.end(),
                     [&](const auto& note) { return note.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("the overlay of timectl's block gives way to it where it stands in the same file") {
  for (const auto& parameters : std::vector<std::vector<std::string>>{
           {"ds3231"}, {"i2c1", "ds3231"}, {"ds3231", "addr=0x68"}}) {
    const auto overlay = overlay_at("i2c-rtc", parameters);
    const auto target = render_beside(overlay);
    CHECK(target.conflicts.empty());
    CHECK(superseded_by(target) == std::vector<std::string>{overlay.text});
    CHECK(says(target, "/boot/firmware/config.txt line 12: 'dtoverlay=i2c-rtc,"));
  }
  const auto own = overlay_at("i2c-rtc", {"rv3028", "backup-switchover-mode=3"});
  CHECK(superseded_by(render_beside(own, "rv3028")).size() == 1);
}

TEST_CASE("parameters of the board behind the overlay stay, and are no conflict") {
  auto overlay = overlay_at("i2c-rtc", {"ds3231"});
  overlay.later = {"audio=on", "i2c_arm=on", "spi=on"};
  const auto target = render_beside(overlay);
  CHECK(target.conflicts.empty());
  CHECK(superseded_by(target).size() == 1);
}

TEST_CASE("a second node at the chip's address that says more is refused with its place") {
  auto included = overlay_at("i2c-rtc", {"ds3231"});
  included.file = "/boot/firmware/extra.txt";
  auto split_up = overlay_at("i2c-rtc", {});
  split_up.later = {"ds3231"};
  const auto with_more = overlay_at("i2c-rtc", {"ds3231", "wakeup-source"});
  for (const auto& overlay : {included, split_up, with_more}) {
    const auto target = render_beside(overlay);
    REQUIRE(target.conflicts.size() == 1);
    CHECK(target.conflicts[0].reason.find(overlay.file + " line 12 registers the ds3231 too") == 0);
    CHECK(superseded_by(target).empty());
  }
}

TEST_CASE("each chip that an overlay names is one: another at the address is refused") {
  for (const auto& overlay :
       {overlay_at("i2c-rtc", {"ds1307"}), overlay_at("i2c-rtc", {"pcf8563", "ds1307"})}) {
    const auto target = render_beside(overlay);
    REQUIRE(target.conflicts.size() == 1);
    CHECK(target.conflicts[0].reason.find("config.txt line 12") != std::string::npos);
  }
  auto uncertain = overlay_at("i2c-rtc", {"ds1307"});
  uncertain.is_certain = false;
  const auto target = render_beside(uncertain);
  CHECK(target.conflicts.empty());
  CHECK(says(target, "line 12 registers the ds1307 at the address of the ds3231, if its filter"));
}

TEST_CASE("an RTC on another bus or of GPIOs is named, unless it takes the pins") {
  CHECK(says(render_beside(overlay_at("i2c-rtc", {"ds1307", "i2c0"})),
             "line 12 registers another RTC, the ds1307"));
  const auto apart = render_beside(overlay_at("i2c-rtc-gpio", {"pcf8523", "i2c_gpio_sda=23"}));
  CHECK(apart.conflicts.empty());
  CHECK(says(apart, "line 12 registers another RTC, the pcf8523"));
  const auto same = render_beside(overlay_at("i2c-rtc-gpio", {"ds3231", "i2c_gpio_sda=2"}));
  REQUIRE(same.conflicts.size() == 1);
  CHECK(same.conflicts[0].reason.find("takes the pins of I2C bus 1") != std::string::npos);
}
