// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;
using system::ExchangeStatus;

TEST_CASE("the holder of UDP 123 is named, and has to be chronyd at the host's address") {
  struct Row {
    const char* what;
    std::function<void(FakeNetwork&)> listeners;
    Verdict verdict;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"chronyd everywhere", [](auto& n) { n.listen("0.0.0.0", 123, "chronyd", 7); }, Verdict::ok,
       "UDP port 123 is held by chronyd[7] on 0.0.0.0"},
      {"chronyd at the address", [](auto& n) { n.listen("192.168.4.2", 123, "chronyd", 7); },
       Verdict::ok, "UDP port 123 is held by chronyd[7] on 192.168.4.2"},
      {"no process", [](auto&) {}, Verdict::failed, "no process holds UDP port 123"},
      {"another process", [](auto& n) { n.listen("0.0.0.0", 123, "ntpd", 9); }, Verdict::failed,
       "UDP port 123 is held by ntpd[9] on 0.0.0.0"},
      {"two of them",
       [](auto& n) {
         n.listen("0.0.0.0", 123, "chronyd", 7);
         n.listen("192.168.4.2", 123, "ntpd", 9);
       },
       Verdict::failed, "UDP port 123 is held by ntpd[9] on 192.168.4.2"},
      {"only loopback", [](auto& n) { n.listen("127.0.0.1", 123, "chronyd", 7); }, Verdict::failed,
       "UDP port 123 is not open on 192.168.4.2"},
      {"only IPv6", [](auto& n) { n.listen("::", 123, "chronyd", 7); }, Verdict::failed,
       "UDP port 123 is not open on 192.168.4.2"},
      {"not to be seen", [](auto& n) { n.listen("0.0.0.0", 123, "", 0); }, Verdict::unknown,
       "a process holds UDP port 123, and only root can see which"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"pi-ntp"};
    site.network = FakeNetwork{};
    row.listeners(site.network);
    const auto finding = site.ask("ntp.port");
    CHECK(finding.verdict == row.verdict);
    CHECK(finding.summary == row.summary);
    CHECK((finding.verdict == Verdict::ok) == finding.remedy.empty());
  }
}

TEST_CASE("a chronyd that runs without holding the port allows no client") {
  HealthySite site{"pi-ntp"};
  site.network = FakeNetwork{};
  CHECK(site.ask("ntp.port").cause == "chronyd runs, and its configuration allows no client");
  site.services.put("chrony.service").state.active_state = "failed";
  CHECK(site.ask("ntp.port").cause == "chrony.service is failed");
}

TEST_CASE("a reply's evidence is all that the exchange measured") {
  const HealthySite site{"main-pi"};
  const auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary.starts_with("192.168.4.2 answers: traceable, stratum 2, offset "));
  CHECK(text_of(finding, "answered") == "4");
  CHECK(text_of(finding, "reference_id") == "C0A80403");
  CHECK(number_of(finding, "round_trip_s") == Approx(0.001).margin(1e-8));
  CHECK(number_of(finding, "root_delay_s") == Approx(0.010).margin(2e-5));
  CHECK(number_of(finding, "bound_s") < 0.02);
}

TEST_CASE("the kernel's transmit stamp is in the evidence where there is one") {
  HealthySite site{"main-pi"};
  CHECK(text_of(site.ask("ntp.reply"), "kernel_transmit_delay_s") == "absent");
  site.datagrams.transmit_delay = 40us;
  CHECK(number_of(site.ask("ntp.reply"), "kernel_transmit_delay_s") == Approx(40e-6));
}

TEST_CASE("an island answers well, and the finding says that it is one") {
  HealthySite site{"main-pi"};
  site.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::island());
  const auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "state") == "island");
}

TEST_CASE("a server with no time to give was a warning at home: it fails there and for clients") {
  HealthySite server{"pi-ntp"};
  server.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::unsynchronized());
  CHECK(server.ask("ntp.reply").verdict == Verdict::failed);
  CHECK(server.ask("ntp.reply").remedy.find("timectl rtc set") != std::string::npos);
  HealthySite client{"main-pi"};
  client.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::unsynchronized());
  CHECK(client.ask("ntp.reply").verdict == Verdict::failed);
  CHECK(client.ask("ntp.reply").remedy == "on 192.168.4.2: timectl verify");
}

