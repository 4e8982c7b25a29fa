// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/offline.hpp"

#include "base/error.hpp"
#include "features/feature.hpp"
#include "rehearse/one_by_one.hpp"
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
using probe::Verdict;
using system::GuestPrograms;

namespace {

/// Remembers what it was to show, and has no walls.
class RecordingSandbox : public system::Sandbox {
 public:
  system::SandboxMeans means() const override { return system::SandboxMeans::root; }
  std::string run_inside(const system::SandboxSpec& spec, const std::function<std::string()>& work,
                         std::chrono::seconds) const override {
    specs.push_back(spec);
    if (refuses) throw Error{ErrorKind::permission, "cannot enter namespaces of our own"};
    return work();
  }
  bool refuses = false;
  mutable std::vector<system::SandboxSpec> specs;
};

class NothingRuns : public system::ServiceReader {
 public:
  bool is_running() const override { return false; }
  system::UnitState state(std::string_view) const override { return {}; }
  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }
  std::vector<system::UnitProcess> processes(std::string_view) const override { return {}; }
};

/// The programs of a machine: a chronyd of a version, which may have something against the files.
class Programs : public test::FakeProcesses {
 public:
  Programs(test::FakeFiles& files, const std::string& version) : files_(files) {
    install("chronyd", [this, version](const system::Command& command) {
      const auto& first = command.arguments.at(0);
      if (first == "--version") return said(0, "chronyd (chrony) version " + version + " (+X)\n");
      if (!cannot_run.empty()) throw Error{ErrorKind::io, cannot_run};
      return first == "-p" && !refuses.empty() ? said(1, "", refuses) : said(0, "");
    });
  }

  static system::CommandResult said(int status, const std::string& output,
                                    const std::string& errors = {}) {
    return {status, output, errors, false};
  }

  std::optional<std::string> find(const std::string& program) const override {
    return FakeProcesses::find(program) ? std::optional{directory + "/usr/sbin/" + program}
                                        : std::nullopt;
  }
  std::unique_ptr<system::RunningProcess> start(const system::Command& command) const override {
    run(command);
    if (dies_saying.empty()) files_.put("/run/chrony/chronyd.sock", "");
    return std::make_unique<Daemon>(dies_saying);
  }
  int questions() const {
    const auto all = commands();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [](const std::string& command) {
      return command.find("--version") == std::string::npos;
    }));
  }

  std::string directory;    ///< below which its programs are
  std::string refuses;      ///< what -p says
  std::string dies_saying;  ///< what it says when it is started
  std::string cannot_run;

 private:
  class Daemon : public system::RunningProcess {
   public:
    explicit Daemon(std::string says) : says_(std::move(says)) {}
    std::optional<system::CommandResult> poll() override {
      return says_.empty() ? std::nullopt : std::optional{said(1, "", says_)};
    }
    system::CommandResult stop() override { return said(0, ""); }

   private:
    std::string says_;
  };

  test::FakeFiles& files_;
};

/// A card with chrony 4.3, and another one below --tools.
struct Card {
  Card() {
    profile.networks = {{"", *Subnet::parse("192.168.4.0/24")}};
    host.addresses = {{"", *IpAddress::parse("192.168.4.2")}};
    files.put("/usr/sbin/chronyd", "");
    files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\n");
    packages["chrony"] = {4, 3, "1:4.3-2+deb12u1"};
    here.directory = "/srv/tools";
    add("/etc/chrony/conf.d/50-timectl.conf");
  }

  void add(const std::string& path) {
    target.files.push_back({system::RootedPath{path},
                            target::FileKind::owned,
                            "allow\n",
                            0644,
                            "root",
                            false,
                            "",
                            {}});
  }
  rehearse::OfflineObjections objections() {
    const probe::Ports probes{view, services, here, clock, rtcs, datagrams, network, daemons};
    const rehearse::OfflineMachine machine{files, "/mnt/card", tools, packages, own, here};
    return rehearse::find_offline_objections(target, profile, host, features::rehearsals(),
                                             {sandbox, probes}, machine);
  }
  /// Whose programs were asked, in order.
  std::vector<GuestPrograms> asked() const {
    std::vector<GuestPrograms> all;
    for (const auto& spec : sandbox.specs) all.push_back(spec.guest.value().programs);
    return all;
  }

  profile::Profile profile;
  profile::Host host;
  target::Target target;
  test::FakeFiles files;
  test::FakeFiles view;  ///< as the sandbox shows it
  std::map<std::string, facts::Version> packages;
  std::vector<std::string> tools{"/srv/tools"};
  Programs own{view, "4.3"};
  Programs here{view, "4.3"};
  RecordingSandbox sandbox;
  NothingRuns services;
  test::FakeClock clock;
  test::FakeDatagrams datagrams{clock};
  test::FakeNetwork network;
  test::FakeRtcs rtcs{clock};
  test::FakeTimeDaemons daemons;
};

