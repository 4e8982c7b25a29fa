// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("timesyncd's frozen properties are seen through by the age of the last reply") {
  HealthySite site{"main-pi"};
  auto& state = *site.daemons.timesync_state;
  const auto after = [&](std::chrono::seconds age) {
    state.message->destination = site.clock.now() - age;
    return site.ask("timesync.server");
  };
  CHECK(after(12s).summary == "timesyncd follows 192.168.4.2 (traceable), last reply 12 s ago");
  CHECK(after(190s).verdict == Verdict::ok);  // the poll interval is 64 s
  CHECK(after(195s).verdict == Verdict::failed);
  const auto dead = after(40min);
  CHECK(dead.summary == "the last reply of 192.168.4.2 is 40 min old");
  CHECK(number_of(dead, "last_reply_age_s") == Approx(2400));
  state.poll_interval = 2048s;
  CHECK(after(40min).verdict == Verdict::ok);
  CHECK(after(10h).verdict == Verdict::failed);
}

TEST_CASE("what timesyncd follows is the site's server, or it is said") {
  struct Row {
    const char* what;
    std::function<void(system::TimesyncState&)> change;
    Verdict verdict;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"an island", [](auto& s) { s.message->reference_id = "7F7F0101"; }, Verdict::ok,
       "timesyncd follows 192.168.4.2 (island), last reply 12 s ago"},
      {"a fallback",
       [](auto& s) {
         s.server_name = "0.debian.pool.ntp.org";
         s.server_address = "203.0.113.7";
       },
       Verdict::warning, "timesyncd follows a fallback: 0.debian.pool.ntp.org"},
      {"no server", [](auto& s) { s.server_address = ""; }, Verdict::failed,
       "timesyncd follows no server"},
      {"no reply for an hour", [](auto& s) { s.message.reset(); }, Verdict::failed,
       "timesyncd asks 192.168.4.2 and has had no reply yet"},
      {"runtime servers", [](auto& s) { s.runtime_servers = {"192.168.4.2"}; }, Verdict::warning,
       "timesyncd uses runtime servers in place of NTP="},
      {"without island mode", [](auto& s) { s.message->leap = 3; }, Verdict::failed,
       "192.168.4.2 answers, but has no time to give"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    row.change(*site.daemons.timesync_state);
    const auto finding = site.ask("timesync.server");
    CHECK(finding.verdict == row.verdict);
    CHECK(finding.summary == row.summary);
    CHECK((finding.verdict == Verdict::ok) == finding.remedy.empty());
  }
}

TEST_CASE("a server that timesyncd no longer hears has its reason") {
  HealthySite site{"main-pi"};
  auto& state = *site.daemons.timesync_state;
  state.message->destination -= 10min;
  const auto where = endpoint("192.168.4.2");
  // It is there again, and timesyncd waits for its next poll.
  auto finding = site.ask("timesync.server");
  CHECK(finding.cause.starts_with("192.168.4.2 answers timectl, and timesyncd has not heard it"));
  CHECK(finding.remedy == "systemctl restart systemd-timesyncd.service");
  site.datagrams.put_status(where, system::ExchangeStatus::refused);
  finding = site.ask("timesync.server");
  CHECK(finding.cause.starts_with("192.168.4.2 has no time service"));
  CHECK(finding.cause.find("goes on saying synchronized") != std::string::npos);
  CHECK(finding.remedy == "on 192.168.4.2: timectl verify");
  site.datagrams.put_server(where, FakeNtpServer::kiss("RATE"));
  state.message.reset();
  finding = site.ask("timesync.server");
  CHECK(finding.cause.starts_with("192.168.4.2 is asked more often than it allows (RATE)"));
}

TEST_CASE("a timesyncd that has just started waits for its first reply, and for its server") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state->message.reset();
  started(site, 5s);
  auto finding = site.ask("timesync.server");
  CHECK(finding.verdict == Verdict::pending);
  CHECK(finding.summary == "timesyncd asks 192.168.4.2 and has had no reply yet");
  CHECK(finding.remedy == "timectl verify --wait 2m");
  site.daemons.timesync_state->server_address = "";
  finding = site.ask("timesync.server");
  CHECK(finding.verdict == Verdict::pending);
  CHECK(finding.summary == "timesyncd follows no server yet");
  started(site, 3min);
  CHECK(site.ask("timesync.server").verdict == Verdict::failed);
}

TEST_CASE("a timesyncd that networkd muted is told apart from one without servers") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state->server_address = "";
  site.services.put("systemd-networkd.service");
  site.files.put("/run/systemd/netif/state", "OPER_STATE=off\nCARRIER_STATE=off\n");
  CHECK(site.ask("timesync.server").summary ==
        "timesyncd asks no server: systemd-networkd says the host is offline");
}

