// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/fake_files.hpp"

#include <fmt/format.h>

#include <functional>

using namespace timectl;
using namespace timectl::test;
using Lines = std::vector<std::string>;

namespace {

const std::string main_file = "/etc/chrony/chrony.conf";
const std::string own_file = "/etc/chrony/conf.d/50-timectl.conf";
const std::string stock =
    "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"
    "driftfile /x\nrtcsync\nmakestep 1 3\n";

facts::Facts facts_of(const FakeFiles& files, bool is_running = true) {
  auto facts = make_facts();
  facts.packages["chrony"] = {4, 3, "4.3"};
  facts.chrony = facts::read_chrony(files, true, is_running);
  return facts;
}

/// Host 0 is the server (192.168.4.2), 1 the client.
target::Target rendered(const facts::Facts& facts, std::size_t host = 0) {
  auto site = make_site();
  site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  return render_host(site, site.hosts.at(host), facts);
}

target::Target rendered(const FakeFiles& files, std::size_t host = 0) {
  return rendered(facts_of(files), host);
}

target::Target taken_over(const FakeFiles& files) {
  auto facts = facts_of(files);
  facts.let_everything_go();
  return rendered(facts);
}

FakeFiles with(const std::string& lines) { return {{main_file, stock + lines}}; }

std::string conflicts_of(const target::Target& target) {
  std::string all;
  for (const auto& each : target.conflicts) all += each.reason + " > " + each.remedy + "\n";
  return all;
}

std::string conflicts_of(const std::string& lines) { return conflicts_of(rendered(with(lines))); }

}  // namespace

TEST_CASE("chrony.conf of the distribution is silent, and so is one that the package will bring") {
  for (const auto& target : {rendered(with("")), rendered(make_facts())}) {
    CHECK(target.conflicts.empty());
    CHECK_FALSE(has_file(target, main_file));
    CHECK_THAT(content_of(target, own_file), !has("makestep 1 3"));
    CHECK_THAT(join(target.notes, "\n"), !has("chrony"));
  }
}

TEST_CASE("a chrony.conf that reads none of timectl's files is refused, or gets the lines") {
  const FakeFiles files{{main_file,
                         "pool 2.debian.pool.ntp.org iburst\ndriftfile "
                         "/var/lib/chrony/chrony.drift\nallow 10.0.0.0/8\nmakestep 1.0 3\n"}};
  const auto kept = rendered(files);
  REQUIRE(kept.conflicts.size() == 1);
  CHECK_THAT(kept.conflicts[0].reason, has(main_file));
  CHECK_THAT(kept.conflicts[0].reason, has("'confdir /etc/chrony/conf.d'"));
  CHECK_THAT(kept.conflicts[0].remedy, has("'sourcedir /etc/chrony/sources.d'"));
  CHECK_THAT(kept.conflicts[0].remedy, has("--take-over"));
  const auto taken = taken_over(files);
  CHECK(taken.conflicts.empty());
  CHECK(find_file(taken, main_file)->kind == target::FileKind::block);
  CHECK(content_of(taken, main_file) ==
        "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n");
  CHECK_THAT(content_of(taken, own_file), has("\nrtcsync\n") && !has("\nmakestep"));
}

TEST_CASE("only the line that lacks is added, and the block stays at the next provision") {
  FakeFiles files{{main_file, "confdir /etc/chrony/conf.d\n"}};
  CHECK(content_of(taken_over(files), main_file) == "sourcedir /etc/chrony/sources.d\n");
  files.put(main_file,
            "log x\n# BEGIN timectl (y)\nconfdir /etc/chrony/conf.d\nsourcedir "
            "/etc/chrony/sources.d\n# END timectl\n");
  const auto again = rendered(files);
  CHECK(again.conflicts.empty());
  CHECK(find_file(again, main_file)->kind == target::FileKind::block);
}

TEST_CASE("what comes into force by timectl's lines is judged too") {
  const FakeFiles files{{main_file, "rtcsync\n"}, {"/etc/chrony/conf.d/90.conf", "port 0\n"}};
  const auto taken = taken_over(files);
  CHECK(taken.conflicts.empty());
  CHECK(find_file(taken, "/etc/chrony/conf.d/90.conf")->superseded.contains("port 0"));
}

