// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/rehearse.hpp"

#include "base/error.hpp"
#include "features/feature.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_datagrams.hpp"
#include "support/fake_files.hpp"
#include "support/fake_network.hpp"
#include "support/fake_processes.hpp"
#include "support/fake_rtcs.hpp"
#include "support/fake_time_daemons.hpp"

#include <algorithm>

using namespace timectl;
using probe::Finding;
using probe::Verdict;
using test::FakeNtpServer;

namespace {

/// A sandbox without walls: the fakes are private already.
class OpenSandbox : public system::Sandbox {
 public:
  system::SandboxMeans means() const override { return system::SandboxMeans::root; }
  std::string run_inside(const system::SandboxSpec& spec, const std::function<std::string()>& work,
                         std::chrono::seconds) const override {
    if (refuses) throw Error{ErrorKind::refused, "cannot make a sandbox", "run it as root"};
    if (on_entry) on_entry(spec);
    return work();
  }
  bool refuses = false;
  std::function<void(const system::SandboxSpec&)> on_entry;
};

class NoServices : public system::ServiceReader {
 public:
  bool is_running() const override { return false; }
  system::UnitState state(std::string_view) const override { return {}; }
  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }
  std::vector<system::UnitProcess> processes(std::string_view) const override { return {}; }
};

/// A chronyd that answers on the network as its files and chronyc say.
class Machine : public test::FakeProcesses {
 public:
  Machine() {
    install("chronyd", 0, "");
    install("chronyc", [this](const system::Command& command) {
      const auto& words = command.arguments;
      if (words.size() != 8 || words[1] != "/run/chrony/chronyd.sock") return said(1, "501");
      serve(FakeNtpServer::island(local_stratum.value_or(std::stoi(words[4]))));
      return said(0, "200 OK");
    });
    install("dnsmasq", 0, "", "dnsmasq: syntax check OK.\n");
    install("systemd-analyze", [](const system::Command& command) {
      const bool shows = command.arguments.at(0) == "cat-config";
      return said(0, shows ? "# /etc/systemd/timesyncd.conf.d/50-timectl.conf\n[Time]\n" : "");
    });
  }

  void uninstall(const std::string& program) { missing_.push_back(program); }
  std::optional<std::string> find(const std::string& program) const override {
    const bool is_missing = std::count(missing_.begin(), missing_.end(), program) != 0;
    return is_missing ? std::nullopt : FakeProcesses::find(program);
  }

  static system::CommandResult said(int status, const std::string& output) {
    return {status, output, "", false};
  }

  std::unique_ptr<system::RunningProcess> start(const system::Command& command) const override {
    run(command);
    if (dies_saying.empty()) {
      files.put("/run/chrony/chronyd.sock", "");
      network.listen("0.0.0.0", 123, "chronyd");
      serve(before_island);
    }
    return std::make_unique<Daemon>(*this);
  }

  void serve(const FakeNtpServer& server) const {
    if (is_deaf) return;
    datagrams.put_server(test::endpoint("192.168.4.2"), server);
    if (answers_strangers) datagrams.put_server(test::endpoint("203.0.113.77"), server);
  }

  std::string dies_saying;
  FakeNtpServer before_island = FakeNtpServer::unsynchronized();
  std::optional<int> local_stratum;  ///< as chronyc set it
  bool answers_strangers = false;
  bool is_deaf = false;
  mutable int stopped = 0;
  test::FakeClock clock;
  mutable test::FakeDatagrams datagrams{clock};
  mutable test::FakeNetwork network;
  mutable test::FakeFiles files;

 private:
  class Daemon : public system::RunningProcess {
   public:
    explicit Daemon(const Machine& machine) : machine_(machine) {}
    std::optional<system::CommandResult> poll() override {
      if (machine_.dies_saying.empty()) return std::nullopt;
      return system::CommandResult{1, "", machine_.dies_saying, false};
    }
    system::CommandResult stop() override {
      ++machine_.stopped;
      return said(0, "");
    }

   private:
    const Machine& machine_;
  };

  std::vector<std::string> missing_;
};

