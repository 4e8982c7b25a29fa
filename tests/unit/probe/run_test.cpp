// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "features/feature.hpp"
#include "healthy_site.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <future>

#include <pthread.h>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;

namespace {

std::vector<std::string> names_of(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const auto& finding : findings) names.emplace_back(finding.probe.text());
  return names;
}

/// Sockets whose list blocks until they are let go.
class HangingNetwork : public FakeNetwork {
 public:
  std::vector<system::UdpListener> udp_listeners(std::uint16_t port) const override {
    let_go_.wait();
    return FakeNetwork::udp_listeners(port);
  }
  void let_go() { gate_.set_value(); }

 private:
  std::promise<void> gate_;
  std::shared_future<void> let_go_{gate_.get_future()};
};

/// While it lives no thread can be started: none has room for such a stack.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t giant;
    pthread_attr_init(&giant);
    pthread_attr_setstacksize(&giant, std::size_t{1} << (sizeof(std::size_t) * 8 - 2));
    pthread_setattr_default_np(&giant);
    pthread_attr_destroy(&giant);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

}  // namespace

TEST_CASE("on a healthy server every probe that applies says ok, in the table's order") {
  const HealthySite site{"pi-ntp"};
  const auto findings = site.ask_all();
  CHECK(names_of(findings) ==
        std::vector<std::string>{"time.quality", "time.leap", "rtc.device", "rtc.time", "rtc.boot",
                                 "rtc.kernel", "rtc.battery", "rtc.adjtime", "chrony.config",
                                 "chrony.sync", "ntp.port", "ntp.reply", "ntp.access",
                                 "sources.reach", "monitor.timer", "network.address", "owners",
                                 "files.drift"});
  for (const auto& finding : findings) {
    INFO(finding.probe.text() << ": " << finding.summary << ": " << finding.cause);
    CHECK(finding.verdict == Verdict::ok);
    CHECK_FALSE(finding.summary.empty());
    CHECK(finding.cause.empty());
    CHECK(finding.remedy.empty());
  }
}

TEST_CASE("on a healthy client every probe that applies says ok") {
  const HealthySite site{"main-pi"};
  const auto findings = site.ask_all();
  CHECK(names_of(findings) == std::vector<std::string>{"time.quality", "time.leap", "ntp.reply",
                                                       "timesync.server", "dnsmasq.config",
                                                       "dhcp.ntp", "dhcp.reservation",
                                                       "controller.environment", "monitor.timer",
                                                       "owners", "files.drift"});
  for (const auto& finding : findings) {
    INFO(finding.probe.text() << ": " << finding.summary << ": " << finding.cause);
    CHECK(finding.verdict == Verdict::ok);
  }
}

TEST_CASE("on a bare machine every probe answers, and what is not ok says why and what to do") {
  for (const auto* host : {"pi-ntp", "main-pi"}) {
    const BareSite site{host};
    for (const auto& finding : site.ask_all()) {
      INFO(finding.probe.text() << ": " << finding.summary);
      CHECK(finding.verdict != Verdict::unknown);
      if (finding.verdict == Verdict::ok || finding.verdict == Verdict::skipped) continue;
      CHECK_FALSE(finding.cause.empty());
      CHECK_FALSE(finding.remedy.empty());
      CHECK(finding.summary.size() <= 80);
    }
  }
}

TEST_CASE("a probe that throws is unknown with the reason, and the others still answer") {
  HealthySite site{"pi-ntp"};
  site.daemons.broken = "cannot ask chronyd: 506 Cannot talk to daemon";
  const auto findings = site.ask_all();
  for (const auto& finding : findings) {
    const bool throws = finding.probe.text() == "chrony.sync" ||
                        finding.probe.text() == "time.quality" ||
                        finding.probe.text() == "time.leap";
    CHECK(finding.verdict == (throws ? Verdict::unknown : Verdict::ok));
    if (throws) CHECK(finding.summary == "cannot ask chronyd: 506 Cannot talk to daemon");
  }
  CHECK(worst(findings) == Verdict::unknown);
}

