// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect.hpp"

#include "support/catch.hpp"
#include "support/fixture_root.hpp"

using namespace timectl;
using namespace timectl::facts;
using namespace timectl::features;
using test::FakeFiles;

namespace {

const std::map<std::string, Version> chrony_installed{{"chrony", Version{4, 3, ""}}};

std::vector<ExistingSetting> left_in(const FakeFiles& files) {
  return find_existing(files, chrony_installed);
}

}  // namespace

TEST_CASE("a stock host has nothing left over") {
  const FakeFiles files{{"/etc/modules", "# loaded at boot\ni2c-dev\nrtc-ds1307\n"},
                        {"/etc/chrony/chrony.conf", "pool a iburst\nrtcsync\n#rtcfile /x\n"},
                        {"/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 pi-ntp\n"},
                        {"/etc/systemd/timesyncd.conf", "[Time]\n#NTP=\n"},
                        {"/etc/dhcpcd.conf", "hostname\nduid\npersistent\n"},
                        {"/etc/dnsmasq.conf", "dhcp-range=192.168.4.50,192.168.4.99\n"}};
  CHECK(left_in(files).empty());
}

TEST_CASE("an RTC driver that is listed twice in /etc/modules was added by a script") {
  const auto found = left_in(FakeFiles{{"/etc/modules", "i2c-dev\nrtc-ds1307\n\n  rtc-ds1307\n"}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == ExistingKind::rtc_modules);
  CHECK(found[0].line == 2);
  CHECK(found[0].lines.size() == 2);
  CHECK(found[0].may_go);
}

TEST_CASE("rtc-ds3231.service is the script's only when it registers the chip") {
  const auto* path = "/etc/systemd/system/rtc-ds3231.service";
  const auto script = left_in(
      FakeFiles{{path,
                 "ExecStart=/bin/sh -c 'echo ds1307 0x68 > /sys/bus/i2c/devices/i2c-1/new_device'\n"
                 "ExecStart=/sbin/hwclock -s\n"}});
  REQUIRE(script.size() == 1);
  CHECK(script[0].may_go);
  const auto other = left_in(FakeFiles{{path, "ExecStart=/usr/local/bin/mine\n"}});
  REQUIRE(other.size() == 1);
  CHECK_FALSE(other[0].may_go);
}

TEST_CASE("rtcfile beside rtcsync goes, wherever the two stand, and the rest is the user's") {
  FakeFiles files{{"/etc/chrony/chrony.conf",
                   "confdir /etc/chrony/conf.d\nrefclock SHM 0\nlocal stratum 8\nrtcsync\n"},
                  {"/etc/chrony/conf.d/rtc.conf", "log x\nRtcFile /var/lib/chrony/rtc\n"}};
  CHECK(find_existing(files, {}).empty());
  const auto found = left_in(files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == ExistingKind::chrony_conf);
  CHECK(found[0].file == "/etc/chrony/conf.d/rtc.conf");
  CHECK(found[0].line == 2);
  CHECK(found[0].lines == std::vector<std::string>{"RtcFile /var/lib/chrony/rtc"});
  CHECK(found[0].may_go);
  CHECK(found[1].kind == ExistingKind::chrony_local);
  CHECK_FALSE(found[1].may_go);
  files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n");
  CHECK(left_in(files).empty());
}

TEST_CASE("the script's chrony.conf loses 'local' too: chronyd never ran with it") {
  const std::string script =
      "rtcfile /x\nrtcsync\nrtcautotrim 10\nallow 192.168.4.0/24\n"
      "local stratum 10\npool a iburst\nlog tracking\n";
  const auto found = left_in(FakeFiles{{"/etc/chrony/chrony.conf", script}});
  REQUIRE(found.size() == 2);
  CHECK((found[0].may_go && found[1].may_go));
  const auto other = left_in(FakeFiles{{"/etc/chrony/chrony.conf", script + "keyfile /k\n"}});
  REQUIRE(other.size() == 2);
  CHECK((other[0].may_go && !other[1].may_go));
}

TEST_CASE("'local' is a candidate in each file that chronyd reads, but for timectl's own") {
  FakeFiles files{{"/etc/chrony/chrony.conf",
                   "pool a\nLocal stratum 8\n#local\nlocalx\nconfdir /etc/chrony/conf.d\n"
                   "include /etc/more\n"},
                  {"/etc/chrony/conf.d/50-timectl.conf", "local\n"},
                  {"/etc/chrony/conf.d/90-mine.conf", "local stratum 10 orphan\n"},
                  {"/etc/chrony/conf.d/README", "local\n"},
                  {"/srv/more", "local\n"}};
  files.put_link("/etc/more", "/srv/more");
  const auto found = left_in(files);
  REQUIRE(found.size() == 3);
  CHECK(found[0].kind == ExistingKind::chrony_local);
  CHECK(found[0].file == "/etc/chrony/chrony.conf");
  CHECK(found[0].line == 2);
  CHECK_FALSE(found[0].may_go);
  CHECK_FALSE(found[0].is_fixed);
  CHECK(found[1].file == "/etc/chrony/conf.d/90-mine.conf");
  CHECK(found[2].file == "/etc/more");
  CHECK(found[2].is_fixed);
}

TEST_CASE("a dhcpcd.conf of nothing but addresses was overwritten by the script") {
  const std::string section = "interface eth0\nstatic ip_address=192.168.4.2/24\n";
  const auto script = left_in(FakeFiles{{"/etc/dhcpcd.conf", "# static\n" + section}});
  REQUIRE(script.size() == 1);
  CHECK(script[0].may_go);
  CHECK(script[0].lines ==
        std::vector<std::string>{"interface eth0", "static ip_address=192.168.4.2/24"});
  const auto user = left_in(FakeFiles{{"/etc/dhcpcd.conf", "hostname\n" + section + "noipv6\n"}});
  REQUIRE(user.size() == 1);
  CHECK_FALSE(user[0].may_go);
  CHECK(user[0].lines.size() == 2);
}

TEST_CASE("what stands in timectl's block is not left over") {
  CHECK(left_in(FakeFiles{{"/etc/hosts",
                           "# BEGIN timectl (from the profile: lines in here are overwritten)\n"
                           "192.168.4.2 pi-ntp\n# END timectl\n"}})
            .empty());
}

TEST_CASE("connections of the script are found by their name, others are not looked at") {
  const std::string directory = "/etc/NetworkManager/system-connections/";
  const auto found = left_in(FakeFiles{
      {directory + "eth0-static.nmconnection",
       "[connection]\nid=eth0-static\ninterface-name=eth0\n[ipv4]\naddress1=192.168.4.2/24\n"},
      {directory + "eth0-static-7.nmconnection",
       "[connection]\nid=eth0-static\ninterface-name=eth0\n[ipv4]\naddress1=192.168.4.2/24\n"},
      {directory + "lan.nmconnection", "[connection]\nid=lan\ninterface-name=eth0\n"}});
  REQUIRE(found.size() == 2);
  CHECK(found[0].lines == std::vector<std::string>{"address1=192.168.4.2/24"});
}

TEST_CASE("lines of other files are candidates, each with its number") {
  const auto found = left_in(FakeFiles{
      {"/etc/dnsmasq.conf",
       "domain=lan\ndhcp-host=<MAC_ADDRESS>,192.168.4.2,pi-ntp\ndhcp-option=42,192.168.4.2\n"
       "dhcp-option=3,192.168.4.1\n"},
      {"/etc/hosts", "127.0.0.1 localhost\n192.168.4.2 pi-ntp\n"},
      {"/etc/systemd/timesyncd.conf", "[Time]\nNTP=192.168.4.2\nFallbackNTP=a b\n"}});
  REQUIRE(found.size() == 4);
  CHECK(found[0].line == 2);
  CHECK(found[1].lines == std::vector<std::string>{"dhcp-option=42,192.168.4.2"});
  CHECK(found[2].kind == ExistingKind::hosts_line);
  CHECK(found[3].lines == std::vector<std::string>{"NTP=192.168.4.2", "FallbackNTP=a b"});
}

TEST_CASE("option 42 is found in each form that dnsmasq reads, in each of its files") {
  for (const std::string line :
       {"dhcp-option=42,192.168.4.2", "dhcp-option=tag:lan,option:ntp-server,192.168.4.2",
        "dhcp-option=tag:lan,tag:!known,42,192.168.4.2", "dhcp-option=net:lan,42,0.0.0.0",
        "dhcp-option=lan,42,192.168.4.2", "dhcp-option-force=42,192.168.4.2",
        "dhcp-option-force=tag:lan,option:NTP-server,192.168.4.2", "dhcp-option=tag:lan,42",
        "dhcp-option=42", "dhcp-option = tag:lan , 42 , 192.168.4.2 # for cameras"}) {
    for (const auto* file : {"/etc/dnsmasq.conf", "/etc/dnsmasq.d/lan.conf"}) {
      CAPTURE(line, file);
      const auto found = left_in(FakeFiles{{file, "domain=lan\n" + line + "\n"}});
      REQUIRE(found.size() == 1);
      CHECK(found[0].kind == ExistingKind::dnsmasq_line);
      CHECK(found[0].file == file);
      CHECK(found[0].line == 2);
      CHECK(found[0].lines == std::vector{line});
    }
  }
}

TEST_CASE("other options, comments and files that dnsmasq does not read are not looked at") {
  for (const std::string line :
       {"dhcp-option=tag:lan,3,192.168.4.1", "dhcp-option=option:router,42",
        "dhcp-option=option6:ntp-server,[fd00::2]", "dhcp-option=vendor:MSFT,42,192.168.4.2",
        "dhcp-option=encap:175,42,192.168.4.2", "#dhcp-option=42,192.168.4.2",
        "dhcp-option=tag:42,3,192.168.4.1", "dhcp-range=42,192.168.4.2", "dhcp-option"}) {
    CAPTURE(line);
    CHECK(left_in(FakeFiles{{"/etc/dnsmasq.conf", line + "\n"}}).empty());
  }
  const std::string option = "dhcp-option=42,192.168.4.9\n";
  CHECK(left_in(FakeFiles{{"/etc/dnsmasq.d/timectl.conf", option},
                          {"/etc/dnsmasq.d/lan.conf.dpkg-old", option},
                          {"/etc/dnsmasq.d/.lan.conf", option},
                          {"/etc/dnsmasq.d/lan.conf~", option}})
            .empty());
}

TEST_CASE("aliases of the old script are told by their names; those in a home are its owner's") {
  FakeFiles files{
      {"/etc/bash.bashrc",
       "PS1=x\n# BEGIN timectl\nalias ntp.test='a'\n# END timectl\nalias ntp.show='old'\n"},
      {"/etc/profile.d/ntp.sh", "alias ll='ls -l'\nalias ntp.status='old'\nalias ntp.test='x'\n"},
      {"/home/pi/.bash_aliases", "alias ntp.monitor.run='old'\nalias ntp.mine='x'\n"}};
  files.put_link("/root/.bashrc", "/home/pi/.bash_aliases");
  const auto found = left_in(files);
  REQUIRE(found.size() == 3);
  CHECK(found[0].file == "/etc/bash.bashrc");
  CHECK(found[0].line == 5);
  CHECK(found[1].lines.size() == 2);
  CHECK(found[1].may_go);
  CHECK(found[2].file == "/home/pi/.bash_aliases");
  CHECK(found[2].lines == std::vector<std::string>{"alias ntp.monitor.run='old'"});
  CHECK_FALSE(found[2].may_go);
}

TEST_CASE("what timesyncd reads after timectl's drop-in is found, by name and in each directory") {
  const std::string own = "/etc/systemd/timesyncd.conf.d/50-timectl.conf";
  const auto overrides = [&](const std::string& path, const std::string& text) {
    const auto found = left_in(FakeFiles{{own, "[Time]\nNTP=\nNTP=192.168.4.2\n"}, {path, text}});
    return found.empty() ? std::vector<std::string>{} : found[0].lines;
  };
  const std::string drops = "# ours\n[Time]\nNTP =\nNTP= 192.168.4.9\n";
  const std::vector<std::string> dropped{"NTP =", "NTP= 192.168.4.9"};
  for (const std::string directory : {"/etc", "/run", "/usr/local/lib", "/usr/lib"}) {
    INFO(directory);
    CHECK(overrides(directory + "/systemd/timesyncd.conf.d/zz-site.conf", drops) == dropped);
    CHECK(overrides(directory + "/systemd/timesyncd.conf.d/50-zz.conf", drops) == dropped);
    CHECK(overrides(directory + "/systemd/timesyncd.conf.d/10-site.conf", drops).empty());
    CHECK(overrides(directory + "/systemd/timesyncd.conf.d/zz-site.txt", drops).empty());
  }
  const std::string late = "/etc/systemd/timesyncd.conf.d/zz-site.conf";
  CHECK(overrides(late, "[Time]\nServers=\n").size() == 1);
  CHECK(overrides(late, "[Time]\nRootDistanceMaxSec=30\n").size() == 1);
  CHECK(overrides(late, "[Time]\nNTP=192.168.4.9\n").empty());  // only one more, tried last
  CHECK(overrides(late, "[Time]\nFallbackNTP=\nSaveIntervalSec=5\n").empty());
  CHECK(overrides(late, "[Other]\nNTP=\n").empty());
  CHECK(overrides(late, "NTP=\n#[Time]\n").empty());
  // A mask hides it, and what is no file is none.
  FakeFiles masked{{"/usr/lib/systemd/timesyncd.conf.d/zz-site.conf", drops}};
  masked.put_link(late, "/dev/null");
  masked.put_directory("/etc/systemd/timesyncd.conf.d/zz.conf");
  CHECK(left_in(masked).empty());
  // The one in /etc hides it.
  CHECK(left_in(FakeFiles{{late, ""}, {"/usr/lib/systemd/timesyncd.conf.d/zz-site.conf", drops}})
            .empty());
}

TEST_CASE("the old monitor is its units and the script that its service starts") {
  FakeFiles files{
      {"/etc/systemd/system/ntp-monitor.service", "[Service]\nExecStart=/opt/ntp-monitor.sh\n"},
      {"/etc/systemd/system/ntp-monitor.timer", "[Timer]\n"},
      {"/opt/ntp-monitor.sh", "#!/bin/bash\nCONSERVE_POWER=1\n"}};
  const auto found = left_in(files);
  REQUIRE(found.size() == 3);
  CHECK(found[2].file == "/opt/ntp-monitor.sh");
  CHECK((found[0].may_go && found[1].may_go && found[2].may_go));
  files.put("/etc/systemd/system/ntp-monitor.service", "[Service]\nExecStart=/usr/bin/mine\n");
  const auto other = left_in(files);
  REQUIRE(other.size() == 2);
  CHECK_FALSE(other[0].may_go);
}
