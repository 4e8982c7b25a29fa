// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "probe/dhcp.hpp"
#include "support/catch.hpp"

#include <random>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using system::ExchangeStatus;

namespace {

const auto dnsmasq = endpoint("192.168.4.1", 67);

}  // namespace

TEST_CASE("a DHCPINFORM carries the host's address and card and asks for option 42") {
  const auto bytes = make_dhcp_inform(0x01020304, IpAddress::parse("192.168.4.1").value(),
                                      {0xb8, 0x27, 0xeb, 0x12, 0x34, 0x56});
  REQUIRE(bytes.size() == 300);
  const auto part = [&](std::size_t at, std::size_t count) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<int>(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  CHECK(part(0, 8) == std::vector<int>{1, 1, 6, 0, 1, 2, 3, 4});
  CHECK(part(12, 4) == std::vector<int>{192, 168, 4, 1});
  CHECK(part(28, 6) == std::vector<int>{0xb8, 0x27, 0xeb, 0x12, 0x34, 0x56});
  CHECK(part(236, 11) == std::vector<int>{99, 130, 83, 99, 53, 1, 8, 55, 1, 42, 255});
}

TEST_CASE("a DHCP reply is parsed to its end or not at all") {
  std::vector<std::uint8_t> bytes(240, 0);
  CHECK_FALSE(parse_dhcp_reply(bytes));  // a request
  bytes[0] = 2;
  CHECK_FALSE(parse_dhcp_reply(bytes));  // no magic cookie
  const std::vector<std::uint8_t> cookie{99, 130, 83, 99};
  std::copy(cookie.begin(), cookie.end(), bytes.begin() + 236);
  REQUIRE(parse_dhcp_reply(bytes));
  CHECK_FALSE(parse_dhcp_reply(bytes)->is_acknowledgement);
  const std::vector<std::uint8_t> options{0, 53, 1, 5, 42, 8, 192, 168, 4, 2, 192, 168, 4, 3};
  bytes.insert(bytes.end(), options.begin(), options.end());
  const auto reply = parse_dhcp_reply(bytes);
  REQUIRE(reply);
  CHECK(reply->is_acknowledgement);
  CHECK(reply->ntp_servers.size() == 2);
  bytes.pop_back();
  CHECK_FALSE(parse_dhcp_reply(bytes));
  bytes.resize(100);
  CHECK_FALSE(parse_dhcp_reply(bytes));
}

TEST_CASE("no bytes whatever crash the DHCP parser") {
  std::mt19937 random{42};  // fixed, so that a failure can be repeated
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::uint8_t> bytes(random() % 400);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (bytes.size() > 240) {
      bytes[0] = 2;
      const std::vector<std::uint8_t> cookie{99, 130, 83, 99};
      std::copy(cookie.begin(), cookie.end(), bytes.begin() + 236);
    }
    const auto reply = parse_dhcp_reply(bytes);
    if (reply) REQUIRE(reply->ntp_servers.size() <= bytes.size() / 4);
  }
}

TEST_CASE("DHCP has to name exactly the profile's servers") {
  struct Row {
    const char* what;
    std::vector<std::uint8_t> option;
    Verdict verdict;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"the server",
       {192, 168, 4, 2},
       Verdict::ok,
       "DHCP clients get the time servers 192.168.4.2"},
      {"no server", {}, Verdict::failed, "DHCP clients get no time server"},
      {"another",
       {192, 168, 4, 9},
       Verdict::failed,
       "DHCP clients get the time servers 192.168.4.9"},
      {"one too many",
       {192, 168, 4, 2, 192, 168, 4, 9},
       Verdict::failed,
       "DHCP clients get the time servers 192.168.4.2, 192.168.4.9"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    site.datagrams.put_responder(dnsmasq, dhcp_server("192.168.4.1", row.option));
    const auto finding = site.ask("dhcp.ntp");
    CHECK(finding.verdict == row.verdict);
    CHECK(finding.summary == row.summary);
  }
}

TEST_CASE("a DHCP reply to another host's question is not taken") {
  HealthySite site{"main-pi"};
  const auto honest = dhcp_server("192.168.4.1", {192, 168, 4, 2});
  site.datagrams.put_responder(dnsmasq, [&](const system::Exchange& exchange) {
    auto replies = honest(exchange);
    replies.front().bytes[4] ^= 1U;
    return replies;
  });
  const auto finding = site.ask("dhcp.ntp");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(text_of(finding, "rejected") == "1");
}

