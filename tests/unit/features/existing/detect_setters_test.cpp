// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_setters.hpp"

#include "support/catch.hpp"
#include "support/fixture_root.hpp"

#include <fmt/format.h>

using namespace timectl;
using namespace timectl::features;
using test::FakeFiles;

namespace {

facts::ClockSetters setters_in(const FakeFiles& files) {
  return find_clock_setters(files, test::LinkedServices{files});
}

std::vector<std::string> places_in(const FakeFiles& files) {
  std::vector<std::string> places;
  for (const auto& each : setters_in(files).found) {
    places.push_back(fmt::format("{}:{}", each.file, each.line));
  }
  return places;
}

using Places = std::vector<std::string>;

FakeFiles with(const std::string& path, const std::string& text, std::uint32_t mode = 0755) {
  FakeFiles files;
  files.put(path, text, mode);
  return files;
}

const std::string hwclock_set =
    "#!/bin/sh\n# Reset the System Clock to UTC if the hardware clock from which it\n"
    "# was copied by the kernel was in localtime.\n\ndev=$1\n\n"
    "if [ -e /run/systemd/system ] ; then\n    exit 0\nfi\n\n"
    "/sbin/hwclock --rtc=$dev --systz\n/sbin/hwclock --rtc=$dev --hctosys\n";

std::string edited(std::string script) {
  for (const auto* line : {"if [", "    exit", "fi\n", "/sbin/hwclock --rtc=$dev --systz"}) {
    script.insert(script.find(line), "#");
  }
  return script;
}

FakeFiles enabled_unit(const std::string& settings) {
  FakeFiles files;
  files.put("/etc/systemd/system/hwclock-sync.service",
            "[Service]\n" + settings + "[Install]\nWantedBy=multi-user.target\n");
  files.put_link("/etc/systemd/system/multi-user.target.wants/hwclock-sync.service",
                 "/etc/systemd/system/hwclock-sync.service");
  return files;
}

}  // namespace

TEST_CASE("each place where a host runs commands is looked at, with its line") {
  const std::string script = "#!/bin/sh\n\nhwclock -s\nexit 0\n";
  for (const auto* path :
       {"/etc/rc.local", "/etc/cron.hourly/clock", "/etc/cron.daily/clock",
        "/etc/network/if-up.d/clock", "/etc/ppp/ip-up.d/clock",
        "/etc/NetworkManager/dispatcher.d/50-clock.sh", "/etc/dhcp/dhclient-exit-hooks.d/clock",
        "/etc/networkd-dispatcher/routable.d/clock", "/etc/dhcpcd.exit-hook",
        "/lib/dhcpcd/dhcpcd-hooks/99-clock", "/usr/lib/systemd/system-sleep/clock"}) {
    CHECK(places_in(with(path, script)) == Places{fmt::format("{}:3", path)});
  }
  CHECK(places_in(with("/etc/crontab", "SHELL=/bin/sh\n17 * * * * root hwclock -s\n", 0644)) ==
        Places{"/etc/crontab:2"});
  CHECK(places_in(with("/etc/cron.d/clock", "@reboot root sleep 9; hwclock -s\n", 0644)).size() ==
        1);
  CHECK(places_in(with("/var/spool/cron/crontabs/root", "# x\n@hourly ntpdate a.b\n", 0600)) ==
        Places{"/var/spool/cron/crontabs/root:2"});
  CHECK(places_in(with("/etc/udev/rules.d/60-rtc.rules",
                       "SUBSYSTEM==\"rtc\", RUN+=\"/bin/x\", RUN+=\"/sbin/hwclock -s\"\n", 0644)) ==
        Places{"/etc/udev/rules.d/60-rtc.rules:1"});
}

TEST_CASE("commands in stanzas of ifupdown count, when an interface comes up") {
  const std::string stanza = "auto eth0\niface eth0 inet dhcp\n";
  for (const std::string option : {"up", "  pre-up", "\tpost-up"}) {
    CAPTURE(option);
    for (const std::string path : {"/etc/network/interfaces", "/etc/network/interfaces.d/eth0"}) {
      CHECK(places_in(with(path, stanza + option + " hwclock -s\n", 0644)) == Places{path + ":3"});
    }
  }
  for (const std::string line :
       {"down hwclock -w", "pre-down hwclock -s", "#up hwclock -s",
        "up ip route add 192.0.2.0/24 via 192.168.4.9", "upper hwclock -s"}) {
    CAPTURE(line);
    CHECK(places_in(with("/etc/network/interfaces", stanza + line + "\n", 0644)).empty());
  }
}

