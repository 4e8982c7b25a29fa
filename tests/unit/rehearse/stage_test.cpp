// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/stage.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "support/fake_processes.hpp"

#include <algorithm>

using namespace timectl;
using system::RootedPath;
using target::FileKind;

namespace {

struct Site {
  Site() {
    profile.networks = {{"", *Subnet::parse("192.168.4.0/24")}};
    host.addresses = {{"", *IpAddress::parse("192.168.4.2")}};
    host.serve = profile::ServeFeature{{profile.networks[0].subnet}, 10};
  }

  target::DesiredFile& add(const std::string& path, const std::string& content,
                           FileKind kind = FileKind::owned) {
    target.files.push_back({RootedPath{path}, kind, content, 0644, "root", false, "", {}});
    return target.files.back();
  }
  rehearse::Stage stage() const {
    return rehearse::make_stage(target, profile, host, files, processes);
  }

  profile::Profile profile;
  profile::Host host;
  target::Target target;
  test::FakeFiles files;
  test::FakeProcesses processes;
};

std::string staged(const rehearse::Stage& stage, const std::string& path) {
  for (const auto& file : stage.sandbox.files) {
    if (file.path.text() == path) return file.content;
  }
  return "not staged";
}

bool has(const std::vector<RootedPath>& paths, const std::string& path) {
  return std::count(paths.begin(), paths.end(), RootedPath{path}) == 1;
}

}  // namespace

TEST_CASE("the target's files stand at their real paths in a private /etc", "[stage]") {
  Site site;
  site.add("/etc/chrony/conf.d/50-timectl.conf", "allow 192.168.4.0/24\n").mode = 0640;
  const auto stage = site.stage();
  CHECK(has(stage.sandbox.private_directories, "/etc"));
  CHECK(staged(stage, "/etc/chrony/conf.d/50-timectl.conf") == "allow 192.168.4.0/24\n");
  CHECK(stage.sandbox.files.at(0).mode == 0640);
}

TEST_CASE("the server's address is on the loopback, and a stranger's", "[stage]") {
  const Site site;
  const auto stage = site.stage();
  REQUIRE(stage.sandbox.addresses.size() == 2);
  CHECK(stage.sandbox.addresses[0].text() == "192.168.4.2/24");
  CHECK_FALSE(site.profile.networks[0].subnet.contains(stage.sandbox.addresses[1].address));
}

TEST_CASE("no client is a stranger to a server that allows all", "[stage]") {
  profile::ServeFeature serve;
  serve.allow = {*Subnet::parse("203.0.113.0/24")};
  CHECK(rehearse::stranger_to(serve) == IpAddress::parse("198.51.100.77"));
  serve.allow = {*Subnet::parse("0.0.0.0/0"), *Subnet::parse("::/0")};
  CHECK_FALSE(rehearse::stranger_to(serve));
}

TEST_CASE("a file outside of /etc makes its directory private, once", "[stage]") {
  Site site;
  site.add("/var/lib/timectl/a", "");
  site.add("/var/lib/timectl/b", "");
  site.add("/var/lib/chrony/c", "");
  const auto stage = site.stage();
  CHECK(has(stage.sandbox.private_directories, "/var/lib/timectl"));
  CHECK_FALSE(has(stage.sandbox.private_directories, "/var/lib/chrony"));
}

TEST_CASE("what only the firmware reads is not staged", "[stage]") {
  Site site;
  site.add("/boot/firmware/config.txt", "dtoverlay=i2c-rtc,ds3231\n", FileKind::block).in_place =
      true;
  const auto stage = site.stage();
  CHECK(staged(stage, "/boot/firmware/config.txt") == "not staged");
  CHECK_FALSE(has(stage.sandbox.private_directories, "/boot/firmware"));
}

TEST_CASE("a block is put behind the lines of the host's file, and only once", "[stage]") {
  Site site;
  site.add("/etc/hosts", "192.168.4.2 pi-ntp\n", FileKind::block);
  site.files.put("/etc/hosts", "127.0.0.1 localhost");
  CHECK(staged(site.stage(), "/etc/hosts") == "127.0.0.1 localhost\n192.168.4.2 pi-ntp\n");
  site.files.put("/etc/hosts", "# begin\n192.168.4.2 pi-ntp\n# end\n");
  CHECK(staged(site.stage(), "/etc/hosts") == "# begin\n192.168.4.2 pi-ntp\n# end\n");
}

