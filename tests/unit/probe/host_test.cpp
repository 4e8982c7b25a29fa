// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;

TEST_CASE("a second time daemon fails on either host, and its own does not") {
  HealthySite server{"pi-ntp"};
  server.services.put("systemd-timesyncd.service");
  auto finding = server.ask("owners");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "systemd-timesyncd.service sets the clock too");
  CHECK(finding.remedy == "systemctl disable --now systemd-timesyncd.service");
  HealthySite client{"main-pi"};
  client.services.put("ntpsec.service");
  finding = client.ask("owners");
  CHECK(finding.summary == "ntpsec.service sets the clock too");
}

TEST_CASE("a daemon that is masked, or neither enabled nor running, does not count") {
  HealthySite site{"pi-ntp"};
  auto& state = site.services.put("systemd-timesyncd.service").state;
  state.unit_file_state = "disabled";
  state.active_state = "inactive";
  CHECK(site.ask("owners").verdict == Verdict::ok);
  state.unit_file_state = "enabled";
  CHECK(site.ask("owners").verdict == Verdict::failed);
  state.load_state = "masked";
  CHECK(site.ask("owners").verdict == Verdict::ok);
}

TEST_CASE("a daemon under two names is counted once") {
  HealthySite site{"pi-ntp"};
  site.services.put("ntpsec.service");
  site.services.put("ntp.service").state.fragment_path = "/lib/systemd/system/ntpsec.service";
  CHECK(site.ask("owners").summary == "ntpsec.service sets the clock too");
}

TEST_CASE("fake-hwclock fights an RTC, under its old and its new units") {
  for (const auto* unit : {"fake-hwclock.service", "fake-hwclock-load.service"}) {
    HealthySite site{"pi-ntp"};
    site.services.put(unit);
    CHECK(site.ask("owners").verdict == Verdict::failed);
    site.host().rtc.reset();
    CHECK(site.ask("owners").verdict == Verdict::ok);
  }
}

TEST_CASE("a program on UDP 123 that no unit explains is found by its socket") {
  HealthySite site{"main-pi"};
  site.network.listen("0.0.0.0", 123, "ntpd", 4711);
  const auto finding = site.ask("owners");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "ntpd[4711] holds UDP port 123");
}

TEST_CASE("managed files that only root may read are not called right, and root is named") {
  HealthySite site{"pi-ntp"};
  site.unread_files = {"/etc/netplan/90-timectl.yaml"};
  auto finding = site.ask("files.drift");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.summary ==
        "only root can compare /etc/netplan/90-timectl.yaml; every other managed file matches its "
        "target");
  CHECK(finding.remedy == "run timectl verify as root");
  CHECK(text_of(finding, "unread") == "/etc/netplan/90-timectl.yaml");
  site.drifted_files = {"/etc/hosts"};
  finding = site.ask("files.drift");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(text_of(finding, "unread") == "/etc/netplan/90-timectl.yaml");
}

TEST_CASE("drifted files are named") {
  HealthySite site{"pi-ntp"};
  site.drifted_files = {"/etc/chrony/conf.d/50-timectl.conf"};
  auto finding = site.ask("files.drift");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "/etc/chrony/conf.d/50-timectl.conf does not match its target");
  site.drifted_files.push_back("/etc/hosts");
  finding = site.ask("files.drift");
  CHECK(finding.summary == "2 managed files do not match their targets");
  CHECK(text_of(finding, "drifted") == "2");
  CHECK(text_of(finding, "files") == "/etc/chrony/conf.d/50-timectl.conf /etc/hosts");
}

TEST_CASE("what sets a virtual machine's clock from its host's is named, with how to stop it") {
  HealthySite site{"pi-ntp"};
  site.services.put("open-vm-tools.service");
  auto finding = site.ask("owners");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "open-vm-tools.service may set the clock from the host's");
  CHECK(finding.remedy == "vmware-toolbox-cmd timesync disable");
  site.services = SmallServices{};
  site.files.put_directory("/sys/module/hv_utils");
  finding = site.ask("owners");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "Hyper-V may set the clock from the host's");
  site.facts.is_offline_root = true;
  CHECK(site.ask("owners").verdict == Verdict::ok);
}

TEST_CASE("two back ends of the network are a warning, one that is not known is none") {
  HealthySite site{"pi-ntp"};
  site.facts.network.evidence = {"dhcpcd.service is enabled and active",
                                 "NetworkManager.service is enabled and active"};
  const auto finding = site.ask("owners");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.cause ==
        "dhcpcd.service is enabled and active; NetworkManager.service is enabled and active");
  site.facts.network.backend = facts::NetworkBackendName::dhcpcd;
  CHECK(site.ask("owners").verdict == Verdict::ok);
  site.facts.network = {};
  CHECK(site.ask("owners").verdict == Verdict::ok);
}

TEST_CASE("a command that sets the clock besides is a warning with its place and what to do") {
  HealthySite site{"pi-ntp"};
  facts::ClockSetter first{"/etc/rc.local", 3, "sets the clock from the RTC"};
  first.text = "hwclock -s";
  first.can_be_commented_out = true;
  site.facts.clock_setters.found = {first};
  auto finding = site.ask("owners");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "/etc/rc.local:3 sets the clock from the RTC");
  CHECK(finding.remedy == "sed -i '3s/^/#/' /etc/rc.local");
  auto second = first;
  second.unit = "hwclock-sync.service";
  site.facts.clock_setters.found = {second, first};
  finding = site.ask("owners");
  CHECK(finding.summary.ends_with("and 1 more such commands are there"));
  CHECK(finding.remedy == "systemctl disable --now hwclock-sync.service");
}

TEST_CASE("owners claims no more than was looked at") {
  HealthySite site{"pi-ntp"};
  CHECK(site.ask("owners").summary == "no other program was found that sets this clock");
  site.facts.clock_setters.not_known = "there are too many files to look at";
  CHECK(
      site.ask("owners").summary.ends_with("not all of it was looked at: there are too many "
                                           "files to look at"));
}