bool says(const std::vector<std::string>& notes, const std::string& words) {
  return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) {
    return note.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("the card's own chronyd is asked, and what it accepted is said", "[offline]") {
  Card card;
  const auto objections = card.objections();
  CHECK(objections.refusals.empty());
  REQUIRE(objections.notes.size() == 1);
  CHECK(objections.notes[0] == "chronyd of '/mnt/card' accepts the files, in a sandbox");
  CHECK(card.asked() == std::vector{GuestPrograms::own});
  CHECK(card.here.commands().empty());
}

TEST_CASE("nothing but what is below /etc is put into a guest's sandbox", "[offline]") {
  Card card;
  card.add("/usr/local/sbin/helper");
  card.add("/var/lib/timectl/state");
  card.objections();
  const auto& spec = card.sandbox.specs.at(0);
  CHECK(spec.guest->root == "/mnt/card");
  CHECK(spec.private_directories == std::vector{system::RootedPath{"/etc"}});
  for (const auto& file : spec.files) CHECK(file.path.text().starts_with("/etc/"));
}

TEST_CASE("a line that the card's chronyd does not accept refuses the change", "[offline]") {
  Card card;
  card.own.refuses =
      "2026-11-20T12:00:00Z Fatal error : Could not parse refclock directive at line 3 in file "
      "/etc/chrony/chrony.conf\n";
  const auto objections = card.objections();
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause ==
        "Fatal error : Could not parse refclock directive at line 3 in file "
        "/etc/chrony/chrony.conf");
  CHECK(objections.refusals[0].remedy ==
        "correct the file and line that are named, below '/mnt/card'");
  CHECK(card.here.commands().empty());
}

TEST_CASE("lines that only a start shows to be against each other refuse it too", "[offline]") {
  Card card;
  card.own.dies_saying = "Fatal error : rtcfile directive cannot be used with rtcsync\n";
  const auto objections = card.objections();
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].remedy ==
        "keep one of the two: grep -rnsE '^ *(rtcfile|rtcsync)' /mnt/card/etc/chrony "
        "/mnt/card/etc/timectl");
}

TEST_CASE("a device that only the host has is said, and refuses nothing", "[offline]") {
  Card card;
  card.own.dies_saying = GENERATE(
      "Fatal error : Could not open /dev/pps0 : No such file or directory",
      "Fatal error : Could not enable HW timestamping on eth0",
      "Fatal error : time_pps_create() failed on /dev/pps0 : Inappropriate ioctl for device",
      "Fatal error : Could not open /etc/chrony/closed.conf : Permission denied");
  const auto objections = card.objections();
  CHECK(objections.refusals.empty());
  REQUIRE(objections.notes.size() == 1);
  CHECK(says(objections.notes, card.own.dies_saying));
  CHECK(says(objections.notes, "'/mnt/card' may have what was missing"));
}

TEST_CASE("programs of another architecture leave the question to those of --tools", "[offline]") {
  Card card;
  card.own.cannot_run = "cannot run '/usr/sbin/chronyd': exec format error";
  const auto objections = card.objections();
  CHECK(objections.refusals.empty());
  CHECK(objections.notes ==
        std::vector<std::string>{
            "chronyd '/srv/tools/usr/sbin/chronyd' accepts the files, in a sandbox"});
  CHECK(card.asked() == std::vector{GuestPrograms::own, GuestPrograms::this_machines});
}

TEST_CASE("a chronyd whose libraries are missing says nothing of the files", "[offline]") {
  Card card;
  card.own.refuses = "chronyd: error while loading shared libraries: libcap.so.2: cannot open\n";
  CHECK(card.objections().refusals.empty());
  CHECK(card.here.questions() > 0);
}

TEST_CASE("no chronyd that runs: a note says what was not tested and how it can be", "[offline]") {
  Card card;
  card.here.uninstall("chronyd");
  SECTION("the card has one of another architecture") {
    card.own.cannot_run = "cannot run '/usr/sbin/chronyd': exec format error";
    CHECK(
        says(card.objections().notes,
             "chronyd's configuration was not tested (by '/mnt/card': "
             "cannot run '/usr/sbin/chronyd': exec format error; nor is there one below --tools)"));
  }
  SECTION("the card has none") {
    card.files.erase("/usr/sbin/chronyd");
    const auto objections = card.objections();
    CHECK(objections.refusals.empty());
    CHECK(says(objections.notes, "('/mnt/card' has no chronyd; nor is there one below --tools)"));
    CHECK(says(objections.notes, "--tools"));
    CHECK(card.sandbox.specs.empty());
  }
}

TEST_CASE("without --tools no program of this machine is asked", "[offline]") {
  Card card;
  card.tools.clear();
  card.files.erase("/usr/sbin/chronyd");
  CHECK(says(card.objections().notes, "('/mnt/card' has no chronyd; --tools names no other)"));
  CHECK(card.here.commands().empty());
  CHECK(card.sandbox.specs.empty());
}

