// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace timectl;
using namespace timectl::test;
using probe::Verdict;

namespace {

const std::string list = "/usr/share/zoneinfo/leap-seconds.list";

long long ntp_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() + 2'208'988'800;
}

struct LeapSite : HealthySite {
  explicit LeapSite(const std::string& host = "pi-ntp") : HealthySite(host) {
    at("2026-12-10T12:00:00Z");
    files.put("/etc/chrony/chrony.conf", "leapseclist " + list + "\n");
    holds_until("2027-06-28T00:00:00Z");
    announce("Normal");
  }

  void at(const char* time) { clock.set(parse_utc(time).value()); }

  /// The table of tzdata, with one more change when `more` is not empty.
  void holds_until(const char* time, const std::string& more = "") {
    files.put(list, fmt::format("#$ 3960921600\n#@ {}\n3439756800 34\n3550089600 35\n3644697600 "
                                "36\n3692217600 37\n{}\n",
                                ntp_seconds(parse_utc(time).value()), more));
  }

  void is_island() {
    daemons.run_unsynchronized();
    daemons.sources->clear();
  }

  void announce(const std::string& leap) {
    if (!daemons.tracking) daemons.follow("198.51.100.7");
    daemons.tracking->leap = leap;
  }

  probe::Finding leap() const { return ask("time.leap"); }
};

std::int64_t integer_of(const probe::Finding& finding, const std::string& key) {
  const auto found = std::find_if(finding.evidence.begin(), finding.evidence.end(),
                                  [&](const auto& item) { return item.first == key; });
  return std::get<std::int64_t>(found->second);
}

const std::string new_year_inserted = "4007750400 38 # 1 Jan 2027";
const std::string new_year_left_out = "4007750400 36 # 1 Jan 2027";

}  // namespace

TEST_CASE("a table that holds is fine, and says until when") {
  const LeapSite site;
  const auto finding = site.leap();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "no leap second until 2027-06-28, where chronyd's table ends");
  CHECK(text_of(finding, "table_expires") == "2027-06-28T00:00:00Z");
  CHECK(integer_of(finding, "tai_minus_utc_s") == 37);
  CHECK(integer_of(finding, "leap_seconds") == 0);
}