TEST_CASE("a probe for which no thread is to be had is unknown, and takes nothing down") {
  const HealthySite site{"main-pi"};
  {
    const NoThreads none;
    const auto findings = site.ask_all();
    CHECK(findings.size() == 11);
    for (const auto& finding : findings) {
      INFO(finding.probe.text() << ": " << finding.summary);
      CHECK(finding.verdict == Verdict::unknown);
      CHECK(finding.cause == "no thread could be started to ask in");
    }
  }
  CHECK(worst(site.ask_all()) == Verdict::ok);
}

TEST_CASE("a probe that may not look sends for root") {
  HealthySite site{"main-pi"};
  site.services.put("systemd-networkd.service");
  site.files.forbid_reading("/run/systemd/netif/state");
  site.daemons.timesync_state->server_address = "";
  const auto finding = site.ask("timesync.server");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.remedy == "run timectl verify as root");
}

TEST_CASE("to skip all that is asked for was the answer that all is well") {
  BareSite site{"pi-ntp"};
  const auto error = error_of([&] { site.ask_with({.only = {"ntp"}, .skip = {"ntp"}}); });
  CHECK(mentions(error, "nothing is left to ask: only ntp, without ntp"));
  CHECK_THROWS_AS(site.ask_with({.only = {"rtc.time"}, .skip = {"rtc"}}), Error);
  CHECK_NOTHROW(site.ask_with({.only = {"rtc"}, .skip = {"rtc.time"}}));
}

TEST_CASE("only what was asked for is asked, and what has nothing to look at is skipped") {
  const HealthySite site{"main-pi"};
  const auto findings = site.ask_all({"files.drift", "rtc.device"});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].probe.text() == "rtc.device");
  CHECK(findings[0].verdict == Verdict::skipped);
  CHECK(findings[1].verdict == Verdict::ok);
}

TEST_CASE("a probe that does not exist is a mistake with a suggestion") {
  const HealthySite site{"main-pi"};
  try {
    site.ask_all({"ntp.repyl"});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string{error.what()} == "cannot ask 'ntp.repyl': there is no such probe");
    CHECK(error.hint() == "did you mean ntp.reply?");
  }
}

TEST_CASE(
    "the part before the dot names all that begin with it, and what is skipped is not asked") {
  const HealthySite site{"pi-ntp"};
  CHECK(names_of(site.ask_all({"rtc"})) == std::vector<std::string>{"rtc.device", "rtc.time",
                                                                    "rtc.boot", "rtc.kernel",
                                                                    "rtc.battery", "rtc.adjtime"});
  const auto without = names_of(
      site.ask_with({.only = {"rtc", "owners"}, .skip = {"rtc.time", "rtc.boot", "rtc.kernel"}}));
  CHECK(without == std::vector<std::string>{"rtc.device", "rtc.battery", "rtc.adjtime", "owners"});
}

TEST_CASE("below an offline root only files and units are looked at") {
  HealthySite site{"pi-ntp"};
  site.facts.is_offline_root = true;
  site.network.listen("0.0.0.0", 123, "ntpd", 5);  // of the host, not of the card
  for (const auto& finding : site.ask_all()) {
    const auto name = finding.probe.text();
    const bool asked = name == "owners" || name == "files.drift" || name == "rtc.adjtime";
    CHECK(finding.verdict == (asked ? Verdict::ok : Verdict::skipped));
    if (!asked) CHECK(finding.summary == "nothing runs below --root");
  }
}

TEST_CASE("a probe that hangs is unknown after its deadline, and the others do not wait for it") {
  // What was left behind reads these until the process ends.
  static auto& site = *new HealthySite{"main-pi"};
  static auto& network = *new HangingNetwork;
  const Ports ports{site.files, site.services,  site.processes, site.clock,
                    site.rtcs,  site.datagrams, network,        site.daemons};
  const Subject subject{site.profile, site.host(), site.facts, {}};
  const auto findings =
      run_probes(subject, ports, features::probes(), {.deadline = std::chrono::milliseconds{300}});
  for (const auto& finding : findings) {
    const bool hangs = finding.probe.text() == "owners";
    INFO(finding.probe.text() << ": " << finding.summary);
    CHECK(finding.verdict == (hangs ? Verdict::unknown : Verdict::ok));
    if (hangs) CHECK(finding.summary == "there was no answer within 300 ms");
  }
  CHECK(has_left_behind());
  network.let_go();
}