TEST_CASE("links are links and absent files are taken away", "[stage]") {
  Site site;
  site.add("/etc/systemd/system/fake-hwclock.service", "/dev/null", FileKind::link);
  site.add("/etc/chrony/conf.d/old.conf", "", FileKind::absent);
  const auto stage = site.stage();
  REQUIRE(stage.sandbox.links.size() == 1);
  CHECK(stage.sandbox.links[0].second == "/dev/null");
  CHECK(has(stage.sandbox.removed, "/etc/chrony/conf.d/old.conf"));
}

TEST_CASE("the host's own chrony.conf is rehearsed when there is one", "[stage]") {
  Site site;
  site.add("/etc/chrony/conf.d/50-timectl.conf", "");
  site.files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n");
  const auto stage = site.stage();
  CHECK(staged(stage, "/etc/chrony/chrony.conf") == "not staged");  // copied with /etc
  CHECK(stage.configuration == "this host's /etc/chrony/chrony.conf");
}

TEST_CASE("without one the stock file of the package that chronyd is from is taken", "[stage]") {
  Site site;
  site.add("/etc/chrony/conf.d/50-timectl.conf", "");
  site.processes.install("chronyd", 0, "");  // found in /usr/bin
  site.files.put("/usr/share/chrony/chrony.conf", "# stock\n");
  const auto stage = site.stage();
  CHECK(staged(stage, "/etc/chrony/chrony.conf") == "# stock\n");
  CHECK(stage.configuration == "the package's stock file /usr/share/chrony/chrony.conf");
}

TEST_CASE("without that a minimal equivalent is written, and said", "[stage]") {
  Site site;
  site.add("/etc/chrony/conf.d/50-timectl.conf", "");
  const auto stage = site.stage();
  const auto text = staged(stage, "/etc/chrony/chrony.conf");
  for (const auto* line : {"confdir /etc/chrony/conf.d\n", "sourcedir /etc/chrony/sources.d\n",
                           "rtcsync\n", "makestep 1 3\n"}) {
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(stage.configuration.find("minimal") != std::string::npos);
}

TEST_CASE("the unit of an unpacked package stands in for the one that is not installed",
          "[stage]") {
  class Unpacked : public test::FakeProcesses {
   public:
    std::optional<std::string> find(const std::string&) const override {
      return "/srv/unpacked/usr/sbin/chronyd";
    }
  };
  Site site;
  site.add("/etc/chrony/conf.d/50-timectl.conf", "");
  site.files.put("/srv/unpacked/lib/systemd/system/chrony.service", "[Service]\n");
  site.files.put("/srv/unpacked/usr/share/chrony/chrony.conf", "# unpacked\n");
  const auto stage =
      rehearse::make_stage(site.target, site.profile, site.host, site.files, Unpacked{});
  CHECK(staged(stage, "/etc/systemd/system/chrony.service") == "[Service]\n");
  CHECK(staged(stage, "/etc/chrony/chrony.conf") == "# unpacked\n");
}

TEST_CASE("lines that a plan takes out would have stopped dnsmasq in the rehearsal", "[stage]") {
  Site site;
  site.files.put("/etc/dnsmasq.conf", "domain=lan\ndhcp-host=x,192.168.4.2\n");
  site.add("/etc/dnsmasq.conf", "", FileKind::edited).superseded = {"dhcp-host=x,192.168.4.2"};
  site.files.put("/etc/hosts", "127.0.0.1 localhost\n192.168.4.2 pi-ntp\n");
  site.add("/etc/hosts", "192.168.4.2 pi-ntp\n", FileKind::block).superseded = {
      "192.168.4.2 pi-ntp"};
  site.add("/etc/modules", "", FileKind::edited).superseded = {"rtc-ds1307"};
  const auto stage = site.stage();
  CHECK(staged(stage, "/etc/dnsmasq.conf") == "domain=lan\n");
  CHECK(staged(stage, "/etc/hosts") == "127.0.0.1 localhost\n192.168.4.2 pi-ntp\n");
  CHECK(staged(stage, "/etc/modules") == "not staged");
}

TEST_CASE("a replaced chrony.conf is rehearsed, a script that goes is not", "[stage]") {
  Site site;
  site.files.put("/etc/chrony/chrony.conf", "rtcfile /x\nrtcsync\n");
  site.add("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n", FileKind::edited);
  site.add("/usr/local/bin/ntp-monitor.sh", "", FileKind::absent);
  const auto stage = site.stage();
  CHECK(staged(stage, "/etc/chrony/chrony.conf") == "confdir /etc/chrony/conf.d\n");
  CHECK_FALSE(has(stage.sandbox.private_directories, "/usr/local/bin"));
}