TEST_CASE("a table is complained of from thirty days before it expires") {
  LeapSite site;
  site.at("2027-05-28T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::ok);
  site.at("2027-05-30T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::warning);
  CHECK(site.leap().summary == "chronyd's leap second table expires on 2027-06-28");
  site.at("2027-06-29T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::warning);
  CHECK(site.leap().summary == "chronyd's leap second table has expired on 2027-06-28");
  CHECK(site.leap().remedy == "apt-get update && apt-get install --only-upgrade tzdata");
}

TEST_CASE("a zone of leap seconds expires with the list of the same package") {
  LeapSite site;
  site.files.put("/etc/chrony/chrony.conf", "leapsectz right/UTC\n");
  CHECK(site.leap().summary == "chronyd cannot use its leap second zone 'right/UTC'");
  CHECK(site.leap().remedy ==
        "apt-get install --reinstall tzdata && systemctl restart chrony.service");
  site.facts.os.version_id = "13";
  CHECK(site.leap().remedy ==
        "apt-get install --reinstall tzdata-legacy && systemctl restart chrony.service");
  site.files.put("/usr/share/zoneinfo/right/UTC", "TZif2");
  CHECK(site.leap().verdict == Verdict::ok);
  site.holds_until("2026-06-28T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::warning);
  site.daemons.broken = "501 Not authorised";
  CHECK(site.leap().verdict == Verdict::warning);
  site.holds_until("2027-06-28T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::unknown);
}

TEST_CASE("a zone that has no leap seconds, or is misspelled, is named with its file") {
  LeapSite site;
  site.files.put("/usr/share/zoneinfo/right/UTC", "TZif2");
  site.files.put("/usr/share/zoneinfo/Europe/Berlin", "TZif2");
  for (const auto* zone : {"Europe/Berlin", "right/utc", "right/../UTC"}) {
    INFO(zone);
    site.files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n");
    site.files.put("/etc/chrony/conf.d/leap.conf", fmt::format("leapsectz {}\n", zone));
    const auto finding = site.leap();
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.remedy ==
          "sed -i 's,^\\s*leapsectz\\s.*,leapsectz right/UTC,I' '/etc/chrony/conf.d/leap.conf' && "
          "systemctl restart chrony.service");
  }
}

TEST_CASE("a list that is not there, or is none, is complained of with what renews it") {
  LeapSite site;
  site.files.put(list, "<html>not found</html>\n");
  CHECK(site.leap().remedy ==
        "apt-get install --reinstall tzdata && systemctl restart chrony.service");
  site.files.erase(list);
  CHECK(site.leap().verdict == Verdict::warning);
  for (const auto* name : {"/srv/leap.list", "leap.list", "/srv/../leap.list"}) {
    site.files.put("/etc/chrony/chrony.conf", fmt::format("leapseclist {}\n", name));
    INFO(name);
    CHECK(site.leap().summary ==
          fmt::format("chronyd cannot use its leap second table '{}'", name));
  }
  CHECK(site.leap().remedy.starts_with("install -D -m 0644 " + list + " '/srv/../leap.list' && "));
}

TEST_CASE("an expired table of a host that does not go by it is nothing to complain of") {
  LeapSite server;
  server.files.put("/etc/chrony/chrony.conf", "");
  server.holds_until("2026-06-28T00:00:00Z");
  CHECK(server.leap().verdict == Verdict::ok);
  LeapSite client{"main-pi"};
  client.holds_until("2026-06-28T00:00:00Z");
  CHECK(client.leap().verdict == Verdict::ok);
  CHECK(client.leap().summary == "no leap second is announced");
}

TEST_CASE("a leap second that daemon and table announce is said with its day, of either sign") {
  LeapSite site;
  site.at("2026-12-31T12:00:00Z");
  site.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
  site.announce("Insert second");
  auto finding = site.leap();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "a second is inserted at the end of 2026-12-31 (UTC)");
  CHECK(integer_of(finding, "leap_seconds") == 1);
  CHECK(text_of(finding, "leap_at") == "2027-01-01T00:00:00Z");
  site.holds_until("2027-06-28T00:00:00Z", new_year_left_out);
  site.announce("Delete second");
  finding = site.leap();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "a second is left out at the end of 2026-12-31 (UTC)");
  CHECK(integer_of(finding, "leap_seconds") == -1);
}

TEST_CASE("a table announces a leap second long before the daemon does") {
  LeapSite site;
  site.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
  CHECK(site.leap().verdict == Verdict::ok);
  CHECK(site.leap().summary.starts_with("a second is inserted at the end of 2026-12-31 (UTC)"));
}

TEST_CASE("what was announced for yesterday is over, until the next reply says so") {
  LeapSite site{"main-pi"};
  site.at("2027-01-01T00:10:00Z");
  site.daemons.timesync_follow("192.168.4.2", site.clock.now() - std::chrono::minutes{20});
  site.daemons.timesync_state->message->leap = 1;
  CHECK(site.leap().summary == "no leap second is announced");
}

TEST_CASE("what timesyncd hears on another day than the last it does at the next midnight") {
  LeapSite site{"main-pi"};
  site.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
  site.daemons.timesync_follow("192.168.4.2", site.clock.now());
  site.daemons.timesync_state->message->leap = 1;
  CHECK(site.leap().verdict == Verdict::warning);
  CHECK(
      site.leap().summary.starts_with("a second is inserted at the end of 2026-12-10 (UTC), says"));
}

TEST_CASE("an island is told that it does not take part in a leap second that is near") {
  LeapSite site;
  site.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
  site.is_island();
  CHECK(site.leap().verdict == Verdict::warning);
  CHECK(site.leap().summary ==
        "a second is inserted at the end of 2026-12-31 (UTC), and this host has no source to hear "
        "of it");
  site.at("2026-11-10T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::ok);
}

TEST_CASE("daemon and table that contradict each other are complained of") {
  LeapSite site;
  site.at("2026-12-31T12:00:00Z");
  SECTION("the table has none") { site.announce("Insert second"); }
  SECTION("the other sign") {
    site.holds_until("2027-06-28T00:00:00Z", new_year_left_out);
    site.announce("Insert second");
  }
  SECTION("another day") {
    site.holds_until("2027-06-28T00:00:00Z", "4023388800 38 # 1 Jul 2027");
    site.announce("Delete second");
  }
  SECTION("the daemon does not know of today's, and it is late") {
    site.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
    CHECK(site.leap().verdict == Verdict::warning);
    site.at("2026-12-31T11:00:00Z");
    CHECK(site.leap().verdict == Verdict::ok);
    site.at("2026-12-31T22:00:00Z");
  }
  CHECK(site.leap().verdict == Verdict::warning);
  CHECK_FALSE(site.leap().remedy.empty());
}

TEST_CASE("an expired table does not unsay what the sources announce") {
  LeapSite site;
  site.at("2026-12-31T12:00:00Z");
  site.holds_until("2026-06-28T00:00:00Z");
  site.announce("Insert second");
  const auto finding = site.leap();
  CHECK(finding.summary == "chronyd's leap second table has expired on 2026-06-28");
  CHECK(integer_of(finding, "leap_seconds") == 1);
}

TEST_CASE("timesyncd's server announces a leap second to the client") {
  LeapSite client{"main-pi"};
  client.at("2026-12-31T12:00:00Z");
  client.daemons.timesync_follow("192.168.4.2", client.clock.now());
  client.daemons.timesync_state->message->leap = 1;
  client.holds_until("2027-06-28T00:00:00Z", new_year_inserted);
  CHECK(client.leap().verdict == Verdict::ok);
  client.holds_until("2027-06-28T00:00:00Z");
  CHECK(client.leap().verdict == Verdict::warning);
}

TEST_CASE("a kernel with another TAI - UTC is complained of, one that was never told is not") {
  LeapSite site;
  site.clock.discipline_.tai_minus_utc = 37;
  CHECK(site.leap().verdict == Verdict::ok);
  site.clock.discipline_.tai_minus_utc = 36;
  CHECK(site.leap().summary == "the kernel takes TAI - UTC for 36 s, and it is 37 s");
  // Counted on from nothing by a leap second (kernel/time/ntp.c), on a host that has no table.
  site.files.put("/etc/chrony/chrony.conf", "");
  site.clock.discipline_.tai_minus_utc = 1;
  CHECK(site.leap().verdict == Verdict::ok);
}

TEST_CASE("a daemon that does not answer is another finding's matter, a bad table is not") {
  LeapSite site;
  site.daemons.tracking.reset();
  CHECK(site.leap().verdict == Verdict::skipped);
  site.holds_until("2026-06-28T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::warning);
  site.daemons.broken = "501 Not authorised";
  CHECK(site.leap().verdict == Verdict::warning);
  site.holds_until("2027-06-28T00:00:00Z");
  CHECK(site.leap().verdict == Verdict::unknown);
}