/// The profile's server, with a bit of the client on top.
struct Stage {
  Stage() {
    profile.networks = {{"", *Subnet::parse("192.168.4.0/24")}};
    host.addresses = {{"", *IpAddress::parse("192.168.4.2")}};
    host.serve = profile::ServeFeature{{profile.networks[0].subnet}, 10};
    add("/etc/chrony/conf.d/50-timectl.conf");
    add("/etc/systemd/system/timectl-monitor.service");
  }

  void add(const std::string& path) {
    target.files.push_back(
        {system::RootedPath{path}, target::FileKind::owned, "", 0644, "root", false, "", {}});
  }
  std::vector<Finding> rehearse() {
    const probe::Ports probes{machine.files, services,          machine,         machine.clock,
                              rtcs,          machine.datagrams, machine.network, daemons};
    auto findings =
        rehearse::rehearse(target, profile, host, features::rehearsals(), {sandbox, probes});
    for (const auto& finding : findings) {
      INFO(finding.probe.text() << " " << to_string(finding.verdict));
      CHECK_FALSE(meaning_of(finding.probe.row(), finding.verdict).empty());
      CHECK(finding.probe.row().printed_by.rehearsal);
    }
    return findings;
  }
  /// The finding of that name in a rehearsal that must have it.
  Finding find(const std::string& name) {
    for (const auto& finding : rehearse()) {
      if (finding.probe.text() == name) return finding;
    }
    FAIL("no finding " << name);
    return {};
  }
  bool asks(const std::string& name) {
    const auto findings = rehearse();
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.probe.text() == name; });
  }

  profile::Profile profile;
  profile::Host host;
  target::Target target;
  Machine machine;
  OpenSandbox sandbox;
  NoServices services;
  test::FakeRtcs rtcs{machine.clock};
  test::FakeTimeDaemons daemons;
};

std::string evidence(const Finding& finding, const std::string& name) {
  for (const auto& [key, value] : finding.evidence) {
    if (key != name) continue;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return "a number";
  }
  return "no such evidence";
}

}  // namespace

TEST_CASE("a good server passes every question, in a stable order", "[rehearse]") {
  Stage stage;
  std::string all;
  for (const auto& finding : stage.rehearse()) {
    CHECK(finding.verdict == Verdict::ok);
    all += std::string{finding.probe.text()} + " ";
  }
  CHECK(all == "chrony.config ntp.port island.disabled_at_start ntp.reply ntp.allow units.config ");
  CHECK(stage.machine.stopped == 1);
}

TEST_CASE("the reply is shown with what was measured", "[rehearse]") {
  Stage stage;
  const auto reply = stage.find("ntp.reply");
  CHECK(evidence(reply, "stratum") == "10");
  CHECK(evidence(reply, "leap") == "0");
  CHECK(evidence(reply, "reference_id") == "7F7F0101");
  for (const auto* key : {"offset_s", "round_trip_s", "root_delay_s", "root_dispersion_s"}) {
    CHECK(evidence(reply, key) == "a number");
  }
}

TEST_CASE("chronyd never gets control of the clock", "[rehearse]") {
  Stage stage;
  stage.rehearse();
  for (const auto& command : stage.machine.commands()) {
    if (!command.starts_with("chronyd")) continue;
    CHECK((command.find(" -x ") != std::string::npos || command.find(" -p ") != std::string::npos));
  }
}

TEST_CASE("without chronyd the rest is still asked", "[rehearse]") {
  Stage stage;
  stage.machine.uninstall("chronyd");
  const auto finding = stage.find("chrony.config");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.remedy.find("--tools") != std::string::npos);
  CHECK(stage.find("units.config").verdict == Verdict::ok);
  CHECK_FALSE(stage.asks("ntp.reply"));
}