TEST_CASE("a timesyncd that is not on the bus was said not to run, whatever its unit says") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state.reset();
  CHECK(site.ask("timesync.server").verdict == Verdict::unknown);
  CHECK(site.ask("timesync.server").summary == "timesyncd runs, and cannot be asked");
  site.services.put("systemd-timesyncd.service").state.active_state = "inactive";
  CHECK(site.ask("timesync.server").verdict == Verdict::failed);
  CHECK(site.ask("timesync.server").summary == "timesyncd does not run");
}

namespace {

/// Its root distance is 7.5 s.
FakeNtpServer far_server() {
  FakeNtpServer server;
  server.root_delay_s = 1;
  server.root_dispersion_s = 7;
  return server;
}

}  // namespace

TEST_CASE("a server that timesyncd refuses for its root distance was told as no reply yet") {
  struct Row {
    const char* what;
    std::function<void(system::TimesyncState&)> change;
  };
  const std::vector<Row> rows{
      {"no reply", [](auto& s) { s.message.reset(); }},
      {"gave up", [](auto& s) { s.server_address = s.server_name = ""; }},
      {"since a while", [](auto& s) { s.message->destination -= 10min; }},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    auto& state = *site.daemons.timesync_state;
    state.root_distance_max = Seconds{5};
    row.change(state);
    const auto other = site.ask("timesync.server");
    CHECK(other.verdict == Verdict::failed);
    CHECK(other.summary.find("refuses") == std::string::npos);
    site.datagrams.put_server(endpoint("192.168.4.2"), far_server());
    const auto finding = site.ask("timesync.server");
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.summary == "timesyncd refuses 192.168.4.2: its root distance is 7.5 s");
    CHECK(finding.remedy.starts_with("on 192.168.4.2: timectl verify"));
    state.root_distance_max = Seconds{8};
    CHECK(site.ask("timesync.server").summary == other.summary);
  }
}

TEST_CASE("timesyncd that left the system bus was called one that cannot be asked") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state.reset();
  for (const auto* probe : {"timesync.server", "time.quality"}) {
    INFO(probe);
    site.files.put("/run/dbus/system_bus_socket", "");
    site.services.put("systemd-timesyncd.service");
    const auto finding = site.ask(probe);
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.summary == "timesyncd runs, and is not on the system bus");
    CHECK(finding.remedy == "systemctl restart systemd-timesyncd.service");
    // While it starts, and without a bus, that is not known.
    site.services.put("systemd-timesyncd.service").state.active_state = "activating";
    CHECK(site.ask(probe).verdict == Verdict::unknown);
    site.services.put("systemd-timesyncd.service");
    site.files.remove(system::RootedPath{"/run/dbus/system_bus_socket"});
    CHECK(site.ask(probe).verdict == Verdict::unknown);
  }
}

TEST_CASE("a list of servers that replaced timectl's is named with its file") {
  HealthySite site{"main-pi"};
  const std::string place = "/systemd/timesyncd.conf.d/";
  site.files.put("/etc" + place + "50-timectl.conf", "[Time]\nNTP=\nNTP=192.168.4.2 a.org\n");
  auto& state = *site.daemons.timesync_state;
  state.system_servers = {"192.168.4.2", "a.org", "b.org"};  // one more behind them
  CHECK(site.ask("timesync.server").verdict == Verdict::ok);
  state.system_servers = {"192.168.4.9"};
  auto finding = site.ask("timesync.server");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "timesyncd has other servers than timectl gave it: 192.168.4.9");
  CHECK(finding.remedy == "systemctl restart systemd-timesyncd.service");
  site.files.put("/etc" + place + "zz-site.conf", "[Time]\nNTP=\nNTP=192.168.4.9\n");
  finding = site.ask("timesync.server");
  CHECK(finding.cause ==
        "/etc" + place + "zz-site.conf line 2 ('NTP=') is read after timectl's drop-in");
  CHECK(finding.remedy == "timectl provision --take-over");
  // An empty list: timesyncd follows what it was compiled with. A drop-in with a limit is no cause.
  state.system_servers.clear();
  site.files.put("/etc" + place + "zz-site.conf", "[Time]\nNTP=\n");
  site.files.put("/etc" + place + "60-limit.conf", "[Time]\nRootDistanceMaxSec=30\n");
  finding = site.ask("timesync.server");
  CHECK(finding.summary == "timesyncd has none of the servers that timectl gave it");
  CHECK(finding.cause.find("zz-site.conf line 2") != std::string::npos);
}
