// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// sources.reach: chronyd shows all of these as reach 0.
#include "healthy_site.hpp"
#include "support/catch.hpp"

#include <functional>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

/// A source as chronyc -c prints it twice: by its address, and by its word in the configuration.
struct Listed {
  std::string address;
  std::string name;
  bool is_heard = false;
  char mode = '^';
};

class Site : public HealthySite {
 public:
  explicit Site(std::vector<Listed> sources) : HealthySite{"pi-ntp"}, sources_(std::move(sources)) {
    network.set_gateway("192.168.4.1");
    files.put("/etc/resolv.conf", "nameserver 192.168.4.1\n");
    processes.install("getent", 2, "");
    processes.install("ping", 1, "");
    processes.install("chronyc", [this](const system::Command& command) {
      return system::CommandResult{0, listed(command.arguments.at(1) == "-N"), {}};
    });
  }

  Finding reach() const { return ask("sources.reach"); }
  /// One more look after the first minutes of chronyd.
  bool says(const std::string& words) const {
    const auto finding = reach();
    INFO(finding.cause);
    return finding.cause.find(words) != std::string::npos;
  }

 private:
  std::string listed(bool by_name) const {
    std::string text;
    for (const auto& each : sources_) {
      text += std::string{each.mode} + ",?," + (by_name ? each.name : each.address) +
              (each.is_heard ? ",2,6,377,12,0.00001,0.00001,0.0009\n"
                             : ",0,6,0,4294967295,0.0,0.0,0.0\n");
    }
    return text;
  }

  std::vector<Listed> sources_;
};

constexpr auto server = "203.0.113.7";

}  // namespace

TEST_CASE("a source that chronyd does not hear has its reason and a remedy for it") {
  struct Row {
    const char* what;
    std::function<void(Site&)> change;
    const char* cause;
    const char* remedy;
  };
  const std::vector<Row> rows{
      {"silent", [](Site&) {},
       "203.0.113.7 gives no answer: it is down, the internet is, or UDP port 123 is blocked on "
       "the "
       "way",
       "timectl probe ntp 203.0.113.7"},
      {"blocked", [](Site& site) { site.processes.install("ping", 0, "1 received"); },
       "203.0.113.7 answers to ping, and not to NTP",
       "let UDP port 123 pass there, or name another server in sources of the profile"},
      {"no default route",
       [](Site& site) {
         site.profile.networks.front().gateway = IpAddress::parse("192.168.4.1");
         site.network.lose_default_route();
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::unreachable);
       },
       "there is no route to 203.0.113.7: this host has no default route",
       "ip route replace default via 192.168.4.1"},
      {"no default route, and the profile names no router",
       [](Site& site) {
         site.profile.networks.front().gateway.reset();
         site.network.lose_default_route();
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::unreachable);
       },
       "there is no route to 203.0.113.7: this host has no default route",
       "ip route replace default via ROUTER"},
      {"another route is missing",
       [](Site& site) {
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::unreachable);
       },
       "there is no route to 203.0.113.7", "ip route get 203.0.113.7"},
      {"own firewall",
       [](Site& site) {
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::failed);
       },
       "no request to 203.0.113.7 leaves this host", "nft list ruleset"},
      {"no service",
       [](Site& site) {
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::refused);
       },
       "203.0.113.7 has no time service", "name another server in sources of the profile"},
      {"rate limit",
       [](Site& site) { site.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("RATE")); },
       "203.0.113.7 is asked more often than it allows (RATE)",
       "name another server in sources of the profile"},
      {"denied",
       [](Site& site) { site.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("DENY")); },
       "203.0.113.7 refuses this host (DENY)", "allow this host there, or name another server"},
      {"without time",
       [](Site& site) {
         site.datagrams.put_server(endpoint(server), FakeNtpServer::unsynchronized());
       },
       "203.0.113.7 answers, and its time cannot be used: not synchronized",
       "name another server in sources of the profile"},
      {"answers timectl", [](Site& site) { site.datagrams.put_server(endpoint(server), {}); },
       "203.0.113.7 answers timectl; chronyd has not asked since", "chronyc online; chronyc burst"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    Site site{{{server, "time.example"}}};
    row.change(site);
    const auto finding = site.reach();
    CHECK(finding.verdict == Verdict::warning);  // a server is made for this
    CHECK(finding.summary == "chronyd hears no source: time.example");
    CAPTURE(finding.cause, finding.remedy);
    CHECK(finding.cause.starts_with(row.cause));
    CHECK(finding.remedy.starts_with(row.remedy));
    CHECK(text_of(finding, "silent") == "time.example");
  }
}

