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