TEST_CASE("each kind of silence has its cause") {
  struct Row {
    ExchangeStatus status;
    const char* cause;
  };
  const std::vector<Row> rows{
      {ExchangeStatus::refused, "no NTP server runs there"},
      {ExchangeStatus::timed_out,
       "the host is down, a firewall drops UDP 123, or its allow list leaves this host out"},
      {ExchangeStatus::unreachable, "there is no route to it"},
      {ExchangeStatus::failed, "the network of this host does not work"},
  };
  for (const auto& row : rows) {
    HealthySite site{"main-pi"};
    site.datagrams.put_status(endpoint("192.168.4.2"), row.status);
    const auto finding = site.ask("ntp.reply");
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.cause == row.cause);
    CHECK_FALSE(finding.remedy.empty());
  }
}

TEST_CASE("a server that limits how often it is asked is distinguished from one that refuses all") {
  HealthySite site{"main-pi"};
  site.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::kiss("RATE"));
  const auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary ==
        "192.168.4.2 wants to be asked less often: it said RATE to request 1 of 4");
  CHECK(finding.remedy.find("on 192.168.4.2: chronyc -n clients") != std::string::npos);
}

TEST_CASE("a server's kiss-o'-death and absurd claims fail") {
  HealthySite site{"main-pi"};
  site.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::kiss("DENY"));
  CHECK(site.ask("ntp.reply").summary == "192.168.4.2 sends no usable answer: kiss-o'-death DENY");
  FakeNtpServer vague;
  vague.root_dispersion_s = 60000;
  site.datagrams.put_server(endpoint("192.168.4.2"), vague);
  CHECK(site.ask("ntp.reply").verdict == Verdict::failed);
}

TEST_CASE("a client further off than its limit was only warned: it fails") {
  HealthySite site{"main-pi"};
  FakeNtpServer server;
  server.ahead = 40min;
  site.datagrams.put_server(endpoint("192.168.4.2"), server);
  const auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(number_of(finding, "offset_s") == Approx(2400));
}

TEST_CASE("of two servers the worst speaks, and both stand in the evidence") {
  HealthySite site{"main-pi"};
  auto second = site.profile.hosts[0];
  second.name = "pi-ntp2";
  second.addresses = {{"", IpAddress::parse("192.168.4.3").value()}};
  site.profile.hosts.push_back(second);
  auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "192.168.4.3 does not answer: no reply within 1 s");
  CHECK(text_of(finding, "192.168.4.2.answered") == "4");
  CHECK(text_of(finding, "192.168.4.3.answered") == "0");
  site.datagrams.put_server(endpoint("192.168.4.3"), {});
  finding = site.ask("ntp.reply");
  CHECK(finding.summary == "all 2 servers answer");
}

namespace {

void add_second_server(HealthySite& site) {
  auto second = site.profile.hosts[0];
  second.name = "pi-ntp2";
  second.addresses = {{"", IpAddress::parse("192.168.4.3").value()}};
  site.profile.hosts.push_back(second);
}

/// Two islands: neither claims an error.
void serve_island(HealthySite& site, const char* address, Seconds ahead) {
  auto server = FakeNtpServer::island(10);
  server.ahead = std::chrono::duration_cast<std::chrono::nanoseconds>(ahead);
  site.datagrams.put_server(endpoint(address), server);
}

}  // namespace

