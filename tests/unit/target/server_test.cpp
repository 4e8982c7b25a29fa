// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using namespace timectl::test;

namespace {

target::Target render_server(const facts::Facts& facts = make_facts()) {
  const auto site = make_site();
  return render_host(site, site.hosts[0], facts);
}

facts::Facts pi_facts() {
  auto facts = make_facts();
  facts.board = "Raspberry Pi Zero 2 W Rev 1.0";
  facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  return facts;
}

const auto* const chrony_conf = "/etc/chrony/conf.d/50-timectl.conf";
const auto* const chrony_sources = "/etc/chrony/sources.d/timectl.sources";
const auto* const rtc_unit = "/etc/systemd/system/timectl-rtc.service";

}  // namespace

TEST_CASE("the same profile gives the same bytes, sorted by path") {
  const auto first = render_server();
  const auto second = render_server();
  REQUIRE(first.files.size() == second.files.size());
  for (std::size_t i = 0; i < first.files.size(); ++i) {
    CHECK(first.files[i].content == second.files[i].content);
    CHECK((i == 0 || first.files[i - 1].path < first.files[i].path));
  }
}

TEST_CASE("each file says first who manages it, from what, and how to change it") {
  for (const auto& file : render_server().files) {
    if (file.path.text() == "/etc/hostname") continue;
    const auto lines = lines_of(file.content);
    const auto& first = lines.at(lines.front().starts_with("#!") ? 1 : 0);
    INFO(file.path.text());
    CHECK(first.starts_with("# timectl manages this (profile test-site, template /"));
    CHECK(first.ends_with("then run 'timectl provision'"));
  }
}

TEST_CASE("a server allows the site and its own questions, and limits the rate") {
  const auto target = render_server();
  const auto text = content_of(target, chrony_conf);
  CHECK_THAT(text, has("\nallow 192.168.4.0/24\nallow 127.0.0.0/8\n"));
  CHECK_THAT(text, has("\nratelimit "));
}

TEST_CASE("no configuration of chrony switches local mode or the RTC driver on") {
  for (const auto* path : {chrony_conf, chrony_sources}) {
    for (const auto& line : lines_of(content_of(render_server(), path))) {
      INFO(line);
      CHECK_FALSE(line.starts_with("local"));
      CHECK_FALSE(line.starts_with("rtcfile"));
    }
  }
}

TEST_CASE("island mode is enabled at each start of chronyd, and only of a server's") {
  const auto* path = "/etc/systemd/system/chrony.service.d/50-timectl.conf";
  CHECK_THAT(content_of(render_server(), path),
             has("\nExecStartPost=-+/usr/bin/timectl island enable\n"));
  auto site = make_site();
  site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  CHECK_THAT(content_of(render_host(site, site.hosts[1], make_facts()), path),
             !has("ExecStartPost"));
}

TEST_CASE("a change of sources reloads them, a change of the configuration restarts chronyd") {
  const auto target = render_server();
  CHECK(find_file(target, chrony_sources)->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::reload_sources, ""}});
  CHECK(find_file(target, chrony_conf)->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::restart, "chrony.service"}});
}

TEST_CASE("two servers poll each other, so that orphan can choose one") {
  auto site = make_site();
  site.hosts.push_back(make_server("pi-ntp2", "192.168.4.3"));
  CHECK_THAT(content_of(render_host(site, site.hosts[0], make_facts()), chrony_sources),
             has("\nserver 192.168.4.3 iburst\n") && !has("192.168.4.2"));
  CHECK_THAT(content_of(render_host(site, site.hosts[2], make_facts()), chrony_sources),
             has("\nserver 192.168.4.2 iburst\n"));
}

TEST_CASE("a chrony too old for conf.d is refused") {
  auto facts = make_facts();
  facts.packages["chrony"] = {3, 4, "3.4-4"};
  CHECK_THROWS_WITH(render_server(facts), has("'chrony': version 3.4-4"));
}

TEST_CASE("competing time daemons are switched off, and those installed are excluded") {
  auto facts = make_facts();
  facts.packages["systemd-timesyncd"] = {252, 39, "252.39-1"};
  const auto target = render_server(facts);
  CHECK(target.packages == std::vector<std::string>{"chrony"});
  CHECK(target.excluded_packages == std::vector<std::string>{"systemd-timesyncd"});
  const auto* unit = find_unit(target, "systemd-timesyncd.service");
  REQUIRE(unit);
  CHECK(unit->optional);
  CHECK(unit->enablement == target::Enablement::disabled);
  CHECK(find_unit(target, "chrony.service")->enablement == target::Enablement::enabled);
}