TEST_CASE("a chrony.conf that is a link is named, and never edited") {
  FakeFiles files{{"/home/pi/chrony.conf", "pool a\nport 0\n"}};
  files.put_link(main_file, "/home/pi/chrony.conf");
  const auto taken = taken_over(files);
  CHECK(taken.conflicts.size() == 2);
  CHECK_FALSE(has_file(taken, main_file));
  CHECK_FALSE(has_file(taken, "/home/pi/chrony.conf"));
  CHECK_THAT(conflicts_of(taken), !has("--take-over"));
}

TEST_CASE("a file that hides timectl's is named, whatever the order says") {
  const FakeFiles files{{main_file,
                         "confdir /etc/mine /etc/chrony/conf.d\nrtcsync\n"
                         "sourcedir /etc/chrony/sources.d\n"},
                        {"/etc/mine/50-timectl.conf", "log x\n"}};
  CHECK_THAT(conflicts_of(rendered(files)),
             has("chronyd reads /etc/mine/50-timectl.conf in the place of " + own_file));
  CHECK(taken_over(files).conflicts.size() == 1);
}

TEST_CASE("what closes the server's port or address is refused with its line, or goes") {
  for (const std::string line :
       {"port 0", "Port 1123", "bindaddress 192.168.0.49", "bindaddress 127.0.0.1",
        "BINDADDRESS 192.168.4.2\nbindaddress 192.168.4.9", "binddevice lo",
        "bindcmdaddress /run/other.sock", "bindcmdaddress /", "NoClientLog"}) {
    CAPTURE(line);
    const auto target = rendered(with(line + "\n"));
    REQUIRE(target.conflicts.size() == 1);
    CHECK_THAT(target.conflicts[0].reason, has(main_file + " line "));
    CHECK_THAT(target.conflicts[0].remedy, has("--take-over"));
    const auto taken = taken_over(with(line + "\n"));
    CHECK(taken.conflicts.empty());
    CHECK_FALSE(find_file(taken, main_file)->superseded.empty());
    CHECK_FALSE(find_file(taken, main_file)->why.empty());
  }
  for (const std::string line :
       {"port 123", "port 0\nport 123", "bindaddress 0.0.0.0", "bindaddress 192.168.4.2",
        "bindaddress ::1", "bindaddress 127.0.0.1\nbindaddress 192.168.4.2", "cmdport 0",
        "bindcmdaddress 127.0.0.1", "bindcmdaddress /var/run/chrony/chronyd.sock", "cmddeny all",
        "initstepslew 10 a b", "commandkey 1", "linux_hz 100", "generatecommandkey"}) {
    CAPTURE(line);
    CHECK(conflicts_of(line + "\n").empty());
  }
  CHECK(rendered(with("port 0\nbindaddress 127.0.0.1\n"), 1).conflicts.empty());
}

TEST_CASE("what chronyd reads after timectl's drop-in, and would overrule it, is refused or goes") {
  const std::string later = "/etc/chrony/conf.d/zz-site.conf";
  // The limit that the others are compared with (facts/chrony_obstacles).
  CHECK_THAT(content_of(rendered(with("")), "/etc/chrony/conf.d/50-timectl.conf"),
             has("\nratelimit interval -4 burst 255 leak 1\n"));
  struct Row {
    std::size_t host;
    std::string line;
    bool overrules;
  };
  const std::vector<Row> rows{
      {0, "ratelimit interval 3", true},
      {0, "RateLimit burst 8", true},
      {0, "ratelimit leak 4", true},
      {0, "ratelimit interval -5 burst 8", true},
      {0, "ratelimit", false},  // what it does not name stays as timectl has it
      {0, "ratelimit interval -6", false},
      {0, "ratelimit interval 3\nratelimit interval -6", false},
      {0, "ratelimit interval 3\nratelimit", true},
      {0, "maxdistance 1", false},  // a server's own affair
      {1, "maxdistance 16", true},
      {1, "MaxDistance 0.5", true},
      {1, "maxdistance 5.0", false},
      {1, "ratelimit interval 3", false},  // it serves no host
      {0, "logchange 2", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line, row.host);
    const auto files = [&](const std::string& path) {
      return FakeFiles{{main_file, stock}, {path, row.line + "\n"}};
    };
    const auto target = rendered(files(later), row.host);
    CHECK(target.conflicts.size() == (row.overrules ? 1 : 0));
    if (row.overrules) CHECK_THAT(target.conflicts[0].reason, has(later + " line 1"));
    // Before timectl's it is timectl's that counts.
    CHECK(rendered(files("/etc/chrony/conf.d/10-site.conf"), row.host).conflicts.empty());
  }
  const FakeFiles both{{main_file, stock}, {later, "ratelimit interval 3\nratelimit burst 8\n"}};
  const auto taken = taken_over(both);
  CHECK(taken.conflicts.empty());
  CHECK(find_file(taken, later)->superseded.size() == 2);
}