TEST_CASE("no DHCP answer says whether dnsmasq runs") {
  HealthySite site{"main-pi"};
  site.datagrams.put_status(dnsmasq, ExchangeStatus::timed_out);
  CHECK(site.ask("dhcp.ntp").summary == "dnsmasq does not answer as a DHCP server");
  CHECK(site.ask("dhcp.ntp").cause.starts_with("no dhcp-range"));
  site.datagrams.put_status(dnsmasq, ExchangeStatus::refused);
  CHECK(site.ask("dhcp.ntp").cause == "no process listens on UDP port 67");
  site.services.put("dnsmasq.service").state.active_state = "failed";
  CHECK(site.ask("dhcp.ntp").cause == "dnsmasq.service is failed");
  auto& masked = site.services.put("dnsmasq.service").state;
  masked.load_state = "masked";
  masked.active_state = "inactive";
  CHECK(site.ask("dhcp.ntp").cause == "dnsmasq.service is masked: nothing can start it");
  site.services = SmallServices{};
  CHECK(site.ask("dhcp.ntp").cause == "dnsmasq is not installed");
}

TEST_CASE("a configuration that would take DHCP down at its next restart fails now") {
  HealthySite site{"main-pi"};
  site.processes.install("dnsmasq", 1, "",
                         "dnsmasq: bad DHCP host name at line 1 of /etc/dnsmasq.d/timectl.conf\n");
  const auto finding = site.ask("dnsmasq.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "dnsmasq: bad DHCP host name at line 1 of /etc/dnsmasq.d/timectl.conf");
}

TEST_CASE("a time server's address is reserved once, in a file that dnsmasq reads") {
  HealthySite site{"main-pi"};
  CHECK(site.ask("dhcp.reservation").summary == "192.168.4.2 is reserved for pi-ntp");
  site.files.put("/etc/dnsmasq.conf",
                 "dhcp-range=192.168.4.50,192.168.4.99\n"
                 " dhcp-host=b8:27:eb:00:00:01,pi-ntp,192.168.4.2\n");
  auto finding = site.ask("dhcp.reservation");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause ==
        "/etc/dnsmasq.conf:2, /etc/dnsmasq.d/timectl.conf:1: dnsmasq will not start again");
  site.files = {};
  for (const auto* unread : {"timectl.conf.dpkg-old", ".timectl.conf", "timectl.conf~"}) {
    site.files.put(std::string{"/etc/dnsmasq.d/"} + unread, "dhcp-host=pi-ntp,192.168.4.2\n");
  }
  site.files.put("/etc/dnsmasq.conf", "dhcp-host=other,192.168.4.22\n");
  finding = site.ask("dhcp.reservation");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "192.168.4.2 is not reserved for pi-ntp");
}

TEST_CASE("who has the server's address already is found in dnsmasq's leases") {
  HealthySite site{"main-pi"};
  const auto leased_to = [&](const std::string& name) {
    site.files.put("/var/lib/misc/dnsmasq.leases",
                   "1795176000 aa:bb:cc:00:00:07 192.168.4.77 tablet *\n"
                   "1795176000 aa:bb:cc:00:00:01 192.168.4.2 " +
                       name + " *\n");
    return site.ask("dhcp.reservation");
  };
  CHECK(leased_to("pi-ntp").verdict == Verdict::ok);
  const auto finding = leased_to("telephone");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the address of pi-ntp is leased to telephone (aa:bb:cc:00:00:01)");
  site.profile.hosts[0].addresses[0].mac = "aa:bb:cc:00:00:02";
  CHECK(site.ask("dhcp.reservation").verdict == Verdict::failed);
  site.profile.hosts[0].addresses[0].mac = "aa:bb:cc:00:00:01";
  CHECK(site.ask("dhcp.reservation").verdict == Verdict::ok);
}

TEST_CASE(
    "a server whose card is another than its reservation's is a warning, and no silent change") {
  HealthySite site{"main-pi"};
  const auto at = [](const std::string& mac, facts::CardEvidence evidence) {
    return facts::Card{*IpAddress::parse("192.168.4.2"), "", mac, evidence, "the neighbour table"};
  };
  site.facts.cards = {at("b8:27:eb:12:34:56", facts::CardEvidence::recorded)};
  CHECK(site.ask("dhcp.reservation").verdict == Verdict::ok);
  site.facts.cards.push_back(at("dc:a6:32:00:00:01", facts::CardEvidence::neighbour));
  const auto finding = site.ask("dhcp.reservation");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.cause.find("dc:a6:32:00:00:01 according to the neighbour table") !=
        std::string::npos);
}