TEST_CASE("on a Pi the overlay makes the RTC and the unit waits for it, within bounds") {
  const auto target = render_server(pi_facts());
  const auto* config = find_file(target, "/boot/firmware/config.txt");
  REQUIRE(config);
  CHECK(config->kind == target::FileKind::block);
  CHECK(config->in_place);
  CHECK(config->reactions.front().kind == target::ReactionKind::reboot);
  CHECK_THAT(config->content, has("\n[all]\ndtparam=i2c_arm=on\ndtoverlay=i2c-rtc,ds3231\n"));
  CHECK_THAT(content_of(target, rtc_unit), has("\nAfter=dev-timectl-rtc.device\n"));
  CHECK(has_file(target, "/etc/systemd/system/dev-timectl-rtc.device.d/50-timectl.conf"));
}

TEST_CASE("without the firmware of a Pi nothing is waited for that only the unit makes") {
  const auto target = render_server();
  CHECK_FALSE(has_file(target, "/boot/firmware/config.txt"));
  const auto text = content_of(target, rtc_unit);
  CHECK_THAT(text, !has("dev-timectl-rtc.device"));
  CHECK_FALSE(has_file(target, "/etc/udev/rules.d/85-timectl-rtc.rules"));
  CHECK_THAT(text, has("rtc register --chip ds3231 --bus 1 --address 0x68 --wait 10\n"));
}

TEST_CASE("a PC whose disk holds a config.txt is still no Pi") {
  auto facts = pi_facts();
  facts.board = std::nullopt;
  CHECK_FALSE(has_file(render_server(facts), "/boot/firmware/config.txt"));
}

TEST_CASE("the older place of the boot configuration is used where the firmware reads it") {
  auto facts = pi_facts();
  facts.boot_config = system::RootedPath{"/boot/config.txt"};
  const auto target = render_server(facts);
  CHECK(has_file(target, "/boot/config.txt"));
  CHECK_FALSE(has_file(target, "/boot/firmware/config.txt"));
}

TEST_CASE("the RTC is found by its place on the bus, not by its number") {
  CHECK_THAT(content_of(render_server(pi_facts()), "/etc/udev/rules.d/85-timectl-rtc.rules"),
             has("KERNELS==\"1-0068\""));
}

TEST_CASE("fake-hwclock goes out of the RTC's way, and stays where there is no RTC") {
  const auto fresh = render_server();
  const auto* unit = find_unit(fresh, "fake-hwclock.service");
  REQUIRE(unit);
  CHECK(unit->optional);
  auto site = make_site();
  site.hosts[0].rtc.reset();
  const auto target = render_host(site, site.hosts[0], make_facts());
  CHECK_FALSE(has_unit(target, "fake-hwclock.service"));
  CHECK_FALSE(has_file(target, rtc_unit));
}

TEST_CASE("the clock of a running host is not set from the RTC by provisioning") {
  const auto fresh = render_server();
  const auto* unit = find_unit(fresh, "timectl-rtc.service");
  REQUIRE(unit);
  CHECK(unit->enablement == target::Enablement::enabled);
  CHECK(unit->activity == target::Activity::unchanged);
}

TEST_CASE("a server gets its name, and hosts is only a block in a file of the system") {
  const auto target = render_server();
  CHECK(content_of(target, "/etc/hostname") == "pi-ntp\n");
  const auto* hosts = find_file(target, "/etc/hosts");
  REQUIRE(hosts);
  CHECK(hosts->kind == target::FileKind::block);
  CHECK_THAT(hosts->content, has("\n192.168.4.2 pi-ntp\n192.168.4.1 main-pi\n"));
}

TEST_CASE("the monitor's timer has the profile's spans and needs neither calendar nor network") {
  const auto text = content_of(render_server(), "/etc/systemd/system/timectl-monitor.timer");
  CHECK_THAT(text, has("\nOnBootSec=30s\nOnUnitInactiveSec=60s\nRandomizedDelaySec=10s\n"));
  CHECK_THAT(text, !has("OnCalendar=") && !has("network-online"));
}

TEST_CASE("units call timectl where it is, and a machine without it is told") {
  auto facts = make_facts();
  facts.timectl_path = "/usr/local/bin/timectl";
  CHECK_THAT(content_of(render_server(facts), rtc_unit),
             has("\nExecStart=/usr/local/bin/timectl rtc hctosys\n"));
  facts.timectl_path.reset();
  CHECK(contains(render_server(facts).notes,
                 "timectl is not installed there; the units call /usr/bin/timectl"));
}

TEST_CASE(
    "the unit that recovers at boot is no part of a target, and calls the installed timectl") {
  const auto target = render_server(make_facts());
  CHECK_FALSE(find_unit(target, "timectl-recover.service"));
  const auto text = target::recovery_unit("/usr/local/bin/timectl", [](const auto& path) {
    return target::built_in_template(path).value();
  });
  CHECK_THAT(text, has("\nExecStart=/usr/local/bin/timectl recover --boot\n"));
  CHECK_THAT(text, has("\nBefore=network-pre.target sysinit.target "));
}