TEST_CASE("an address that the host does not have keeps chronyd from its sources") {
  auto facts = facts_of(with("bindacqaddress 192.168.0.49\n"));
  CHECK(rendered(facts).conflicts.empty());  // its addresses are not known
  facts.interfaces = {{.name = "eth0", .addresses = {*Subnet::parse("192.168.4.50/24")}}};
  CHECK_THAT(conflicts_of(rendered(facts)), has("bindacqaddress 192.168.0.49"));
  CHECK_THAT(conflicts_of(rendered(facts, 1)), has("which this host does not have"));
  for (const std::string line : {"bindacqaddress 192.168.4.50", "bindacqaddress 192.168.4.2",
                                 "bindacqaddress 0.0.0.0", "bindacqaddress ::"}) {
    CAPTURE(line);
    facts.chrony = facts::read_chrony(with(line + "\n"), true, true);
    CHECK(rendered(facts).conflicts.empty());
  }
}

TEST_CASE("a network that is served and denied is refused, a single host is the user's decision") {
  for (const std::string line :
       {"deny 192.168.4.0/24", "deny all 192.168.0.0/16", "DENY all", "deny 192.168.4.0/25",
        "deny 192.168.4.64/26", "deny 192.168.4", "deny 192.168.4.0/25\nallow 192.168.0.0/16"}) {
    CAPTURE(line);
    CHECK_THAT(conflicts_of(line + "\n"), has("line 6 ('" + line.substr(0, 4)));
    CHECK(taken_over(with(line + "\n")).conflicts.empty());
  }
  for (const std::string line :
       {"deny", "deny 192.168", "deny 192.168.4.7", "deny 192.168.4.7/32", "deny 10.0.0.0/8",
        "deny all 127.0.0.1", "deny host.example", "deny 192.168.5.0/24",
        "deny all\nallow 192.168.4", "deny 192.168.4.0/25\nallow 192.168.4.0/25",
        "deny 192.168.4.0/25\nallow all 192.168.4.0/24", "deny ::/0",
        "deny 192.168.4.7\ndeny 192.168.4.9"}) {
    CAPTURE(line);
    CHECK(conflicts_of(line + "\n").empty());
  }
  // Before timectl's own lines, which allow it again.
  CHECK(rendered(FakeFiles{{main_file, "deny all\ndeny 192.168.4.0/24\n" + stock}})
            .conflicts.empty());
}

TEST_CASE("all lines that deny a served network are one conflict, and go together") {
  const std::string lines =
      "deny 192.168.4.0/25\ndeny all 192.168.4.0/24\nallow 10.0.0.0/8\ndeny 192.168.4.9\n"
      "deny 192.168.4.128/26\n";
  const auto all = conflicts_of(lines);
  CHECK_THAT(all, has("line 6 ('deny 192.168.4.0/25') and 2 more"));
  const auto target = taken_over(with(lines));
  CHECK(target.conflicts.empty());
  const auto* file = find_file(target, main_file);
  REQUIRE(file != nullptr);
  CHECK(Lines{file->superseded.begin(), file->superseded.end()} ==
        Lines{"deny 192.168.4.0/25", "deny 192.168.4.128/26", "deny all 192.168.4.0/24"});
}

TEST_CASE("of lines that deny, one that may not be edited is a conflict of its own") {
  auto files = with("include /usr/share/site.conf\ndeny 192.168.4.0/25\n");
  files.put("/usr/share/site.conf", "deny 192.168.4.128/25\n");
  const auto all = conflicts_of(taken_over(files));
  CHECK_THAT(all, has("/usr/share/site.conf line 1 ('deny 192.168.4.128/25')"));
  CHECK_THAT(all, !has("line 7"));
}