TEST_CASE("a reservation is read as dnsmasq does: with blanks around '=', up to a comment") {
  HealthySite site{"main-pi"};
  for (const auto* line :
       {"dhcp-host = pi-ntp , 192.168.4.2", "\tdhcp-host=192.168.4.2 # the time server",
        "dhcp-host=pi-ntp,192.168.4.2\t#,1h"}) {
    INFO(line);
    site.files.put("/etc/dnsmasq.d/timectl.conf", std::string{line} + "\n");
    CHECK(site.ask("dhcp.reservation").verdict == Verdict::ok);
  }
  for (const auto* line : {"#dhcp-host=pi-ntp,192.168.4.2", "dhcp-host=other # ,192.168.4.2",
                           "dhcp-hostsfile=192.168.4.2"}) {
    INFO(line);
    site.files.put("/etc/dnsmasq.d/timectl.conf", std::string{line} + "\n");
    CHECK(site.ask("dhcp.reservation").verdict == Verdict::failed);
  }
}

TEST_CASE("a line with a tag that gives some clients other servers is a warning with its place") {
  struct Row {
    const char* line;
    const char* cause;  ///< "" where nothing is wrong
  };
  for (const auto& [line, cause] :
       {Row{"dhcp-option=tag:cameras,42,192.168.4.9",
            "/etc/dnsmasq.d/lan.conf:2: 192.168.4.9 for the tag cameras"},
        {"dhcp-option-force=tag:a,tag:b,option:ntp-server,192.168.4.2,10.0.0.1",
         "/etc/dnsmasq.d/lan.conf:2: 192.168.4.2, 10.0.0.1 for the tag a, b"},
        {"dhcp-option=tag:cameras,option:ntp-server",
         "/etc/dnsmasq.d/lan.conf:2: no server for the tag cameras"},
        {"dhcp-option=tag:cameras,42,192.168.4.2", ""},
        {"dhcp-option=tag:cameras,3,192.168.4.9", ""},
        {"dhcp-option=tag:wlan7,42,10.0.0.1", ""},
        {"#dhcp-option=tag:cameras,42,192.168.4.9", ""},
        // Where it counts, the answer shows it.
        {"dhcp-option=42,192.168.4.9", ""}}) {
    INFO(line);
    HealthySite site{"main-pi"};
    site.facts.interfaces.push_back({.name = "wlan7"});
    site.files.put("/etc/dnsmasq.d/lan.conf", std::string{"domain=lan\n"} + line + "\n");
    const auto finding = site.ask("dhcp.ntp");
    CHECK(finding.cause == cause);
    CHECK(finding.verdict == (*cause == '\0' ? Verdict::ok : Verdict::warning));
    if (*cause != '\0') CHECK(finding.remedy.find("--take-over") != std::string::npos);
  }
}

namespace {

/// main-pi answers DHCP in two networks, and pi-ntp serves both.
void add_hotspot(HealthySite& site) {
  site.profile.networks = {{"lan", Subnet::parse("192.168.4.0/24").value()},
                           {"hotspot", Subnet::parse("10.3.141.0/24").value()}};
  auto& server = site.profile.hosts[0];
  server.serve->allow = {site.profile.networks[0].subnet, site.profile.networks[1].subnet};
  for (auto* host : {&server, &site.profile.hosts[1]}) {
    host->addresses[0].network = "lan";
    const auto* own = host == &server ? "10.3.141.2" : "10.3.141.1";
    host->addresses.push_back({"hotspot", IpAddress::parse(own).value()});
  }
  site.datagrams.put_responder(dnsmasq, dhcp_server("192.168.4.1", {192, 168, 4, 2}));
}

const auto in_hotspot = endpoint("10.3.141.1", 67);

}  // namespace

TEST_CASE("each network is asked what its DHCP clients are told, and has an address of its own") {
  HealthySite site{"main-pi"};
  add_hotspot(site);
  site.datagrams.put_responder(in_hotspot, dhcp_server("10.3.141.1", {10, 3, 141, 2}));
  auto finding = site.ask("dhcp.ntp");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary ==
        "network lan: DHCP clients get the time servers 192.168.4.2; network hotspot: DHCP clients "
        "get the time servers 10.3.141.2");
  CHECK(text_of(finding, "hotspot.option_42") == "10.3.141.2");
  site.datagrams.put_responder(in_hotspot, dhcp_server("10.3.141.1", {192, 168, 4, 2}));
  finding = site.ask("dhcp.ntp");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "network hotspot: DHCP clients get the time servers 192.168.4.2");
  CHECK(finding.cause == "the profile's servers are 10.3.141.2");
}

TEST_CASE("a network where another DHCP server answers is not asked") {
  HealthySite site{"main-pi"};
  add_hotspot(site);
  site.host().dhcp->networks = {"lan"};
  CHECK(site.ask("dhcp.ntp").summary ==
        "network lan: DHCP clients get the time servers 192.168.4.2");
}

TEST_CASE("a server's address is reserved in each network") {
  HealthySite site{"main-pi"};
  add_hotspot(site);
  const auto finding = site.ask("dhcp.reservation");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "10.3.141.2 is not reserved for pi-ntp");
}
