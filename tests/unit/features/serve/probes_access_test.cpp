// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;

namespace {

bool is_of_site(const std::string& address) { return address.starts_with("192.168.4."); }

/// A chronyd that says this of an address outside of the site, and lets the site in.
void say_of_strangers(HealthySite& site, const std::string& answer) {
  site.processes.install("chronyc", [answer](const system::Command& command) {
    const bool stranger = !is_of_site(command.arguments.back());
    return system::CommandResult{0, stranger ? answer : "208 Access allowed\n", {}};
  });
}

/// Everybody is let in who should be, and chronyd counted this.
Finding counted(const std::string& stats, const std::string& clients) {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyc", [=](const system::Command& command) {
    const auto& asked = command.arguments.back();
    if (asked == "serverstats") return system::CommandResult{0, stats, {}};
    if (asked == "clients") return system::CommandResult{0, clients, {}};
    const bool stranger = !is_of_site(asked);
    return system::CommandResult{0, stranger ? "209 Access denied\n" : "208 Access allowed\n", {}};
  });
  return site.ask("ntp.access");
}

Finding behind(const std::string& rules) {
  HealthySite site{"pi-ntp"};
  site.processes.install("nft", 0, rules);
  return site.ask("ntp.access");
}

std::string input_chain(const std::string& policy, const std::string& rule) {
  return "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; "
         "policy " +
         policy + ";\n\t\t" + rule + "\n\t}\n}\n";
}

}  // namespace

TEST_CASE("chronyd is asked for the site's addresses, for its network and for a stranger's") {
  const HealthySite site{"pi-ntp"};
  const auto finding = site.ask("ntp.access");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "192.168.4.1") == "allowed");
  CHECK(text_of(finding, "192.168.4.0") == "allowed");
  CHECK(text_of(finding, "192.0.2.1") == "denied");
  CHECK(site.processes.commands().front() == "chronyc -n accheck 192.168.4.1");
}

TEST_CASE(
    "an address of the site that gets nothing is a failure, a stranger that is served a warning") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyc", 0, "209 Access denied\n");
  auto finding = site.ask("ntp.access");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "192.168.4.1 gets no answer: chronyd does not allow it");
  say_of_strangers(site, "208 Access allowed\n");
  finding = site.ask("ntp.access");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "every host is served, not only the site");
}

TEST_CASE("an old allow of another private range was called closed to others") {
  for (const std::string open : {"10.", "172.", "192.168.255.", "100.", "169.254."}) {
    INFO(open);
    HealthySite site{"pi-ntp"};
    site.processes.install("chronyc", [open](const system::Command& command) {
      const auto& asked = command.arguments.back();
      const bool is_allowed = is_of_site(asked) || asked.starts_with(open);
      return system::CommandResult{
          0, is_allowed ? "208 Access allowed\n" : "209 Access denied\n", {}};
    });
    const auto finding = site.ask("ntp.access");
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.summary.starts_with("hosts outside of the site are served, such as " + open));
  }
}

TEST_CASE("an allow line of others is asked about where it reaches beyond the site") {
  HealthySite site{"pi-ntp"};
  const auto asked_for = [&](const std::string& line) {
    site.files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n");
    site.files.put("/etc/chrony/conf.d/10-old.conf", line + "\n");
    site.facts.chrony = facts::read_chrony(site.files, true, true);
    std::vector<std::string> asked;
    site.processes.install("chronyc", [&asked](const system::Command& command) {
      asked.push_back(command.arguments.back());
      const bool stranger = !is_of_site(asked.back());
      return system::CommandResult{
          0, stranger ? "209 Access denied\n" : "208 Access allowed\n", {}};
    });
    CHECK(site.ask("ntp.access").verdict == Verdict::ok);
    return asked;
  };
  const auto asks = [&](const std::string& line, const std::string& address) {
    const auto asked = asked_for(line);
    return std::find(asked.begin(), asked.end(), address) != asked.end();
  };
  CHECK(asks("allow 192.168.1.0/24", "192.168.1.0"));
  CHECK(asks("Allow all 10.7", "10.7.0.0"));
  CHECK(asks("allow 192.168.4.0/23", "192.168.5.255"));
  CHECK(asks("allow fd00:1::/64", "fd00:1::"));
  CHECK_FALSE(asks("allow 192.168.4.128/25", "192.168.4.255"));
  CHECK(asks("allow", "2001:db8::1"));  // both families
}