TEST_CASE("two servers that drifted apart were both called good") {
  for (const auto* host : {"main-pi", "pi-ntp"}) {
    INFO(host);
    HealthySite site{host};
    add_second_server(site);
    serve_island(site, "192.168.4.2", Seconds{0});
    serve_island(site, "192.168.4.3", Seconds{0.004});
    CHECK(site.ask("ntp.reply").verdict == Verdict::ok);
    serve_island(site, "192.168.4.3", Seconds{0.153});
    auto finding = site.ask("ntp.reply");
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.summary == "192.168.4.2 and 192.168.4.3 serve times that are 153 ms apart");
    CHECK(number_of(finding, "servers_apart_s") == Approx(0.153).margin(1e-3));
    // What they say of themselves may explain it.
    FakeNtpServer vague;
    vague.root_dispersion_s = 0.16;
    vague.ahead = 153ms;
    site.datagrams.put_server(endpoint("192.168.4.3"), vague);
    CHECK(site.ask("ntp.reply").verdict == Verdict::ok);
  }
}

TEST_CASE("of a server the other one's silence is no fault, and its evidence keeps its names") {
  HealthySite site{"pi-ntp"};
  add_second_server(site);
  auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "answered") == "4");
  CHECK(text_of(finding, "192.168.4.3.answered") == "0");
  site.datagrams.put_server(endpoint("192.168.4.3"), FakeNtpServer::unsynchronized());
  CHECK(site.ask("ntp.reply").verdict == Verdict::ok);
}

TEST_CASE("a server whose reference is older than an hour was called traceable") {
  HealthySite site{"main-pi"};
  FakeNtpServer server;
  server.reference_age = 59min;
  site.datagrams.put_server(endpoint("192.168.4.2"), server);
  auto finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(number_of(finding, "reference_age_s") == Approx(59 * 60.0));
  server.reference_age = 61min;
  site.datagrams.put_server(endpoint("192.168.4.2"), server);
  finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(text_of(finding, "state") == "holdover");
  CHECK(finding.summary == "192.168.4.2 says it is synchronized, and its source is gone");
}

TEST_CASE("a server in two networks is asked at each of its addresses, and listens at both") {
  HealthySite site{"pi-ntp"};
  site.profile.networks = {{"lan", Subnet::parse("192.168.4.0/24").value()},
                           {"hotspot", Subnet::parse("10.3.141.0/24").value()}};
  site.host().addresses[0].network = "lan";
  site.host().addresses.push_back({"hotspot", IpAddress::parse("10.3.141.1").value()});
  site.host().serve->allow.push_back(site.profile.networks[1].subnet);
  CHECK(site.ask("ntp.reply").summary == "10.3.141.1 does not answer: no reply within 1 s");
  site.datagrams.put_server(endpoint("10.3.141.1"), {});
  CHECK(site.ask("ntp.reply").verdict == Verdict::ok);
  site.network = FakeNetwork{};
  site.network.listen("192.168.4.2", 123, "chronyd", 7);
  CHECK(site.ask("ntp.port").summary == "UDP port 123 is not open on 10.3.141.1");
  site.network.listen("10.3.141.1", 123, "chronyd", 7);
  CHECK(site.ask("ntp.port").verdict == Verdict::ok);
  // It is not asked where it does not serve.
  site.host().serve->allow.pop_back();
  site.network = FakeNetwork{};
  site.network.listen("192.168.4.2", 123, "chronyd", 7);
  CHECK(site.ask("ntp.port").verdict == Verdict::ok);
}

TEST_CASE("a client asks a server at the address in its own network") {
  HealthySite site{"main-pi"};
  site.profile.networks = {{"lan", Subnet::parse("192.168.4.0/24").value()},
                           {"hotspot", Subnet::parse("10.3.141.0/24").value()}};
  site.profile.hosts[0].addresses[0].network = "lan";
  site.profile.hosts[0].addresses.push_back({"hotspot", IpAddress::parse("10.3.141.1").value()});
  site.host().addresses = {{"hotspot", IpAddress::parse("10.3.141.20").value()}};
  site.profile.hosts[0].serve->allow.push_back(site.profile.networks[1].subnet);
  CHECK(site.ask("ntp.reply").summary == "10.3.141.1 does not answer: no reply within 1 s");
  site.datagrams.put_server(endpoint("10.3.141.1"), {});
  CHECK(site.ask("ntp.reply").verdict == Verdict::ok);
}