TEST_CASE("ten thousand lines about who may ask are looked at once or twice, not by pairs") {
  const std::vector<Subnet> served{*Subnet::parse("192.168.4.0/24"), *Subnet::parse("fd00::/64")};
  using Line = std::function<std::string(std::size_t)>;
  const std::vector<std::pair<const char*, Line>> kinds{
      {"the same", [](std::size_t) { return "deny 192.168.4.0/24"; }},
      {"of a network", [](std::size_t i) { return fmt::format("deny 192.168.4.{}/29", i % 256); }},
      {"nested",
       [](std::size_t i) { return fmt::format("deny all 192.168.4.{}/{}", i % 251, i % 33); }},
      {"of IPv6", [](std::size_t i) { return fmt::format("deny fd00::{:x}/{}", i, i % 129); }},
      {"of hosts", [](std::size_t i) { return fmt::format("deny 192.168.4.{}", i % 256); }},
      {"of strangers",
       [](std::size_t i) { return fmt::format("deny 10.{}.{}.0/24", i / 256, i % 256); }},
      {"back and forth",
       [](std::size_t i) {
         return fmt::format("{} all 192.168.4.0/{}", i % 3 == 0 ? "allow" : "deny", 8 + i % 20);
       }},
  };
  for (const auto& [what, line_of] : kinds) {
    INFO(what);
    constexpr std::size_t lines = 10'000;
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += line_of(i) + "\n";
    const FakeFiles files{{main_file, stock + text}};
    const auto read = facts::read_chrony(files, true, false).value().now;
    REQUIRE(read.directives.size() > lines);
    const auto found = facts::denials_in(read, served);
    CHECK(found.steps < 30 * lines);
    auto rest = read;
    for (const auto* each : found.directives) {
      rest.directives.at(static_cast<std::size_t>(each - read.directives.data())).is_own = true;
    }
    CHECK(facts::denials_in(rest, served).directives.empty());
  }
}

TEST_CASE("the line of a closed file is not shown") {
  FakeFiles files{{main_file, stock}};
  files.put("/etc/chrony/conf.d/90.conf", "bindaddress 10.9.8.7\n", 0640);
  const auto all = conflicts_of(rendered(files));
  CHECK_THAT(all, has("90.conf line 1 ('bindaddress')"));
  CHECK_THAT(all, !has("10.9.8.7"));
}

TEST_CASE("what no file has and timectl relies on stands in its drop-in") {
  const FakeFiles bare{
      {main_file, "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"}};
  CHECK_THAT(content_of(rendered(bare), own_file),
             has("\nmakestep 1 3\n") && has("\nrtcsync\n") &&
                 has("\ndriftfile /var/lib/chrony/chrony.drift\n"));
  auto files = bare;
  files.put("/etc/chrony/conf.d/a.conf", "RTCFILE /x\nMakeStep 10 -1\n");
  CHECK_THAT(content_of(rendered(files), own_file),
             !has("\nmakestep") && !has("\nrtcsync") && has("\ndriftfile"));
  // Its own lines of an earlier provision do not count.
  files.put(own_file, "driftfile /y\n");
  CHECK_THAT(content_of(rendered(files), own_file), has("\ndriftfile"));
}

TEST_CASE("timectl's own rtcsync gives way to an rtcfile line, which stays") {
  auto files = with("");
  files.put(main_file, "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\nrtcfile /x\n");
  files.put(own_file, "rtcsync\n");
  CHECK_FALSE(facts_of(files).chrony->is_refused());
  CHECK_THAT(content_of(rendered(files), own_file), !has("\nrtcsync"));
}

TEST_CASE("a reference clock without its device is refused on a running host alone") {
  auto files =
      with("refclock PPS /dev/pps0:clear lock NMEA\nrefclock SHM 0\nrefclock PHC /dev/ptp0\n");
  files.put_other("/dev/ptp0");
  const auto target = rendered(files);
  REQUIRE(target.conflicts.size() == 1);
  CHECK_THAT(target.conflicts[0].reason, has("line 6 ('refclock PPS /dev/pps0:clear lock NMEA')"));
  CHECK(rendered(facts_of(files, false)).conflicts.empty());
}