TEST_CASE("a chronyd that does not say is unknown, and no client is a stranger to an open list") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyc", 1, "501 Not authorised\n");
  CHECK(site.ask("ntp.access").verdict == Verdict::unknown);
  site.processes.uninstall("chronyc");
  CHECK(site.ask("ntp.access").verdict == Verdict::failed);
  site.processes.install("chronyc", 0, "208 Access allowed\n");
  site.host().serve->allow = {Subnet::parse("0.0.0.0/0").value()};
  const auto finding = site.ask("ntp.access");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "192.0.2.1") == "absent");
  CHECK(finding.summary == "the site's addresses are served; the profile allows every host");
}

TEST_CASE("a chronyd that falls silent before the stranger's turn has not kept strangers out") {
  HealthySite site{"pi-ntp"};
  say_of_strangers(site, "");
  const auto finding = site.ask("ntp.access");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(text_of(finding, "192.0.2.1") == "not known");
}

TEST_CASE("a firewall is found in the way by its rules for UDP 123, or by having none") {
  CHECK(behind("").verdict == Verdict::ok);
  CHECK(behind(input_chain("accept", "tcp dport 22 accept")).verdict == Verdict::ok);
  CHECK(behind(input_chain("drop", "udp dport 123 accept")).verdict == Verdict::ok);
  CHECK(behind(input_chain("drop", "udp dport { 53, 67, 123 } accept")).verdict == Verdict::ok);
  CHECK(behind(input_chain("drop", "tcp dport 22 accept")).verdict == Verdict::warning);
  CHECK(behind(input_chain("drop", "udp dport 1234 accept")).verdict == Verdict::warning);
  CHECK(behind(input_chain("accept", "udp dport 123 drop")).verdict == Verdict::failed);
  CHECK(behind(input_chain("accept", "udp dport ntp reject")).verdict == Verdict::failed);
  CHECK(behind("table ip nat {\n\tchain output {\n\t\ttype nat hook output priority 0; policy "
               "drop;\n\t\tudp dport 123 drop\n\t}\n}\n")
            .verdict == Verdict::ok);
}

TEST_CASE("clients that the rate limit mutes are a warning with their number and the worst name") {
  const auto finding = counted("1000,144,2,0,0,0,0,0,0,0,0\n",
                               "192.168.4.1,500,4,6,127,41,0,0,127,4294967295\n"
                               "192.168.4.57,300,140,-4,-4,1,0,0,127,4294967295\n");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "144 of 1000 requests got no answer: the rate limit dropped them");
  CHECK(finding.cause.starts_with("192.168.4.57 lost 140 of its 300 requests; "));
  CHECK(finding.remedy.starts_with("chronyc -n clients shows who"));
  CHECK(text_of(finding, "requests") == "1000");
  CHECK(text_of(finding, "requests_dropped") == "144");
  CHECK(text_of(finding, "most_dropped_of") == "192.168.4.57");
}

TEST_CASE("whom the limit muted may be forgotten, and the number is said all the same") {
  for (const auto* clients :
       {"", "506 Cannot talk to daemon\n", "192.168.4.1,5,0,6,127,4,0,0,127,4"}) {
    const auto finding = counted("1000,144,2", clients);
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.cause.starts_with("a client asks more often"));
    CHECK(text_of(finding, "most_dropped_of") == "absent");
  }
}

TEST_CASE("one request of a hundred that was dropped is evidence and no warning") {
  auto finding = counted("1000,10,2", "192.168.4.57,300,10,-4,-4,1,0,0,127,4294967295\n");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "requests_dropped") == "10");
  CHECK(counted("1000,11,2", "").verdict == Verdict::warning);
  finding = counted("0,0,1", "");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "requests_dropped") == "0");
}

TEST_CASE("a chronyd that does not say what it dropped is not said to have dropped nothing") {
  const auto finding = counted("501 Not authorised\n", "");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "requests_dropped") == "absent");
}

TEST_CASE("what another chain accepts opens no input chain, unless that jumps to it") {
  const std::string outgoing =
      "table inet out {\n\tchain output {\n\t\ttype filter hook output priority filter; policy "
      "accept;\n\t\tudp dport 123 accept\n\t}\n}\n";
  const auto closed = input_chain("drop", "tcp dport 22 accept");
  CHECK(behind(outgoing + closed).verdict == Verdict::warning);
  const auto refuses = input_chain("accept", "udp dport 123 drop");
  CHECK(behind(outgoing + refuses).verdict == Verdict::failed);
  // Each input chain has its say.
  CHECK(behind(input_chain("drop", "udp dport 123 accept") + closed).verdict == Verdict::warning);
}

