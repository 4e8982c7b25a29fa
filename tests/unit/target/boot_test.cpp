// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "matchers.hpp"
#include "site.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;

namespace {

facts::Facts pi_booted(facts::Boot boot) {
  auto facts = make_facts();
  facts.board = "Raspberry Pi 4 Model B Rev 1.4";
  if (boot.unmounted.empty()) facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  facts.boot = std::move(boot);
  return facts;
}

target::Target render_with_rtc(const facts::Facts& facts) {
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{};
  return render_host(site, site.hosts[0], facts);
}

target::Conflict only_conflict(const facts::Facts& facts) {
  const auto conflicts = render_with_rtc(facts).conflicts;
  REQUIRE(conflicts.size() == 1);
  return conflicts.front();
}

}  // namespace

TEST_CASE(
    "the block of a generated config.txt goes where that is made from, and says what to run") {
  facts::Boot boot{.is_generated = true};
  boot.source = system::RootedPath{"/etc/default/raspi-firmware-custom"};
  const auto target = render_with_rtc(pi_booted(boot));
  CHECK(target.conflicts.empty());
  const auto file = std::find_if(target.files.begin(), target.files.end(), [](const auto& each) {
    return each.path.text() == "/etc/default/raspi-firmware-custom";
  });
  REQUIRE(file != target.files.end());
  CHECK(file->kind == target::FileKind::block);
  CHECK(file->mode == 0644);
  CHECK_FALSE(file->in_place);
  CHECK_THAT(file->content, has("dtoverlay=i2c-rtc,ds3231\n"));
  CHECK(std::any_of(target.notes.begin(), target.notes.end(), [](const auto& note) {
    return note.find("run 'update-initramfs -u'") != std::string::npos;
  }));
  for (const auto& each : target.files) CHECK(each.path.text() != "/boot/firmware/config.txt");
}

TEST_CASE("a generated config.txt that takes no lines is refused") {
  const auto conflict = only_conflict(pi_booted({.is_generated = true}));
  CHECK(conflict.reason.find("/boot/firmware/config.txt is automatically generated") == 0);
  CHECK_THAT(conflict.remedy, has("raspi-firmware"));
}

TEST_CASE("a boot partition that is not mounted is refused with the command that mounts it") {
  facts::Boot boot;
  boot.unmounted = "/boot/firmware";
  boot.mount_command = "mount /boot/firmware";
  const auto conflict = only_conflict(pi_booted(boot));
  CHECK(conflict.reason.find("the boot partition is not mounted at /boot/firmware") == 0);
  CHECK(conflict.remedy == "mount /boot/firmware");
  // Without an RTC nothing is written there.
  auto site = make_site();
  site.hosts[0].rtc.reset();
  CHECK(render_host(site, site.hosts[0], pi_booted(boot)).conflicts.empty());
}

TEST_CASE("an overlay root is refused, with the remedy of the system that it is on") {
  auto facts = pi_booted({});
  facts.boot.is_overlay_root = true;
  facts.boot.overlay_word = "boot=overlay";
  facts.boot.overlay_place = "/proc/cmdline";
  facts.os.is_raspberry_pi_os = true;
  facts.is_offline_root = false;
  const auto running = only_conflict(facts);
  CHECK_THAT(running.reason, has("an overlay in memory ('boot=overlay' in /proc/cmdline)"));
  CHECK_THAT(running.remedy, has("raspi-config nonint disable_overlayfs && systemctl reboot"));
  facts.is_offline_root = true;
  CHECK(only_conflict(facts).remedy == "take 'boot=overlay' out of /proc/cmdline");
  facts.boot.overlay_word.clear();
  CHECK_THAT(only_conflict(facts).remedy, has("a root that keeps what is written"));
}