TEST_CASE("a file that -p refuses is failed with its line", "[rehearse]") {
  Stage stage;
  stage.machine.install("chronyd", 1, "", "Fatal error : Invalid directive at line 6\n");
  const auto finding = stage.find("chrony.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "Fatal error : Invalid directive at line 6");
  CHECK_FALSE(stage.asks("ntp.port"));
}

TEST_CASE("a file that only a start refuses is failed too", "[rehearse]") {
  Stage stage;
  stage.machine.dies_saying =
      "2026-11-20T12:00:00Z chronyd version 4.3 starting\n"
      "2026-11-20T12:00:00Z Fatal error : rtcfile directive cannot be used with rtcsync\n";
  const auto finding = stage.find("chrony.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "Fatal error : rtcfile directive cannot be used with rtcsync");
}

TEST_CASE("a server that knows the time before it is validated fails", "[rehearse]") {
  Stage stage;
  stage.machine.before_island = FakeNtpServer::island();
  CHECK(stage.find("island.disabled_at_start").verdict == Verdict::failed);
}

TEST_CASE("a reply of another stratum than the profile's fails", "[rehearse]") {
  Stage stage;
  stage.machine.local_stratum = 3;
  const auto finding = stage.find("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "stratum 3 instead of 10");
}

TEST_CASE("a server whose island mode cannot be enabled fails", "[rehearse]") {
  Stage stage;
  stage.machine.install("chronyc", 1, "501 Not authorised\n");
  const auto finding = stage.find("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "501 Not authorised");
}

TEST_CASE("a server that says it is not synchronized in island mode fails", "[rehearse]") {
  Stage stage;
  stage.machine.install("chronyc", 0, "200 OK\n");  // and does nothing
  const auto finding = stage.find("ntp.reply");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "it says that it is not synchronized");
}

TEST_CASE("a server that answers strangers fails", "[rehearse]") {
  Stage stage;
  stage.machine.answers_strangers = true;
  CHECK(stage.find("ntp.allow").verdict == Verdict::failed);
}

TEST_CASE("a server that answers no client at all was said to keep strangers out", "[rehearse]") {
  Stage stage;
  stage.machine.is_deaf = true;
  CHECK(stage.find("ntp.reply").verdict == Verdict::failed);
  CHECK(stage.find("ntp.allow").verdict == Verdict::unknown);
}

TEST_CASE("a host that does not serve is asked only for its files", "[rehearse]") {
  Stage stage;
  stage.host.serve.reset();
  CHECK(stage.find("chrony.config").verdict == Verdict::ok);
  CHECK_FALSE(stage.asks("ntp.port"));
}

TEST_CASE("a client without chrony is not asked about it", "[rehearse]") {
  Stage stage;
  stage.host.serve.reset();
  stage.target.files.clear();
  stage.add("/etc/systemd/timesyncd.conf.d/50-timectl.conf");
  stage.add("/etc/dnsmasq.d/timectl.conf");
  CHECK_FALSE(stage.asks("chrony.config"));
  CHECK(stage.find("timesync.config").verdict == Verdict::ok);
  CHECK(stage.find("dnsmasq.config").verdict == Verdict::ok);
}

TEST_CASE("a timesyncd drop-in that something hides fails", "[rehearse]") {
  Stage stage;
  stage.add("/etc/systemd/timesyncd.conf.d/50-timectl.conf");
  stage.machine.install("systemd-analyze", 0, "# /etc/systemd/timesyncd.conf\n[Time]\n");
  CHECK(stage.find("timesync.config").verdict == Verdict::failed);
}

TEST_CASE("what dnsmasq refuses is failed in its words", "[rehearse]") {
  Stage stage;
  stage.add("/etc/dnsmasq.d/timectl.conf");
  stage.machine.install("dnsmasq", 1, "", "dnsmasq: bad IP address at line 1\n");
  const auto finding = stage.find("dnsmasq.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "dnsmasq: bad IP address at line 1");
}

TEST_CASE("what netplan refuses is failed in its words", "[rehearse]") {
  Stage stage;
  CHECK_FALSE(stage.asks("netplan.config"));
  stage.add("/etc/netplan/90-timectl.yaml");
  CHECK(stage.find("netplan.config").verdict == Verdict::unknown);
  stage.machine.install("netplan", 0, "");
  CHECK(stage.find("netplan.config").verdict == Verdict::ok);
  stage.machine.install("netplan", 1, "", "90-timectl.yaml:5:3: Invalid YAML\n");
  const auto finding = stage.find("netplan.config");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause == "90-timectl.yaml:5:3: Invalid YAML");
}

TEST_CASE("a program that is missing is unknown, not failed", "[rehearse]") {
  Stage stage;
  stage.add("/etc/dnsmasq.d/timectl.conf");
  stage.machine.uninstall("dnsmasq");
  stage.machine.uninstall("systemd-analyze");
  CHECK(stage.find("dnsmasq.config").verdict == Verdict::unknown);
  CHECK(stage.find("units.config").verdict == Verdict::unknown);
}

TEST_CASE("complaints about other people's units do not count", "[rehearse]") {
  Stage stage;
  stage.machine.install("systemd-analyze", 1, "", "/etc/systemd/system/other.service:3: bad\n");
  CHECK(stage.find("units.config").verdict == Verdict::ok);
  stage.machine.install("systemd-analyze", 1, "",
                        "timectl-monitor.service: Command /x is not executable\n");
  CHECK(stage.find("units.config").verdict == Verdict::failed);
}

TEST_CASE("a systemd-analyze that cannot work proves nothing", "[rehearse]") {
  Stage stage;
  stage.machine.install("systemd-analyze", 1, "", "Failed to setup working directory\n");
  CHECK(stage.find("units.config").verdict == Verdict::unknown);
}

namespace {

/// The host's services: chronyd runs, or not.
class ChronyRuns : public NoServices {
 public:
  system::UnitState state(std::string_view unit) const override {
    system::UnitState state;
    if (unit == "chrony.service") state.active_state = "active";
    return state;
  }
};

rehearse::Objections objections_of(Stage& stage, const system::ServiceReader& services) {
  const probe::Ports probes{stage.machine.files,   services,     stage.machine,
                            stage.machine.clock,   stage.rtcs,   stage.machine.datagrams,
                            stage.machine.network, stage.daemons};
  return rehearse::find_objections(stage.target, stage.profile, stage.host, features::rehearsals(),
                                   {stage.sandbox, probes});
}

}  // namespace

TEST_CASE("before a change only the files are asked about", "[rehearse]") {
  Stage stage;
  const auto objections = objections_of(stage, stage.services);
  CHECK(objections.refusals.empty());
  CHECK(objections.doubts.empty());
  CHECK(stage.machine.stopped == 1);
  for (const auto& command : stage.machine.commands()) CHECK_FALSE(command.starts_with("chronyc"));
}

TEST_CASE("what keeps chronyd from starting is refused before the change", "[rehearse]") {
  Stage stage;
  stage.machine.dies_saying = "Fatal error : rtcfile directive cannot be used with rtcsync\n";
  const auto objections = objections_of(stage, stage.services);
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause ==
        "Fatal error : rtcfile directive cannot be used with rtcsync");
}

TEST_CASE("a chronyd that runs here and fails in the sandbox anyway is a doubt", "[rehearse]") {
  Stage stage;
  stage.machine.dies_saying = "Fatal error : Could not enable HW timestamping on eth0\n";
  const auto objections = objections_of(stage, ChronyRuns{});
  CHECK(objections.refusals.empty());
  REQUIRE(objections.doubts.size() == 1);
  CHECK(objections.doubts[0].cause == "Fatal error : Could not enable HW timestamping on eth0");
}

TEST_CASE("a chronyd that runs here and fails with the change alone is refused", "[rehearse]") {
  Stage stage;
  stage.sandbox.on_entry = [&](const system::SandboxSpec& spec) {
    const bool has_change =
        std::any_of(spec.files.begin(), spec.files.end(), [](const system::SandboxFile& file) {
          return file.path.text() == "/etc/chrony/conf.d/50-timectl.conf";
        });
    stage.machine.dies_saying = has_change ? "Fatal error : Invalid directive\n" : "";
  };
  const auto objections = objections_of(stage, ChronyRuns{});
  CHECK(objections.doubts.empty());
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause == "Fatal error : Invalid directive");
}

TEST_CASE("what is missing here is a doubt before a change", "[rehearse]") {
  Stage stage;
  stage.machine.uninstall("systemd-analyze");
  const auto objections = objections_of(stage, stage.services);
  CHECK(objections.refusals.empty());
  CHECK(objections.doubts.size() == 1);
}

TEST_CASE("no sandbox, no rehearsal", "[rehearse]") {
  Stage stage;
  stage.sandbox.refuses = true;
  CHECK_THROWS_AS(stage.rehearse(), Error);
}