TEST_CASE(
    "a unit where packages keep theirs counts, if a boot starts it and no package brought it") {
  const std::string unit = "/lib/systemd/system/hwclock-sync.service";
  FakeFiles files = with(unit, "[Service]\nExecStart=/sbin/hwclock -s\n", 0644);
  CHECK(places_in(files).empty());
  const std::string wants = "/etc/systemd/system/multi-user.target.wants/hwclock-sync.service";
  for (const std::string& target : {unit, "/usr" + unit}) {
    CAPTURE(target);
    auto enabled = files;
    enabled.put_link(wants, target);
    enabled.put(target, "[Service]\nExecStart=/sbin/hwclock -s\n", 0644);
    CHECK(places_in(enabled) == Places{target + ":2"});
    enabled.put("/var/lib/dpkg/info/other.list", "/.\n/lib\n" + unit + ".d\n");
    CHECK(places_in(enabled).size() == 1);
    enabled.put("/var/lib/dpkg/info/clock:armhf.list", "/.\n/lib\n" + unit + "\n");
    CHECK(places_in(enabled).empty());
  }
}

TEST_CASE("what nothing runs is silent") {
  CHECK(places_in(with("/etc/rc.local", "#!/bin/sh\nhwclock -s\n", 0644)).empty());
  CHECK(places_in(with("/etc/rc.local", "#!/bin/sh\nexit 0\nhwclock -s\n")).empty());
  CHECK(places_in(with("/etc/rc.local", "#!/usr/bin/python3\nhwclock -s\n")).empty());
  CHECK(places_in(with("/etc/cron.daily/clock.sh", "hwclock -s\n")).empty());
  CHECK(places_in(with("/etc/cron.daily/clock", "hwclock -s\n", 0644)).empty());
  CHECK(places_in(with("/etc/cron.d/clock.bak", "@daily root hwclock -s\n")).empty());
  CHECK(places_in(with("/etc/crontab", "@daily pi hwclock -s\n#@daily root hwclock -s\n")).empty());
  CHECK(places_in(with("/etc/crontab", "@daily pi sudo hwclock -s\n")).size() == 1);
  CHECK(places_in(with("/var/spool/cron/crontabs/pi", "@daily hwclock -s\n")).empty());
}

TEST_CASE("a distribution's own files are silent") {
  CHECK(places_in(with("/lib/udev/hwclock-set", hwclock_set)).empty());
  CHECK(places_in(with("/usr/lib/udev/hwclock-set", hwclock_set)).empty());
  CHECK(places_in(with("/etc/network/if-up.d/ntpsec-ntpdate",
                       "#!/bin/sh\nset -e\nif [ \"$METHOD\" = loopback ]; then\n\texit 0\nfi\n"
                       "(\n/usr/sbin/ntpdate-debian -s $OPTS 2>/dev/null || :\n) &\n"))
            .empty());
  CHECK(places_in(with("/etc/NetworkManager/dispatcher.d/20-chrony-onoffline",
                       "#!/bin/sh\nchronyc onoffline > /dev/null 2>&1\nexit 0\n"))
            .empty());
  CHECK(places_in(with("/etc/cron.hourly/fake-hwclock",
                       "#!/bin/sh\nif (command -v fake-hwclock >/dev/null 2>&1) ; then\n"
                       "  fake-hwclock save\nfi\n"))
            .empty());
  CHECK(places_in(with("/etc/cron.daily/x",
                       "#!/bin/sh\nif [ -d /run/systemd/system ]; then\n  systemctl start x\nelse\n"
                       "  hwclock -s\nfi\n"))
            .empty());
}

