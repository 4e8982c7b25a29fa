// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "rtc/boot_state.hpp"
#include "support/catch.hpp"

#include <tuple>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("a configuration that chronyd refuses fails with chronyd's own words") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyd", 1, "",
                         "2026-11-20T12:00:00Z Fatal error : Invalid directive at line 1 in file "
                         "/etc/chrony/conf.d/50-timectl.conf\n");
  const auto finding = site.ask("chrony.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause.ends_with("line 1 in file /etc/chrony/conf.d/50-timectl.conf"));
  CHECK(site.processes.commands() ==
        std::vector<std::string>{"chronyd -p -f /etc/chrony/chrony.conf"});
}

TEST_CASE("rtcfile beside rtcsync fails although chronyd -p accepts it") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyd", 0, "rtcsync\nRtcFile /var/lib/chrony/rtc\n");
  CHECK(site.ask("chrony.config").verdict == Verdict::failed);
  site.files.put("/etc/chrony/chrony.conf", "include /etc/rtc\n");
  site.files.put("/etc/rtc", "\nRtcFile /var/lib/chrony/rtc\n");
  CHECK(site.ask("chrony.config").cause == "/etc/rtc line 2 ('RtcFile /var/lib/chrony/rtc')");
}

TEST_CASE("a 'local' directive was accepted: it serves any time from the first second of a boot") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyd", 0, "rtcsync\nlocal stratum 10\n");
  const auto finding = site.ask("chrony.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.remedy.find("grep -rn '^ *local' /etc/chrony") != std::string::npos);
}

TEST_CASE("a configuration that leaves timectl's files without effect fails with file and line") {
  HealthySite site{"pi-ntp"};
  const std::string path = "/etc/chrony/chrony.conf";
  const std::string stock = "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n";
  site.files.put(path, stock);
  CHECK(site.ask("chrony.config").verdict == Verdict::ok);
  site.files.put(path, "pool a iburst\n");
  auto finding = site.ask("chrony.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "chronyd does not read timectl's files");
  CHECK(finding.cause.find(path) != std::string::npos);
  CHECK(finding.cause.find("confdir /etc/chrony/conf.d") != std::string::npos);
  CHECK(finding.remedy.find("--take-over") != std::string::npos);
  for (const std::string line : {"port 0", "bindaddress 192.168.0.49", "deny 192.168.4.0/25"}) {
    CAPTURE(line);
    site.files.put(path, stock + line + "\n");
    finding = site.ask("chrony.config");
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.cause.find(path + " line 3 ('" + line + "')") != std::string::npos);
  }
  site.network = FakeNetwork{};
  site.files.put(path, stock + "port 0\n");
  CHECK(site.ask("ntp.port").cause.find(path + " line 3 ('port 0')") != std::string::npos);
  site.files.put(path, "include /etc/[a-z]*\n");
  CHECK(site.ask("chrony.config").verdict == Verdict::unknown);
  site.files.put(path, "# BEGIN timectl (x)\n" + stock + "# END timectl\n");
  CHECK(site.ask("chrony.config").verdict == Verdict::ok);
}

TEST_CASE("a chronyd that hangs leaves its configuration unknown, one that is absent fails") {
  HealthySite site{"pi-ntp"};
  site.processes.install("chronyd", [](const auto&) {
    return system::CommandResult{137, "", "", true};
  });
  CHECK(site.ask("chrony.config").verdict == Verdict::unknown);
  site.processes.uninstall("chronyd");
  CHECK(site.ask("chrony.config").summary == "chronyd is not installed");
}

TEST_CASE("chronyd's evidence carries its numbers with their units") {
  const HealthySite site{"pi-ntp"};
  const auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(text_of(finding, "state") == "traceable");
  CHECK(number_of(finding, "bound_s") == Approx(1e-6 + 0.001 + 0.005));
  CHECK(number_of(finding, "reference_age_s") == Approx(20));
  CHECK(text_of(finding, "sources_reached") == "1");
}

TEST_CASE("a chronyd that has just started is pending, and so is what it serves") {
  HealthySite site{"pi-ntp"};
  const auto sources = site.daemons.sources;
  site.daemons.run_unsynchronized();
  site.daemons.sources = sources;
  site.daemons.sources->front().reach = 0;
  site.datagrams.put_server({IpAddress::parse("192.168.4.2").value(), 123},
                            FakeNtpServer::unsynchronized());
  const auto after = [&](std::chrono::seconds age) {
    started(site, age);
    return std::pair{site.ask("chrony.sync").verdict, site.ask("ntp.reply").verdict};
  };
  using Both = std::pair<Verdict, Verdict>;
  CHECK(after(119s) == Both{Verdict::pending, Verdict::pending});
  CHECK(after(121s) == Both{Verdict::failed, Verdict::failed});
  site.daemons.sources->front().reach = 1;
  CHECK(after(121s) == Both{Verdict::pending, Verdict::pending});
  CHECK(after(601s) == Both{Verdict::warning, Verdict::failed});
  started(site, 20s);
  const auto finding = site.ask("chrony.sync");
  CHECK(finding.cause ==
        "1 of 1 sources answer; it waits for the first samples of chrony.service, at most 9.67 min "
        "more");
  CHECK(finding.remedy == "timectl verify --wait 10m");
  CHECK(text_of(finding, "waits_for") == "the first samples of chrony.service");
  CHECK(number_of(finding, "waits_at_most_s") == Approx(580));
}