TEST_CASE("a name without an address is resolved, so that the name server can be blamed") {
  Site site{{{"ID#0000000001", "time.example"}, {"ID#0000000002", "time.example"}}};
  CHECK(site.says("time.example has no address: the name servers (192.168.4.1) do not know it"));
  CHECK(site.reach().remedy.starts_with("getent ahosts time.example"));
  site.processes.install("getent", [](const system::Command&) {
    return system::CommandResult{.status = 143, .timed_out = true};
  });
  CHECK(site.says("time.example has no address: no name server answers (192.168.4.1)"));
  site.files.put("/etc/resolv.conf", "# nothing\n");
  CHECK(site.says("time.example has no address: /etc/resolv.conf names no name server"));
  site.processes.install("getent", 0, "203.0.113.7  STREAM time.example\n");
  CHECK(site.says("time.example has an address by now; chronyd has not asked since"));
  CHECK(site.reach().remedy == "chronyc online; chronyc burst 2/4");
}

TEST_CASE("a name that stands for servers which are sources already is heard with them") {
  Site site{{{server, "pool.example", true}, {"ID#0000000002", "1.pool.example"}}};
  site.processes.install("getent", 0, "203.0.113.7     STREAM 1.pool.example\n203.0.113.7 DGRAM\n");
  CHECK(site.reach().summary == "chronyd hears 2 of 2 sources");
  Site silent{{{server, "pool.example"}, {"ID#0000000002", "1.pool.example"}}};
  silent.processes.install("getent", 0, "203.0.113.7     STREAM 1.pool.example\n");
  CHECK(silent.reach().cause.find("by now") == std::string::npos);
  CHECK(silent.reach().cause.starts_with("203.0.113.7 gives no answer"));
}

TEST_CASE("name servers that do not answer are waited for once") {
  Site site{{{"ID#0000000001", "a.example"}, {"ID#0000000002", "b.example"}}};
  int asked = 0;
  site.processes.install("getent", [&](const system::Command&) {
    ++asked;
    return system::CommandResult{.status = 143, .timed_out = true};
  });
  CHECK(site.says("a.example has no address: no name server answers"));
  CHECK(asked == 1);
}

TEST_CASE("the router is proposed where it serves and no source does") {
  Site site{{{server, server}}};
  site.datagrams.put_server(endpoint("192.168.4.1"), {});
  const auto finding = site.reach();
  CHECK(finding.cause.find("; the router 192.168.4.1 serves time") != std::string::npos);
  CHECK(finding.remedy.starts_with("chronyc add server 192.168.4.1 iburst, and for ever"));
  CHECK(text_of(finding, "router") == "192.168.4.1");
  SECTION("not one that has no time itself") {
    site.datagrams.put_server(endpoint("192.168.4.1"), FakeNtpServer::unsynchronized());
    CHECK(text_of(site.reach(), "router") == "absent");
  }
  SECTION("not one that is a source already") {
    Site both{{{server, server}, {"192.168.4.1", "router.example"}}};
    both.datagrams.put_server(endpoint("192.168.4.1"), {});
    CHECK(text_of(both.reach(), "router") == "absent");
  }
  SECTION("not for a name server that is to be mended: the router helps all the same") {
    Site unnamed{{{"ID#0000000001", "time.example"}}};
    unnamed.datagrams.put_server(endpoint("192.168.4.1"), {});
    CHECK(unnamed.reach().remedy.starts_with("chronyc add server 192.168.4.1"));
  }
}

TEST_CASE("one source that is heard makes silence no fault, and a mistake a warning") {
  Site site{{{"192.0.2.1", "good.example", true}, {server, "time.example"}}};
  auto finding = site.reach();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "chronyd hears 1 of 2 sources; silent: time.example");
  CHECK(finding.remedy.empty());
  site.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("DENY"));
  finding = site.reach();
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "chronyd hears 1 of 2 sources; not heard: time.example");
}

