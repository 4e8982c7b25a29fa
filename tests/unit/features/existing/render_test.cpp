// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;
using facts::ExistingKind;
using facts::ExistingSetting;
using Lines = std::vector<std::string>;

namespace {

/// Host 0 is the server, 1 the client.
target::Target target_with(const ExistingSetting& setting, std::size_t host = 0,
                           facts::Facts facts = make_facts()) {
  const auto site = make_site();
  facts.existing = {setting};
  return render_host(site, site.hosts.at(host), facts);
}

Lines superseded(const target::Target& target, const std::string& path) {
  const auto* file = find_file(target, path);
  if (file == nullptr) return {};
  return {file->superseded.begin(), file->superseded.end()};
}

bool is_removed(const target::Target& target, const std::string& path) {
  const auto* file = find_file(target, path);
  return file != nullptr && file->kind == target::FileKind::absent;
}

ExistingSetting line_of(ExistingKind kind, const std::string& file, const std::string& line) {
  return {kind, file, 7, {line}, false};
}

ExistingSetting dnsmasq(const std::string& line) {
  return line_of(ExistingKind::dnsmasq_line, "/etc/dnsmasq.conf", line);
}

ExistingSetting hosts(const std::string& line) {
  return line_of(ExistingKind::hosts_line, "/etc/hosts", line);
}

}  // namespace

TEST_CASE("RTC drivers listed twice go where the overlay loads them, and only there") {
  const ExistingSetting setting{ExistingKind::rtc_modules, "/etc/modules", 2, {"rtc-ds1307"}, true};
  const auto target = target_with(setting);
  CHECK(find_file(target, "/etc/modules")->kind == target::FileKind::edited);
  CHECK(superseded(target, "/etc/modules") == Lines{"rtc-ds1307"});
  CHECK_FALSE(has_file(target_with(setting, 1), "/etc/modules"));
}

TEST_CASE("old aliases go from the system's files, and from a user's own by order only") {
  ExistingSetting setting{
      ExistingKind::shell_alias, "/home/pi/.bashrc", 3, {"alias ntp.test='x'"}, false};
  const auto kept = target_with(setting);
  CHECK_FALSE(has_file(kept, setting.file));
  CHECK_THAT(join(kept.notes, "\n"), has("/home/pi/.bashrc defines 'alias ntp.test'"));
  CHECK(kept.conflicts.empty());
  setting.may_go = true;
  CHECK(superseded(target_with(setting), setting.file) == setting.lines);
}

TEST_CASE("the old RTC service goes when it is the script's, else it is in the way") {
  const auto* path = "/etc/systemd/system/rtc-ds3231.service";
  CHECK(is_removed(target_with({ExistingKind::rtc_service, path, 0, {}, true}), path));
  const auto kept = target_with({ExistingKind::rtc_service, path, 0, {}, false});
  CHECK_FALSE(has_file(kept, path));
  REQUIRE(kept.conflicts.size() == 1);
  CHECK_THAT(kept.conflicts[0].reason, has(path));
  CHECK_THAT(kept.conflicts[0].remedy, has("--take-over"));
}

TEST_CASE("an rtcfile line that chronyd refuses goes, and the rest of its file stays") {
  ExistingSetting setting{
      ExistingKind::chrony_conf, "/etc/chrony/chrony.conf", 4, {"rtcfile /x"}, true};
  const auto target = target_with(setting);
  CHECK(find_file(target, setting.file)->kind == target::FileKind::edited);
  CHECK(content_of(target, setting.file).empty());
  CHECK(superseded(target, setting.file) == setting.lines);
  CHECK_FALSE(has_file(target_with(setting, 1), setting.file));
  setting.may_go = false;
  setting.is_fixed = true;
  const auto kept = target_with(setting);
  REQUIRE(kept.conflicts.size() == 1);
  CHECK(kept.conflicts[0].remedy == "take it out");
}