TEST_CASE("a chronyd that has no source to hear of is not waited for") {
  HealthySite site{"pi-ntp"};
  site.daemons.run_unsynchronized();
  site.daemons.sources->clear();
  started(site, 5s);
  CHECK(site.ask("chrony.sync").verdict == Verdict::failed);
}

TEST_CASE("chronyd's state is told by where its time comes from, never by its leap alone") {
  struct Row {
    const char* what;
    std::function<void(HealthySite&)> change;
    Verdict verdict;
    const char* whose;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"not running",
       [](auto& s) {
         s.daemons.tracking.reset();
         s.services.put("chrony.service").state.active_state = "inactive";
         s.network = FakeNetwork{};
       },
       Verdict::failed, "absent", "chronyd does not run"},
      {"without island mode and alone", [](auto& s) { s.daemons.run_unsynchronized(); },
       Verdict::failed, "unsynchronized",
       "chronyd has no time: no source answers, and island mode is not enabled"},
      {"island mode disabled by the operator",
       [](auto& s) {
         s.daemons.run_unsynchronized();
         auto boot = rtc::read_boot_state(s.files, s.clock.boot_id());
         boot.disabled_invocation = s.services.put("chrony.service").state.invocation_id = "run 7";
         rtc::write_boot_state(s.files, boot);
       },
       Verdict::failed, "unsynchronized",
       "chronyd has no time: no source answers, and island mode is disabled"},
      {"measuring for an hour",
       [](auto& s) {
         const auto sources = s.daemons.sources;
         s.daemons.run_unsynchronized();
         s.daemons.sources = sources;
       },
       Verdict::warning, "unsynchronized", "chronyd has not synchronized"},
      {"island by design",
       [](auto& s) {
         s.daemons.run_unsynchronized();
         s.daemons.enable_local({10});
       },
       Verdict::ok, "island", "chronyd serves the site's own time (island)"},
      {"island that lost its sources",
       [](auto& s) {
         const auto sources = s.daemons.sources;
         s.daemons.run_unsynchronized();
         s.daemons.enable_local({10});
         s.daemons.sources = sources;
         s.daemons.sources->front().reach = 0;
       },
       Verdict::warning, "island", "chronyd serves the site's own time (island)"},
      {"reach 0 with Normal", [](auto& s) { s.daemons.sources->front().reach = 0; },
       Verdict::warning, "traceable", "chronyd says it is synchronized, and its source is gone"},
      {"the selected source is gone, another answers",
       [](auto& s) {
         auto other = s.daemons.sources->front();
         other.state = '-';
         s.daemons.sources->push_back(other);
         s.daemons.sources->front().reach = 0;
       },
       Verdict::warning, "traceable", "chronyd says it is synchronized, and its source is gone"},
      {"microseconds of offset beside a huge dispersion",
       [](auto& s) { s.daemons.tracking->root_dispersion = Seconds{3}; }, Verdict::failed,
       "traceable", "the error bound is 3.01 s"},
      {"a falseticker",
       [](auto& s) {
         auto other = s.daemons.sources->front();
         other.state = 'x';
         other.name = "203.0.113.9";
         s.daemons.sources->push_back(other);
       },
       Verdict::warning, "traceable", "sources disagree: 203.0.113.9"},
      {"behind an orphan", [](auto& s) { s.daemons.tracking->stratum = 11; }, Verdict::warning,
       "island", "chronyd serves the site's own time (island)"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"pi-ntp"};
    row.change(site);
    const auto finding = site.ask("chrony.sync");
    CHECK(finding.verdict == row.verdict);
    CHECK(text_of(finding, "state") == row.whose);
    CHECK(finding.summary == row.summary);
    CHECK((finding.verdict == Verdict::ok) == finding.remedy.empty());
  }
}

TEST_CASE("the large dispersion of a chronyd that does not know its frequency yet is waited for") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking->root_dispersion = Seconds{3};
  started(site, 8s);
  auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::pending);
  CHECK(finding.summary == "the error bound is 3.01 s");
  CHECK(finding.remedy == "timectl verify --wait 10m");
  started(site, 11min);
  finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.remedy.find("chronyc tracking") != std::string::npos);
}

TEST_CASE("a client whose chronyd follows a fallback has good time, and not the site's") {
  HealthySite site{"main-pi"};
  site.host().client->daemon = profile::ClientDaemon::chrony;
  const auto follow = [&](const std::string& address) {
    site.daemons.follow(address);
    site.daemons.tracking->reference_time = site.clock.now();
  };
  follow("192.168.4.2");
  CHECK(site.ask("chrony.sync").verdict == Verdict::ok);
  follow("203.0.113.7");
  const auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "chronyd follows a fallback: 203.0.113.7");
}