TEST_CASE("an island is not warned of the internet that it does not have") {
  const Listed pool{"ID#0000000001", "pool.example"};
  const Listed silent{server, "time.example"};
  Site site{{pool, silent}};
  site.daemons.tracking->reference_id = "7F7F0101";
  site.daemons.tracking->stratum = 10;
  const std::vector<std::pair<const char*, std::function<void()>>> ways{
      {"silent", [] {}},
      {"no name server", [&] { site.files.put("/etc/resolv.conf", ""); }},
      {"no route",
       [&] {
         site.network.lose_default_route();
         site.datagrams.put_status(endpoint(server), system::ExchangeStatus::unreachable);
       }},
  };
  for (const auto& [what, change] : ways) {
    INFO(what);
    change();
    const auto finding = site.reach();
    CHECK(finding.verdict == Verdict::ok);
    CHECK(finding.summary ==
          "chronyd serves the site's own time (island); not heard, as without internet: "
          "pool.example, time.example");
    CHECK(finding.remedy.empty());
    CHECK(text_of(finding, "reason").find("pool.example has no address") != std::string::npos);
  }
  SECTION("but of what is no matter of the internet") {
    site.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("DENY"));
    CHECK(site.reach().verdict == Verdict::warning);
  }
  SECTION("and of a router that has the time") {
    site.network.set_gateway("192.168.4.1");
    site.datagrams.put_server(endpoint("192.168.4.1"), {});
    CHECK(site.reach().verdict == Verdict::warning);
  }
  SECTION("while it is no island, the cause is what the operator needs") {
    site.daemons.tracking->reference_id = "CB007107";
    CHECK(site.reach().verdict == Verdict::warning);
  }
}

TEST_CASE("a name without an address is a mistake only while the internet is there") {
  struct Row {
    const char* heard;
    Verdict verdict;
  };
  const std::vector<Row> rows{
      {"192.168.4.3", Verdict::ok},  // the site's other server
      {"10.9.8.7", Verdict::ok},     // a receiver in another network of its owner
      {"fd00::7", Verdict::ok},          {"192.0.2.1", Verdict::warning},
      {"2001:db8::7", Verdict::warning},
  };
  for (const auto& row : rows) {
    INFO(row.heard);
    Site site{{{row.heard, row.heard, true}, {"ID#0000000001", "pool.example"}}};
    const auto finding = site.reach();
    CHECK(finding.verdict == row.verdict);
    if (row.verdict != Verdict::ok) continue;
    CHECK(finding.summary ==
          "chronyd hears 1 of 2 sources; not heard, as without internet: pool.example");
    Site with_mistake{{{row.heard, row.heard, true}, {server, "time.example"}}};
    with_mistake.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("RATE"));
    CHECK(with_mistake.reach().verdict == Verdict::warning);
  }
}

TEST_CASE("a network of the profile is the site's, whatever its addresses are") {
  Site site{{{"203.0.113.9", "203.0.113.9", true}, {"ID#0000000001", "pool.example"}}};
  CHECK(site.reach().verdict == Verdict::warning);
  site.profile.networks.front().subnet = Subnet::parse("203.0.113.0/24").value();
  CHECK(site.reach().verdict == Verdict::ok);
}

TEST_CASE("a pool is heard by one of its servers, and a reference clock is no host to ask") {
  Site site{{{"192.0.2.1", "pool.example", true},
             {server, "pool.example"},
             {"ID#0000000003", "pool.example"},
             {"PPS0", "PPS0", false, '#'}}};
  const auto finding = site.reach();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "chronyd hears 1 of 1 sources");
}

TEST_CASE("a chronyd that has just started waits for its sources") {
  Site site{{{server, "time.example"}}};
  site.daemons.tracking->reference_time.reset();
  started(site, 5s);
  CHECK(site.reach().verdict == Verdict::pending);
  // The fake boot was an hour ago: neither of these heals by waiting.
  site.datagrams.put_status(endpoint(server), system::ExchangeStatus::unreachable);
  CHECK(site.reach().verdict == Verdict::warning);
  site.datagrams.put_server(endpoint(server), FakeNtpServer::kiss("DENY"));
  CHECK(site.reach().verdict == Verdict::warning);
  started(site, 20min);
  CHECK(site.reach().verdict == Verdict::warning);
}

TEST_CASE(
    "a chronyd without the profile's sources has not read them, and a silent one is unknown") {
  Site site{{}};
  CHECK(site.reach().verdict == Verdict::failed);
  CHECK(site.reach().remedy == "timectl provision");
  site.files.put("/etc/chrony/sources.d/timectl.sources", "pool pool.example iburst\n");
  CHECK(site.reach().remedy == "chronyc reload sources");
  site.processes.install("chronyc", 1, "506 Cannot talk to daemon\n");
  CHECK(site.reach().verdict == Verdict::unknown);
  site.processes.uninstall("chronyc");
  CHECK(site.reach().verdict == Verdict::unknown);
}

TEST_CASE("a site that is an island by its profile is not asked for sources") {
  Site site{{}};
  site.host().sources->pools.clear();
  site.host().sources->servers.clear();
  CHECK(site.reach().verdict == Verdict::skipped);
  const auto all = site.ask_all();
  CHECK(std::none_of(all.begin(), all.end(),
                     [](const Finding& each) { return each.probe.text() == "sources.reach"; }));
}
