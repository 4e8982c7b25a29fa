// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using facts::NetworkBackendName;

namespace {

/// The server with a lease, and nothing of its own.
class LeasedSite : public BareSite {
 public:
  explicit LeasedSite(NetworkBackendName backend) : BareSite("pi-ntp") {
    network.add_interface("eth0", "192.168.4.113/24");
    facts.default_interface = "eth0";
    facts.network = {backend, {"the evidence"}};
  }
};

Finding ask_of(const BareSite& site) { return site.ask("network.address"); }

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an address that did not come is told with interface, back end and where to look") {
  const auto finding = ask_of(LeasedSite(NetworkBackendName::networkd));
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "eth0 does not have 192.168.4.2/24");
  CHECK(finding.cause == "it has 192.168.4.113/24; its network back end is systemd-networkd");
  CHECK(has(finding.remedy, "'networkctl status eth0'"));
  CHECK(text_of(finding, "backend") == "systemd-networkd");
}

TEST_CASE("where to look depends on who is in charge") {
  const auto remedy = [](NetworkBackendName backend) { return ask_of(LeasedSite(backend)).remedy; };
  const std::string networkd =
      "'networkctl status eth0' names the file it uses, 'journalctl -u systemd-networkd' says why";
  const std::string manager =
      "'nmcli device show eth0' names the connection it uses, 'journalctl -u NetworkManager' says "
      "why";
  const std::string netplan = "'netplan get' shows what its files add up to, ";
  CHECK(remedy(NetworkBackendName::networkd) == networkd);
  CHECK(remedy(NetworkBackendName::network_manager) == manager);
  CHECK(remedy(NetworkBackendName::dhcpcd) == "'journalctl -u dhcpcd' says why");
  CHECK(remedy(NetworkBackendName::ifupdown) ==
        "'ifquery eth0' shows what it uses, 'journalctl -u networking' says why");
  CHECK(remedy(NetworkBackendName::netplan) == netplan + networkd);
  CHECK(remedy(NetworkBackendName::unknown) == "see who configures it: the evidence");
  LeasedSite site{NetworkBackendName::netplan};
  site.facts.network.netplan_renderer = "NetworkManager";
  CHECK(ask_of(site).remedy == netplan + manager);
}

TEST_CASE("each network back end names its log") {
  for (const auto& backend : platform::network_backends) {
    INFO(backend.word);
    CHECK(has(ask_of(LeasedSite(backend.name)).remedy, "'journalctl -u "));
  }
}

TEST_CASE("without a carrier no address is expected, so a change is not undone for it") {
  LeasedSite site{NetworkBackendName::networkd};
  site.network.cut_cable();
  CHECK(ask_of(site).verdict == Verdict::warning);
}

TEST_CASE("the right address with another prefix, or on another interface, is not the right one") {
  BareSite site{"pi-ntp"};
  site.network.add_interface("eth0", "192.168.4.2/16");
  site.facts.default_interface = "eth0";
  CHECK(ask_of(site).verdict == Verdict::failed);
  HealthySite other{"pi-ntp"};
  other.host().addresses[0].interface = "end1";
  CHECK(ask_of(other).summary == "there is no interface end1 for 192.168.4.2/24");
  other.network.add_interface("end1", "192.168.4.7/24");
  CHECK(ask_of(other).summary == "end1 does not have 192.168.4.2/24");
}

TEST_CASE("an address that timectl does not give is not asked about") {
  LeasedSite site{NetworkBackendName::networkd};
  site.host().addresses[0].addressing = profile::Addressing::reservation;
  CHECK(ask_of(site).verdict == Verdict::skipped);
}

TEST_CASE("of several static addresses the one that did not come speaks") {
  HealthySite site{"pi-ntp"};
  site.profile.networks = {{"lan", Subnet::parse("192.168.4.0/24").value()},
                           {"hotspot", Subnet::parse("10.3.141.0/24").value()}};
  site.host().addresses[0].network = "lan";
  site.host().addresses.push_back({"hotspot", IpAddress::parse("10.3.141.1").value(),
                                   profile::Addressing::static_address, "wlan0", std::nullopt});
  CHECK(ask_of(site).summary == "there is no interface wlan0 for 10.3.141.1/24");
  site.network.add_interface("wlan0", "10.3.141.1/24");
  const auto finding = ask_of(site);
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "eth0 has 192.168.4.2/24, wlan0 has 10.3.141.1/24");
  CHECK(text_of(finding, "hotspot.interface") == "wlan0");
}