TEST_CASE("a user's chrony.conf with 'local' is refused before anything is changed, or loses it") {
  ExistingSetting setting{
      ExistingKind::chrony_local, "/etc/chrony/chrony.conf", 4, {"local stratum 8"}, false};
  const auto kept = target_with(setting);
  REQUIRE(kept.conflicts.size() == 1);
  CHECK_THAT(kept.conflicts[0].reason, has("/etc/chrony/chrony.conf line 4"));
  CHECK_THAT(kept.conflicts[0].remedy, has("--take-over"));
  CHECK(target_with(setting, 1).conflicts.empty());
  setting.may_go = true;
  CHECK(superseded(target_with(setting), setting.file) == setting.lines);
}

TEST_CASE("the script's section of dhcpcd.conf gives way to the block of the same interface") {
  auto facts = make_facts();
  facts.network.backend = facts::NetworkBackendName::dhcpcd;
  facts.network.settings = {{"eth0", "/etc/dhcpcd.conf", 2, "static ip_address=192.168.4.2/24"}};
  ExistingSetting section{ExistingKind::dhcpcd_section,
                          "/etc/dhcpcd.conf",
                          1,
                          {"interface eth0", "static ip_address=192.168.4.2/24"},
                          true};
  const auto taken = target_with(section, 0, facts);
  CHECK(superseded(taken, "/etc/dhcpcd.conf") == section.lines);
  CHECK_THAT(join(taken.notes, "\n"), has("over the distribution's"));
  section.lines[0] = "interface wlan0";
  section.lines[1] = "static ip_address=192.168.7.2/24";
  facts.network.settings.clear();
  CHECK(superseded(target_with(section, 0, facts), "/etc/dhcpcd.conf").empty());
  section.may_go = false;
  facts.network.settings = {{"eth0", "/etc/dhcpcd.conf", 2, "static ip_address=192.168.4.9/24"}};
  CHECK_THROWS_WITH(target_with(section, 0, facts), has("line 2"));
}

TEST_CASE("a doubled connection with the host's address goes, and NetworkManager hears of it") {
  auto facts = make_facts();
  facts.network.backend = facts::NetworkBackendName::network_manager;
  const auto* path = "/etc/NetworkManager/system-connections/eth0-static.nmconnection";
  ExistingSetting setting{
      ExistingKind::network_connection, path, 0, {"address1=192.168.4.2/24,192.168.4.1"}, false};
  const auto target = target_with(setting, 0, facts);
  REQUIRE(is_removed(target, path));
  CHECK(find_file(target, path)->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::network_reload, "network_manager:*"}});
  setting.lines = {"address1=192.168.4.20/24"};
  CHECK_FALSE(has_file(target_with(setting, 0, facts), path));
}

TEST_CASE("dnsmasq.conf loses what timectl's own file says") {
  for (const auto* line :
       {"dhcp-host=<MAC_ADDRESS>,192.168.4.2,pi-ntp", "dhcp-option=42,192.168.4.2",
        "dhcp-option=option:ntp-server,192.168.4.2"}) {
    const auto target = target_with(dnsmasq(line), 1);
    CHECK(superseded(target, "/etc/dnsmasq.conf") == Lines{line});
    CHECK(target.conflicts.empty());
    // They may have kept it from starting.
    CHECK(find_file(target, "/etc/dnsmasq.conf")->reactions ==
          std::vector<target::Reaction>{{target::ReactionKind::restart, "dnsmasq.service"}});
  }
}

TEST_CASE(
    "a reservation for a card that the profile does not know is taken over with a word of it") {
  const auto target = target_with(dnsmasq("dhcp-host=02:00:00:00:00:0a,192.168.4.2,pi-ntp"), 1);
  CHECK_THAT(join(target.notes, "\n"), has("02:00:00:00:00:0a") && has("\"mac\" of 'pi-ntp'"));
}