TEST_CASE("a packet is followed into the chains it jumps to, as deep as they go") {
  const auto user = [](const std::string& rule) {
    return "\tchain user {\n\t\t" + rule + "\n\t}\n}\n";
  };
  // The chain jumped to stands before or behind, in the same table.
  const auto through = [&](const std::string& policy, const std::string& jump,
                           const std::string& rule) {
    auto rules = input_chain(policy, jump);
    return behind(rules.substr(0, rules.size() - 2) + user(rule)).verdict;
  };
  CHECK(through("drop", "jump user", "udp dport 123 accept") == Verdict::ok);
  CHECK(through("drop", "tcp dport 22 accept", "udp dport 123 accept") == Verdict::warning);
  CHECK(through("accept", "counter packets 1 bytes 76 jump user", "udp dport 123 drop") ==
        Verdict::failed);
  CHECK(through("accept", "goto user", "udp dport { 123, 443 } reject") == Verdict::failed);
  CHECK(through("accept", "jump user", "drop") == Verdict::warning);
  CHECK(through("drop", "jump user", "return") == Verdict::warning);
  // Whether a condition is met cannot be seen from here.
  CHECK(through("accept", "iifname \"wlan0\" jump user", "udp dport 123 drop") == Verdict::ok);
  CHECK(through("drop", "iifname \"eth0\" jump user", "udp dport 123 accept") == Verdict::ok);
  CHECK(through("drop", "iifname vmap { \"lo\" : accept, \"eth0\" : jump user }",
                "udp dport 123 accept") == Verdict::ok);
  // In a circle, which nft refuses.
  CHECK(through("drop", "jump user", "jump user") == Verdict::warning);
}

TEST_CASE("a port that ufw denies is found behind its chains") {
  const auto ufw = [](const std::string& rule) {
    return behind(
               "table ip filter {\n"
               "\tchain ufw-before-input {\n\t\tiifname \"lo\" counter packets 4 bytes 300 accept\n"
               "\t\tudp sport 67 udp dport 68 counter packets 0 bytes 0 accept\n"
               "\t\tcounter packets 2 bytes 152 jump ufw-user-input\n\t}\n"
               "\tchain ufw-user-input {\n\t\t" +
               rule +
               "\n\t}\n"
               "\tchain INPUT {\n\t\ttype filter hook input priority filter; policy drop;\n"
               "\t\tcounter packets 2 bytes 152 jump ufw-before-input\n\t}\n}\n")
        .verdict;
  };
  CHECK(ufw("udp dport 123 counter packets 0 bytes 0 drop") == Verdict::failed);
  CHECK(ufw("udp dport 123 counter packets 0 bytes 0 accept") == Verdict::ok);
  CHECK(ufw("tcp dport 22 counter packets 0 bytes 0 accept") == Verdict::warning);
}

TEST_CASE("a closing rule for everything drops the rest as a policy does, and ends the chain") {
  const std::string ntp = "udp dport 123 accept\n\t\t";
  for (const std::string drop :
       {"drop", "reject", "counter packets 5 bytes 300 drop", "reject with icmpx admin-prohibited",
        "log prefix \"in: \" level info drop",
        "counter packets 0 bytes 0 reject with icmp port-unreachable comment \"rest\""}) {
    INFO(drop);
    CHECK(behind(input_chain("accept", drop)).verdict == Verdict::warning);
    CHECK(behind(input_chain("accept", ntp + drop)).verdict == Verdict::ok);
    CHECK(behind(input_chain("accept", drop + "\n\t\t" + ntp)).verdict == Verdict::warning);
    CHECK(behind(input_chain("drop", "accept\n\t\t" + drop)).verdict == Verdict::ok);
  }
  CHECK(behind(input_chain("accept", "ct state invalid drop")).verdict == Verdict::ok);
}

TEST_CASE("a rule that names thousands of addresses overflows no stack") {
  std::string addresses = "10.0.0.1";
  for (int i = 0; i < 30'000; ++i) addresses += ", 10.0.0.1";
  const auto rule = "ip saddr { " + addresses + " } udp dport 123 ";
  CHECK(behind(input_chain("drop", rule + "accept")).verdict == Verdict::ok);
  CHECK(behind(input_chain("accept", rule + "drop")).verdict == Verdict::failed);
  CHECK(behind(input_chain("accept", "comment \"" + addresses + "\" drop")).verdict == Verdict::ok);
}

TEST_CASE("a table of packets that NTP clients of this family never send is not in their way") {
  auto rules = input_chain("drop", "tcp dport 22 accept");
  rules.replace(rules.find("inet"), 4, "ip6");
  CHECK(behind(rules).verdict == Verdict::ok);
  rules.replace(rules.find("ip6"), 3, "ip");
  CHECK(behind(rules).verdict == Verdict::warning);
}

TEST_CASE("a firewall that cannot be looked at is not called open") {
  HealthySite site{"pi-ntp"};
  site.processes.install("nft", 1, "", "Operation not permitted (you must be root)\n");
  CHECK(text_of(site.ask("ntp.access"), "firewall") == "not known");
}