TEST_CASE("a chronyd of this machine in another version refuses nothing", "[offline]") {
  Card card;
  card.here.directory = "";  // --tools lacks it
  card.files.erase("/usr/sbin/chronyd");
  card.packages["chrony"] = {4, 6, "4.6.1-3"};
  card.here.refuses = "Fatal error : Invalid directive at line 2 in file /etc/chrony/x.conf\n";
  const auto objections = card.objections();
  CHECK(objections.refusals.empty());
  CHECK(says(objections.notes, "version 4.3 of this machine, and '/mnt/card' has version 4.6.1"));
  CHECK(says(objections.notes, "Invalid directive at line 2"));
}

TEST_CASE("a chronyd that the user names refuses in any version", "[offline]") {
  Card card;
  card.files.erase("/usr/sbin/chronyd");
  card.packages["chrony"] = {4, 6, "4.6.1-3"};
  card.here.refuses = "Fatal error : Invalid directive at line 2 in file /etc/chrony/x.conf\n";
  CHECK(card.objections().refusals.size() == 1);
  CHECK(card.sandbox.specs.at(0).guest->tools == card.tools);
}

TEST_CASE("without namespaces no program of a card is started", "[offline]") {
  Card card;
  card.sandbox.refuses = true;
  const auto objections = card.objections();
  CHECK(objections.refusals.empty());
  CHECK(says(objections.notes, "cannot enter namespaces of our own"));
  CHECK(card.own.questions() + card.here.questions() == 0);
}

TEST_CASE("long words of a card's program are cut", "[offline]") {
  Card card;
  card.own.refuses = "Fatal error : " + std::string(100'000, 'x') + "\n";
  const auto objections = card.objections();
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause.size() < 500);
}

namespace {

rehearse::Objections one_by_one(const target::Target& target,
                                const system::ProcessRunner& processes) {
  return rehearse::find_objections_one_by_one(target, features::rehearsals(), processes);
}

}  // namespace

TEST_CASE("without a sandbox chronyd reads each new file, from its standard input", "[offline]") {
  Card card;
  card.add("/etc/chrony/chrony.keys");
  card.add("/etc/systemd/system/timectl-monitor.service");
  CHECK(one_by_one(card.target, card.here).refusals.empty());
  CHECK(card.here.commands() == std::vector<std::string>{"chronyd -p -f /dev/stdin"});
}

TEST_CASE("what it does not accept there is refused by the file's name", "[offline]") {
  Card card;
  card.here.refuses = "2026Z Fatal error : Invalid directive at line 1 in file /dev/stdin\n";
  const auto objections = one_by_one(card.target, card.here);
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause ==
        "Fatal error : Invalid directive at line 1 in file /etc/chrony/conf.d/50-timectl.conf");
  CHECK(objections.refusals[0].remedy.find("timectl render") != std::string::npos);
  CHECK(objections.doubts.empty());
}

TEST_CASE("a chronyd without -p, or none, is a doubt there", "[offline]") {
  Card card;
  card.here.refuses = "chronyd: invalid option -- 'p'\n";
  CHECK(one_by_one(card.target, card.here).doubts.size() == 1);
  card.here.uninstall("chronyd");
  const auto objections = one_by_one(card.target, card.here);
  CHECK(objections.refusals.empty());
  REQUIRE(objections.doubts.size() == 1);
  CHECK(objections.doubts[0].verdict == Verdict::unknown);
}

TEST_CASE("dnsmasq reads its file there too, and its words name it", "[offline]") {
  Card card;
  card.target.files.clear();
  card.add("/etc/dnsmasq.d/timectl.conf");
  card.here.install("dnsmasq", 1, "", "\ndnsmasq: bad option at line 2 of /dev/stdin\n");
  const auto objections = one_by_one(card.target, card.here);
  REQUIRE(objections.refusals.size() == 1);
  CHECK(objections.refusals[0].cause ==
        "dnsmasq: bad option at line 2 of /etc/dnsmasq.d/timectl.conf");
}

TEST_CASE("the remedy is for the line that chronyd said", "[offline]") {
  using rehearse::remedy_for;
  CHECK(remedy_for("Fatal error : Invalid directive at line 2 in file /etc/chrony/chrony.conf") ==
        "correct the file and line that are named");
  CHECK(remedy_for("Fatal error : rtcfile directive cannot be used with rtcsync") ==
        "keep one of the two: grep -rnsE '^ *(rtcfile|rtcsync)' /etc/chrony /etc/timectl");
  CHECK(remedy_for("Fatal error : Could not open /dev/pps0 : No such file or directory") ==
        "see whether the device is there: ls -l /dev/pps0; who names it: grep -rns /dev/pps0 "
        "/etc/chrony /etc/timectl");
  CHECK(remedy_for("Fatal error : Could not open NTP sockets").find("ss -lunp") !=
        std::string::npos);
  CHECK(remedy_for("Fatal error : unknown refclock driver PPP").find("grep") != std::string::npos);
  CHECK(remedy_for("cannot be used with").find("keep one") == std::string::npos);
}