TEST_CASE("options of the unit by which chronyd reads another file are named") {
  for (const std::string options :
       {"-f /etc/other.conf", "-F 1 -f/etc/other.conf", "-4f /etc/other.conf", "'pool a'"}) {
    auto files = with("");
    files.put("/etc/default/chrony", "# -f /x\nDAEMON_OPTS=\"" + options + "\"\n");
    CAPTURE(options);
    CHECK_THAT(conflicts_of(rendered(files)), has("/etc/default/chrony line 2"));
  }
  for (const std::string options : {"-F 1", "", "-f /etc/chrony/chrony.conf", "-u _chrony -4"}) {
    auto files = with("");
    files.put("/etc/default/chrony", "DAEMON_OPTS=\"" + options + "\"\n");
    CAPTURE(options);
    CHECK(rendered(files).conflicts.empty());
  }
}

TEST_CASE("a command line of the operator's own is read, with what it takes from the options") {
  const std::string unit = "/etc/systemd/system/chrony.service";
  const std::string drop_in = unit + ".d/override.conf";
  const std::string start = "[Service]\nExecStart=\nExecStart=";
  const auto conflicts = [&](const std::string& path, const std::string& command,
                             const std::string& options) {
    auto files = with("");
    files.put(path, start + command + "\n");
    files.put("/etc/default/chrony", "DAEMON_OPTS=\"" + options + "\"\n");
    return conflicts_of(rendered(files));
  };
  CHECK_THAT(conflicts(drop_in, "!/usr/sbin/chronyd -f /x", ""), has(drop_in + " line 3"));
  CHECK_THAT(conflicts(unit, "/usr/sbin/chronyd -f /x $DAEMON_OPTS", ""), has(unit + " line 3"));
  CHECK_THAT(conflicts(unit, "/usr/sbin/chronyd $DAEMON_OPTS", "-f /x"), has("default/chrony"));
  CHECK(conflicts(unit, "/usr/sbin/chronyd -F 1", "-f /x").empty());
  CHECK(conflicts(unit, "\" \"", "").empty());  // systemd refuses it
  CHECK(conflicts(drop_in, "/usr/lib/systemd/scripts/chronyd-starter.sh $DAEMON_OPTS", "-F 1")
            .empty());
  // Goes on in the next line, and behind a program that starts chronyd.
  CHECK(conflicts(unit, "/usr/sbin/chronyd \\\n  $DAEMON_OPTS \\\n  -F 1", "").empty());
  CHECK_THAT(conflicts(unit, "/usr/sbin/chronyd \\\n  -f /x", ""), has(unit + " line 3"));
  CHECK(conflicts(drop_in, "/usr/bin/env TZ=UTC nice -n 5 /usr/sbin/chronyd $DAEMON_OPTS", "")
            .empty());
  CHECK_THAT(conflicts(drop_in, "/usr/bin/env TZ=UTC /usr/sbin/chronyd -f /x", ""),
             has(drop_in + " line 3"));
}

TEST_CASE("an interface that does not have the served address is refused, and its own is not") {
  auto facts = facts_of(with("binddevice wlan0\n"));
  facts.default_interface = "eth0";
  CHECK(rendered(facts).conflicts.size() == 1);
  facts.default_interface = "wlan0";
  CHECK(rendered(facts).conflicts.empty());
}

TEST_CASE("a user who may not read a drop-in sees the plan that root made") {
  FakeFiles files{{main_file, "confdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"},
                  {"/etc/chrony/conf.d/a.conf", "driftfile /x\n"},
                  {own_file, "rtcsync\nmakestep 1 3\n"}};
  files.forbid_reading("/etc/chrony/conf.d/a.conf");
  CHECK_THAT(content_of(rendered(files), own_file),
             has("\nmakestep") && has("\nrtcsync") && !has("driftfile /"));
}

TEST_CASE("chrony without its configuration is said, and one that cannot be read is not judged") {
  CHECK_THAT(join(rendered(FakeFiles{}).notes, "\n"), has(main_file + " is missing"));
  auto files = with("port 0\n");
  files.forbid_reading(main_file);
  const auto target = rendered(files);
  CHECK(target.conflicts.empty());
  CHECK_THAT(join(target.notes, "\n"), has("not known to this user"));
}

TEST_CASE("remedies for a mounted card name its root") {
  auto facts = facts_of(with("port 0\n"));
  facts.is_offline_root = true;
  facts.root = "/mnt/a card";
  CHECK_THAT(conflicts_of(rendered(facts)),
             has("timectl --root '/mnt/a card' provision --take-over"));
}