TEST_CASE("what a script does without systemd only is silent") {
  for (const auto* script : {"[ -d /run/systemd/system ] && exit 0\nhwclock -s\n",
                             "[ -e /run/systemd/system ] || hwclock -s\n",
                             "if [ ! -d /run/systemd/system ]; then\n  hwclock -s\nfi\n",
                             "[ ! -d /run/systemd/system ] && hwclock -s\n",
                             "if test -d /run/systemd/system; then\n  exit\nfi\nhwclock -s\n"}) {
    INFO(script);
    CHECK(places_in(with("/etc/rc.local", script)).empty());
  }
  for (const auto* script : {"[ -d /run/systemd/system ] || exit 0\nhwclock -s\n",
                             "[ -d /run/systemd/system ] && hwclock -s\n",
                             "if [ ! -d /run/systemd/system ]; then\n  exit 0\nfi\nhwclock -s\n",
                             "if [ ! -d /run/systemd/system ]; then\n  x\nelse\n  hwclock -s\nfi\n",
                             "if [ -d /run/systemd/system ]; then\n  x\nfi\nhwclock -s\n"}) {
    INFO(script);
    CHECK(places_in(with("/etc/rc.local", script)).size() == 1);
  }
}

TEST_CASE("a hook of the distribution counts where its program is") {
  auto files = with("/etc/network/if-up.d/ntpsec-ntpdate", "/usr/sbin/ntpdate-debian -s\n");
  files.put("/usr/sbin/ntpdate-debian", "#!/bin/sh\n", 0755);
  CHECK(places_in(files).size() == 1);
}

TEST_CASE("hwclock-set as guides have it edited sets the clock at each boot") {
  CHECK(places_in(with("/lib/udev/hwclock-set", edited(hwclock_set))) ==
        Places{"/lib/udev/hwclock-set:12"});
}

TEST_CASE("an enabled unit counts, with what disables it") {
  const auto found = setters_in(enabled_unit("ExecStart=-/sbin/hwclock -s\n")).found;
  REQUIRE(found.size() == 1);
  CHECK(found[0].line == 2);
  CHECK(found[0].unit == "hwclock-sync.service");
  CHECK(found[0].effect == "sets the clock from the RTC");
  CHECK(facts::remedy_for(found[0], "") == "systemctl disable --now hwclock-sync.service");
  CHECK(setters_in(enabled_unit("ExecStartPre=@/sbin/hwclock clock -s\n")).found.size() == 1);
  CHECK(setters_in(enabled_unit("ExecStart=/bin/sh -c 'x; \\\n hwclock -s'\n")).found.size() == 1);
  CHECK(setters_in(enabled_unit("ExecStart=/usr/sbin/chronyd -F 1\n")).found.empty());
  CHECK(setters_in(enabled_unit("#ExecStart=/sbin/hwclock -s\n")).found.empty());
}

TEST_CASE("a unit that does more than set the clock is not to be disabled") {
  const auto found =
      setters_in(enabled_unit("ExecStartPre=-/sbin/hwclock -s\nExecStart=/opt/controller\n")).found;
  REQUIRE(found.size() == 1);
  CHECK(facts::remedy_for(found[0], "") ==
        "edit /etc/systemd/system/hwclock-sync.service: take the command out of line 2");
}

TEST_CASE("on a card the remedies are for the card") {
  const auto found = setters_in(enabled_unit("ExecStart=/sbin/hwclock -s\n")).found;
  REQUIRE(found.size() == 1);
  CHECK(facts::remedy_for(found[0], "/mnt") ==
        "systemctl --root /mnt disable hwclock-sync.service");
  const auto line = setters_in(with("/etc/rc.local", "#!/bin/sh\nhwclock -s\n")).found;
  REQUIRE(line.size() == 1);
  CHECK(facts::remedy_for(line[0], "/mnt") == "sed -i '2s/^/#/' /mnt/etc/rc.local");
}

TEST_CASE("a script counts for the unit that runs, not for one that does not and came first") {
  auto files = enabled_unit("ExecStart=/usr/local/bin/clock.sh\n");
  files.put("/etc/systemd/system/a.service", "[Service]\nExecStart=/usr/local/bin/clock.sh\n");
  files.put("/usr/local/bin/clock.sh", "#!/bin/sh\nhwclock -s\n", 0755);
  CHECK(places_in(files) == Places{"/usr/local/bin/clock.sh:2"});
}

TEST_CASE("a unit that is not enabled is silent, unless its timer is") {
  auto files = enabled_unit("ExecStart=/sbin/hwclock -s\n");
  files.erase("/etc/systemd/system/multi-user.target.wants/hwclock-sync.service");
  CHECK(setters_in(files).found.empty());
  files.put("/etc/systemd/system/hwclock-sync.timer", "[Install]\nWantedBy=timers.target\n");
  files.put_link("/etc/systemd/system/timers.target.wants/hwclock-sync.timer",
                 "/etc/systemd/system/hwclock-sync.timer");
  const auto found = setters_in(files).found;
  REQUIRE(found.size() == 1);
  CHECK(found[0].unit == "hwclock-sync.timer");
}

