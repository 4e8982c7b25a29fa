// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What the owner of node_exporter's directory can make of it while root publishes metrics there:
// real files, because the fakes have no owners of directories.
#include "base/error.hpp"
#include "monitor/publish.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <stdlib.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
namespace fs = std::filesystem;

namespace {

/// A root whose /var/lib/prometheus is another user's, and a directory that this user aims at.
class Attack {
 public:
  Attack() : files_(system::os::make_files(make())) {
    fs::create_directories(root_ / "run/timectl");
    fs::create_directories(root_ / "etc/cron.d");
    fs::create_directories(prometheus());
    give("");
  }
  Attack(const Attack&) = delete;
  Attack& operator=(const Attack&) = delete;
  ~Attack() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  fs::path prometheus() const { return root_ / "var/lib/prometheus"; }
  fs::path victim() const { return root_ / "etc/cron.d"; }
  system::FileStore& files() const { return *files_; }
  void give(const std::string& name) const {
    REQUIRE(lchown((prometheus() / name).c_str(), 65534, 65534) == 0);
  }
  void link_directory(const std::string& target) const {
    fs::create_symlink(target, prometheus() / "node-exporter");
    give("node-exporter");
  }

  Tick publish() {
    const Ports ports{client_.readers, *files_,      client_.services,
                      client_.daemons, client_.rtcs, client_.events};
    Tick tick;
    monitor::publish(client_.host, {}, {}, ports, tick);
    return tick;
  }
  const profile::Host& host() const { return client_.host; }

 private:
  std::string make() {
    auto name = (fs::temp_directory_path() / "timectl-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no scratch directory"};
    root_ = name;
    return name;
  }

  fs::path root_;
  std::unique_ptr<system::FileStore> files_;
  Client client_;
};

bool gives_files_away() {
  if (geteuid() != 0) WARN("skipped: only root can give files away");
  return geteuid() == 0;
}

}  // namespace

TEST_CASE("the owner of node_exporter's directory cannot have root make a link elsewhere") {
  if (!gives_files_away()) return;
  for (const auto* target : {"/etc/cron.d", "../../../etc/cron.d"}) {
    INFO(target);
    Attack attack;
    attack.link_directory(target);
    const auto tick = attack.publish();
    CHECK(fs::is_empty(attack.victim()));
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].probe.text() == "monitor.metrics");
    CHECK(tick.findings[0].cause.find("node-exporter' is not in a directory of root alone (uid "
                                      "65534") != std::string::npos);
    const auto obstacle = find_metrics_obstacle(attack.host(), attack.files());
    REQUIRE(obstacle);
    CHECK(obstacle->reason.find("'/var/lib/prometheus/node-exporter' is a link of uid 65534") !=
          std::string::npos);
  }
}

TEST_CASE(
    "the owner of node_exporter's directory cannot have an uninstall remove a link elsewhere") {
  if (!gives_files_away()) return;
  Attack attack;
  attack.link_directory("/etc/cron.d");
  fs::create_symlink("/run/timectl/timectl.prom", attack.victim() / "timectl.prom");
  CHECK_THROWS_AS(withdraw_metrics(attack.host(), attack.files()), Error);
  CHECK(fs::is_symlink(attack.victim() / "timectl.prom"));
}

TEST_CASE("in a directory of another user that is no link metrics are published and withdrawn") {
  if (!gives_files_away()) return;
  Attack attack;
  fs::create_directory(attack.prometheus() / "node-exporter");
  attack.give("node-exporter");
  CHECK_FALSE(find_metrics_obstacle(attack.host(), attack.files()));
  CHECK(attack.publish().findings.empty());
  const auto link = attack.prometheus() / "node-exporter/timectl.prom";
  CHECK(fs::read_symlink(link) == "/run/timectl/timectl.prom");
  withdraw_metrics(attack.host(), attack.files());
  CHECK_FALSE(fs::is_symlink(link));
}

TEST_CASE("what is no directory where metrics are to go is an obstacle, and nothing is none") {
  Client client;
  CHECK_FALSE(find_metrics_obstacle(client.host, client.files));
  client.files.put("/var/lib/prometheus", "a file\n");
  const auto above = find_metrics_obstacle(client.host, client.files);
  REQUIRE(above);
  CHECK(above->reason ==
        "metrics cannot be written: '/var/lib/prometheus' on the way to "
        "'/var/lib/prometheus/node-exporter' is not a directory");
  Client other;
  other.files.put("/var/lib/prometheus/node-exporter", "a file\n");
  const auto itself = find_metrics_obstacle(other.host, other.files);
  REQUIRE(itself);
  CHECK(itself->reason ==
        "metrics cannot be written: '/var/lib/prometheus/node-exporter' is not a directory");
  other.site.hosts[1].monitor.reset();
  CHECK_FALSE(find_metrics_obstacle(other.host, other.files));
}