TEST_CASE("a chronyd that cannot be asked was said not to run: its unit or its socket decides") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking.reset();
  auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.summary == "chronyd runs, and cannot be asked");
  CHECK(finding.remedy.starts_with("run timectl verify as root"));
  site.services.put("chrony.service").state.active_state = "inactive";
  CHECK(site.ask("chrony.sync").verdict == Verdict::unknown);  // started by hand: holds UDP 123
  site.network = FakeNetwork{};
  CHECK(site.ask("chrony.sync").cause == "chrony.service is inactive");
  site.services.put("chrony.service").state.active_state = "";
  CHECK(site.ask("chrony.sync").summary == "whether chronyd runs is not known");
}

TEST_CASE("a masked chronyd was to be started, which cannot be: it has to be unmasked first") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking.reset();
  site.network = FakeNetwork{};
  auto& state = site.services.put("chrony.service").state;
  state.active_state = "inactive";
  state.load_state = "masked";
  for (const auto* probe : {"chrony.sync", "ntp.port"}) {
    INFO(probe);
    const auto finding = site.ask(probe);
    CHECK(finding.cause == "chrony.service is masked: nothing can start it");
    CHECK(finding.remedy == "systemctl unmask chrony.service && systemctl start chrony.service");
  }
}

TEST_CASE("a mask goes by the command that reaches the place it is at") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking.reset();
  site.network = FakeNetwork{};
  auto& state = site.services.put("chrony.service").state;
  state.active_state = "inactive";
  state.unit_file_state = "masked-runtime";
  state.fragment_path = "/run/systemd/system/chrony.service";
  CHECK(site.ask("chrony.sync").cause == "chrony.service is masked: nothing can start it");
  CHECK(site.ask("chrony.sync").remedy ==
        "systemctl unmask --runtime chrony.service && systemctl start chrony.service");
  state.unit_file_state = "masked";
  state.fragment_path = "/usr/local/lib/my units/chrony.service";
  CHECK(site.ask("chrony.sync").remedy ==
        "rm '/usr/local/lib/my units/chrony.service' && systemctl daemon-reload && systemctl "
        "start chrony.service");
}

TEST_CASE("a daemon that is masked while it runs will not start at the next boot") {
  for (const auto& [host, probe, unit] :
       {std::tuple{"pi-ntp", "chrony.sync", "chrony.service"},
        std::tuple{"main-pi", "timesync.server", "systemd-timesyncd.service"}}) {
    INFO(probe);
    HealthySite site{host};
    REQUIRE(site.ask(probe).verdict == Verdict::ok);
    site.services.put(unit).state.load_state = "masked";
    const auto finding = site.ask(probe);
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.cause ==
          std::string{unit} + " is masked: it runs until it stops, and no boot starts it");
    CHECK(finding.remedy == std::string{"systemctl unmask "} + unit);
  }
}

TEST_CASE("without chronyc the finding said that chronyd does not run") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking.reset();
  site.processes.uninstall("chronyc");
  const auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.cause == "chronyc is not installed, and no other program asks chronyd");
}

TEST_CASE("a server in 1986 was ok, to itself and to its clients, with 'local' in force") {
  HealthySite site{"pi-ntp"};
  site.daemons.run_unsynchronized();
  site.daemons.enable_local({10});
  site.datagrams.put_server(endpoint("192.168.4.2"), FakeNtpServer::island());
  site.clock.set(*parse_utc("1986-01-01T00:00:00Z"));
  auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "chronyd gives a time that is not plausible");
  finding = site.ask("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "192.168.4.2 serves a time that is not plausible");
}

TEST_CASE("a chronyd that follows itself was ok although its clock is not validated") {
  HealthySite site{"pi-ntp"};
  site.daemons.run_unsynchronized();
  site.daemons.enable_local({10});
  CHECK(site.ask("chrony.sync").verdict == Verdict::ok);
  site.files.put("/var/lib/timectl/rtc.json", "");
  auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "chronyd serves its own clock, which is not validated");
  HealthySite apart{"pi-ntp"};
  apart.daemons.run_unsynchronized();
  apart.daemons.enable_local({10});
  apart.rtcs.run_ahead(40min);
  finding = apart.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "chronyd serves its own clock, and that is wrong");
}

TEST_CASE("a source that was last used an hour ago, or is not selected, counted as traceable") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking->reference_time = site.clock.now() - 61min;
  auto finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(text_of(finding, "state") == "holdover");
  site.daemons.tracking->reference_time = site.clock.now() - 59min;
  CHECK(site.ask("chrony.sync").verdict == Verdict::ok);
  site.daemons.sources->front().state = '-';
  finding = site.ask("chrony.sync");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "chronyd says it is synchronized, and follows no source");
}