TEST_CASE("scripts that are run are followed, one level deep and where users put them") {
  auto files = enabled_unit("ExecStart=/bin/bash /usr/local/bin/clock.sh\n");
  files.put("/usr/local/bin/clock.sh", "#!/bin/bash\nhwclock -s\n/opt/more\n", 0755);
  files.put("/opt/more", "hwclock -s\n", 0755);
  const auto found = setters_in(files).found;
  REQUIRE(found.size() == 1);
  CHECK(found[0].file == "/usr/local/bin/clock.sh");
  CHECK(found[0].unit == "hwclock-sync.service");
  auto outside = with("/etc/rc.local", "/home/pi/clock.sh\n/usr/bin/clock\n");
  outside.put("/home/pi/clock.sh", "hwclock -s\n", 0755);
  outside.put("/usr/bin/clock", "hwclock -s\n", 0755);
  CHECK(places_in(outside).empty());
}

TEST_CASE("a line is shown only of a file that everybody may read, cut and without controls") {
  const std::string line = "KEY=secret hwclock -s";
  CHECK(setters_in(with("/etc/rc.local", line + "\n")).found[0].text == line);
  CHECK(setters_in(with("/etc/rc.local", line + "\n", 0700)).found[0].text.empty());
  CHECK(setters_in(with("/var/spool/cron/crontabs/root", "@daily " + line + "\n", 0644))
            .found[0]
            .text.empty());
  const auto odd =
      setters_in(with("/etc/rc.local", "hwclock -s '\x1b[2J" + std::string(200, 'x') + "'\n"))
          .found[0]
          .text;
  CHECK(odd.size() < 90);
  CHECK(odd.find('\x1b') == std::string::npos);
}

TEST_CASE("links out of the system's places and other users' files are not read") {
  FakeFiles files;
  files.put("/proc/1/environ", "hwclock -s\n", 0755);
  files.put("/home/pi/x", "hwclock -s\n", 0755);
  files.put_link("/etc/rc.local", "/proc/1/environ");
  files.put_link("/etc/cron.daily/x", "/home/pi/x");
  files.put_link("/etc/cron.daily/y", "../../proc/1/environ");
  CHECK(places_in(files).empty());
  files.put("/opt/x", "hwclock -s\n", 0755);
  files.put_link("/etc/cron.daily/z", "/opt/x");
  const auto found = setters_in(files).found;
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found[0].can_be_commented_out);
  auto others = with("/etc/rc.local", "hwclock -s\n");
  others.set_ownership(system::RootedPath{"/etc/rc.local"}, {0755, 1000, 1000});
  CHECK(places_in(others).empty());
}

TEST_CASE("what is found and what is read has limits, and the answer says so") {
  std::string many;
  for (int i = 0; i < 9; ++i) many += "hwclock -s\n";
  const auto few = setters_in(with("/etc/rc.local", many));
  CHECK(few.found.size() == 5);
  CHECK_FALSE(few.not_known.empty());
  FakeFiles files;
  for (int i = 0; i < 80; ++i) files.put(fmt::format("/etc/cron.daily/x{}", i), many, 0755);
  CHECK(setters_in(files).found.size() == 50);
  const std::string large(2'000'000, '#');
  CHECK_FALSE(setters_in(with("/etc/rc.local", large)).not_known.empty());
  CHECK(setters_in(with("/etc/rc.local", "true\n")).not_known.empty());
}

TEST_CASE("a line that stands alone is commented out, every other one edited") {
  const auto remedy = [](const std::string& script) {
    const auto found = setters_in(with("/etc/rc.local", script)).found;
    return found.empty() ? "" : facts::remedy_for(found[0], "");
  };
  CHECK(remedy("#!/bin/sh\nhwclock -s\nexit 0\n") == "sed -i '2s/^/#/' /etc/rc.local");
  const std::string edit = "edit /etc/rc.local: take the command out of line 2";
  CHECK(remedy("if true; then\nhwclock -s\nfi\n") == edit);
  CHECK(remedy("true &&\nhwclock -s\n") == edit);
  CHECK(remedy("#!/bin/sh\nhwclock -s; x\n") == edit);
}