TEST_CASE("what contradicts timectl's dnsmasq file is in the way until it may be taken over") {
  for (const auto* line : {"dhcp-host=02:00:00:00:00:0a,192.168.4.2,printer",
                           "dhcp-host=pi-ntp,192.168.4.77", "dhcp-option=42,192.168.4.77"}) {
    INFO(line);
    auto setting = dnsmasq(line);
    const auto kept = target_with(setting, 1);
    REQUIRE(kept.conflicts.size() == 1);
    CHECK_THAT(kept.conflicts[0].reason, has("/etc/dnsmasq.conf line 7 ('" + std::string{line}));
    CHECK_FALSE(has_file(kept, "/etc/dnsmasq.conf"));
    setting.may_go = true;
    CHECK(superseded(target_with(setting, 1), "/etc/dnsmasq.conf") == Lines{line});
  }
  CHECK(
      target_with(dnsmasq("dhcp-host=02:00:00:00:00:0a,192.168.4.9,printer"), 1).conflicts.empty());
}

TEST_CASE("option 42 with a tag is judged by the servers that it names") {
  for (const auto* line :
       {"dhcp-option=tag:lan,42,192.168.4.2", "dhcp-option=tag:lan,option:ntp-server,192.168.4.2",
        "dhcp-option=net:lan,42,192.168.4.2", "dhcp-option = tag:!known,42 , 192.168.4.2 # time"}) {
    INFO(line);
    const auto target = target_with(dnsmasq(line), 1);
    CHECK(target.conflicts.empty());
    CHECK(superseded(target, "/etc/dnsmasq.conf") == Lines{line});
  }
  const struct {
    const char* line;
    const char* reason;
  } others[] = {
      {"dhcp-option=tag:lan,42,192.168.4.77", "it tells DHCP clients with the tag lan of other"},
      {"dhcp-option=tag:a,tag:b,42,192.168.4.2,192.168.4.77", "with the tag a, b of other"},
      {"dhcp-option-force=42,192.168.4.77", "it tells DHCP clients of other time servers"},
      {"dhcp-option=tag:lan,42,0.0.0.0", "with the tag lan of other"},
      {"dhcp-option=tag:lan,42",
       "it takes the time servers of /etc/dnsmasq.d/timectl.conf from DHCP clients with the tag "
       "lan"},
      {"dhcp-option=42", "from DHCP clients"}};
  for (const auto& [line, reason] : others) {
    INFO(line);
    auto setting = dnsmasq(line);
    const auto kept = target_with(setting, 1);
    REQUIRE(kept.conflicts.size() == 1);
    CHECK_THAT(kept.conflicts[0].reason, has(reason));
    setting.may_go = true;
    CHECK(superseded(target_with(setting, 1), "/etc/dnsmasq.conf") == Lines{line});
  }
}

TEST_CASE("an option 42 that is sent unasked stays while it names the site's servers") {
  for (auto setting : {dnsmasq("dhcp-option-force=42,192.168.4.2"),
                       dnsmasq("dhcp-option-force=tag:cameras,option:ntp-server,192.168.4.2")}) {
    for (const bool may_go : {false, true}) {
      setting.may_go = may_go;
      const auto target = target_with(setting, 1);
      CHECK(target.conflicts.empty());
      CHECK_FALSE(has_file(target, "/etc/dnsmasq.conf"));
    }
  }
}

TEST_CASE("option 42 for an interface of another network is not timectl's business") {
  auto facts = make_facts();
  facts.interfaces.push_back({.name = "wlan0"});
  const auto* line = "dhcp-option=tag:wlan0,42,10.3.141.1";
  const auto target = target_with(dnsmasq(line), 1, facts);
  CHECK(target.conflicts.empty());
  CHECK_FALSE(has_file(target, "/etc/dnsmasq.conf"));
  CHECK(target_with(dnsmasq("dhcp-option=tag:eth0,42,10.3.141.1"), 1, facts).conflicts.size() == 1);
}

TEST_CASE("an unmarked line of /etc/hosts moves into the block, another address is in the way") {
  CHECK(superseded(target_with(hosts("192.168.4.2   pi-ntp # time")), "/etc/hosts").size() == 1);
  CHECK(superseded(target_with(hosts("192.168.4.2 pi-ntp ntp.lan")), "/etc/hosts").empty());
  CHECK(superseded(target_with(hosts("192.168.4.9 printer")), "/etc/hosts").empty());
  const auto wrong = target_with(hosts("192.168.4.99 pi-ntp"));
  REQUIRE(wrong.conflicts.size() == 1);
  CHECK_THAT(wrong.conflicts[0].reason, has("/etc/hosts line 7"));
}

TEST_CASE("settings in timesyncd.conf itself go from a client whose drop-in says them") {
  ExistingSetting setting{ExistingKind::timesyncd_conf,
                          "/etc/systemd/timesyncd.conf",
                          3,
                          {"FallbackNTP=a b", "NTP=192.168.4.2"},
                          false};
  CHECK(superseded(target_with(setting, 1), setting.file) == setting.lines);
  CHECK_FALSE(has_file(target_with(setting, 0), setting.file));
  setting.lines = {"SaveIntervalSec=30"};
  CHECK_FALSE(has_file(target_with(setting, 1), setting.file));
}

TEST_CASE("a drop-in that timesyncd reads after timectl's is in the way, or loses its lines") {
  ExistingSetting setting{ExistingKind::timesyncd_override,
                          "/etc/systemd/timesyncd.conf.d/zz-site.conf",
                          2,
                          {"NTP=", "NTP=192.168.4.9"},
                          false};
  const auto refused = target_with(setting, 1);
  REQUIRE(refused.conflicts.size() == 1);
  CHECK_THAT(refused.conflicts[0].reason, has("zz-site.conf line 2 ('NTP=')"));
  CHECK_THAT(refused.conflicts[0].remedy, has("--take-over"));
  CHECK(target_with(setting, 0).conflicts.empty());  // a server runs chrony
  setting.may_go = true;
  CHECK(superseded(target_with(setting, 1), setting.file) == setting.lines);
  setting.file = "/usr/lib/systemd/timesyncd.conf.d/zz-vendor.conf";
  const auto vendor = target_with(setting, 1);
  REQUIRE(vendor.conflicts.size() == 1);
  CHECK(vendor.conflicts[0].remedy ==
        "hide it: mkdir -p /etc/systemd/timesyncd.conf.d && "
        "ln -s /dev/null /etc/systemd/timesyncd.conf.d/zz-vendor.conf");
}
TEST_CASE("the old monitor goes when it is known, and is in the way when it is not") {
  const auto* path = "/etc/systemd/system/ntp-monitor.timer";
  CHECK(is_removed(target_with({ExistingKind::monitor, path, 0, {}, true}, 1), path));
  CHECK(target_with({ExistingKind::monitor, path, 0, {}, false}, 1).conflicts.size() == 1);
}

TEST_CASE("commands that set the clock besides are noted, and none is edited") {
  auto facts = make_facts();
  facts::ClockSetter setter{"/etc/rc.local", 3, "sets the clock from the RTC"};
  setter.text = "hwclock -s";
  setter.can_be_commented_out = true;
  facts.clock_setters.found.assign(7, setter);
  auto site = make_site();
  const auto target = render_host(site, site.hosts[0], facts);
  const auto count = [&](const std::string& words) {
    return std::count_if(target.notes.begin(), target.notes.end(),
                         [&](const auto& note) { return note.find(words) != std::string::npos; });
  };
  CHECK(target.conflicts.empty());
  CHECK(count("/etc/rc.local line 3 ('hwclock -s') sets the clock from the RTC, beside timectl: "
              "sed -i '3s/^/#/' /etc/rc.local") == 5);
  CHECK(count("2 more commands do so") == 1);
  for (const auto& file : target.files) CHECK(file.path.text() != "/etc/rc.local");
  // What the plan takes away anyway is said there.
  facts.existing = {{facts::ExistingKind::rtc_service, "/etc/rc.local", 0, {}, true}};
  CHECK(render_host(site, site.hosts[0], facts).notes.size() + 6 == target.notes.size());
}
