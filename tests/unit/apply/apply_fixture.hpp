// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"
#include "apply/generations.hpp"
#include "apply/past.hpp"
#include "plan/block.hpp"
#include "support/fake_daemons.hpp"
#include "support/fake_files.hpp"
#include "support/fake_host_control.hpp"
#include "support/fake_packages.hpp"
#include "support/fake_services.hpp"

#include <ostream>

namespace timectl::test {

class StoppedClock : public system::Clock {
 public:
  WallTime now() const override { return WallTime{std::chrono::seconds{1'795'182'784}}; }
  std::chrono::nanoseconds since_boot() const override { return std::chrono::hours{1}; }
  std::chrono::nanoseconds awake_since_boot() const override { return since_boot(); }
  system::ClockDiscipline discipline() const override { return {}; }
  std::string boot_id() const override { return "boot"; }
  void sleep(std::chrono::milliseconds) const override {}
};

/// A host that wants everything a plan can hold: files made, changed, removed, linked, with a
/// block, on VFAT, in new directories; units of all sorts and every reaction.
struct Host {
  FakeFiles files;
  FakeServices services{files};
  FakePackages packages;
  FakeDaemons daemons;
  FakeHostControl host;
  StoppedClock clock;
  target::Target target;
  std::string recovery_unit = "[Service]\nExecStart=/usr/bin/timectl recover --boot\n";

  Host() {
    files.put("/etc/hosts", "127.0.0.1 localhost\n", 0664);
    files.put("/etc/hostname", "old\n");
    files.put("/etc/chrony/conf.d/50-timectl.conf", "old conf\n", 0600);
    files.put("/etc/systemd/timesyncd.conf.d/old.conf", "NTP=x\n");
    files.put("/boot/firmware/config.txt", "dtparam=audio=on", 0755);
    files.put_link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin");
    files.put("/etc/motd", "hello\n");
    files.put_directory("/var/lib");
    files.set_ownership(system::RootedPath{"/etc/motd"}, {0640, 7, 8});
    services.put("chrony.service", {"disabled", true});
    services.put("ntp.service", {"enabled", true});
    services.put("fake-hwclock.service", {"enabled", false});
    services.put("controller.service", {"enabled", true});
    host.host_name = "old";
    want_all();
  }

  void want(const std::string& path, target::FileKind kind, const std::string& content,
            std::vector<target::Reaction> reactions = {}) {
    target.files.push_back({system::RootedPath{path}, kind, content, 0644, "root", false, "why",
                            std::move(reactions)});
  }

  void want_all() {
    using target::FileKind;
    using target::ReactionKind;
    target.profile = "site";
    target.host = "pi-ntp";
    target.role = "server";
    want("/boot/firmware/config.txt", FileKind::block, "dtoverlay=i2c-rtc,ds3231\n",
         {{ReactionKind::reboot, ""}});
    target.files.back().in_place = true;
    want("/etc/chrony/conf.d/50-timectl.conf", FileKind::owned, "new conf\n",
         {{ReactionKind::restart, "chrony.service"}});
    want("/etc/chrony/sources.d/timectl.sources", FileKind::owned, "pool x\n",
         {{ReactionKind::reload_sources, ""}});
    want("/etc/hostname", FileKind::owned, "pi-ntp\n", {{ReactionKind::set_host_name, "pi-ntp"}});
    want("/etc/hosts", FileKind::block, "192.168.4.2 pi-ntp\n",
         {{ReactionKind::try_restart, "controller.service"}});
    want("/etc/localtime", FileKind::link, "/usr/share/zoneinfo/UTC");
    want("/etc/motd", FileKind::absent, "");
    want("/etc/new/deep/link", FileKind::link, "/dev/null");
    want("/etc/systemd/network/10-timectl.network", FileKind::owned, "[Match]\n",
         {{ReactionKind::network_reload, "networkd:eth0"}});
    want("/etc/systemd/system/timectl-rtc.service", FileKind::owned, "[Service]\n",
         {{ReactionKind::daemon_reload, ""}});
    want("/etc/systemd/timesyncd.conf.d/old.conf", FileKind::absent, "");
    want("/etc/udev/rules.d/85-timectl.rules", FileKind::owned, "x\n",
         {{ReactionKind::udev_reload, ""}});
    using target::Activity;
    using target::Enablement;
    target.units = {
        {"ntp.service", Enablement::masked, Activity::stopped, false, "competes"},
        {"fake-hwclock.service", Enablement::disabled, Activity::unchanged, true, "lies"},
        {"timectl-rtc.service", Enablement::enabled, Activity::running, false, "sets the clock"},
        {"chrony.service", Enablement::enabled, Activity::running, false, "serves"}};
  }

  apply::Machine machine() { return {files, services, daemons, host, clock, &packages, "/target"}; }
  plan::Plan plan() const {
    apply::LastWritten managed{files};
    managed.add_contents(files);
    return plan::make_plan(target, {files, services, packages}, managed);
  }
  apply::Outcome apply(const apply::Health& health = [] { return std::vector<std::string>{}; }) {
    auto ports = machine();
    apply::Terms terms;
    terms.recovery_unit = recovery_unit;
    return apply::apply_plan(
        plan(), ports, health, [](const std::string&) {}, terms);
  }
  apply::Outcome recover(apply::Jobs jobs = apply::Jobs::wait) {
    auto ports = machine();
    return apply::recover(
        ports, [](const std::string&) {}, jobs);
  }
  /// Power is back: the disk works, daemons run as the disk says.
  void mend() {
    files.fail_on_write(1'000'000'000);
    services.fuse.mend();
    host.fuse.mend();
    daemons.fuse.mend();
    packages.fuse.mend();
  }

  /// The tree without what timectl remembers.
  FakeFiles::Tree tree() const {
    FakeFiles::Tree tree = files.snapshot();
    for (auto node = tree.begin(); node != tree.end();) {
      node = node->first.starts_with("/var/lib/timectl") ? tree.erase(node) : std::next(node);
    }
    return tree;
  }
};

inline std::vector<std::string> healthy() { return {}; }

/// The plan of an uninstall.
inline plan::RestorePlan way_out(Host& host, plan::Edits edits = plan::Edits::keep) {
  return plan::plan_restore(apply::load_original_state(host.files),
                            {host.files, host.services, host.packages}, edits);
}

inline apply::Outcome carry_out(Host& host, const plan::Plan& plan,
                                const apply::Health& health = healthy) {
  auto ports = host.machine();
  return apply::apply_plan(plan, ports, health, [](const std::string&) {});
}

/// Power is cut when everything is changed and nothing committed yet; then it is back.
inline void die_before_commit(Host& host) {
  host.apply([&] {
    host.files.fail_on_write(1, true);
    host.services.fuse.fail_on(1, true);
    host.host.fuse.fail_on(1, true);
    return std::vector<std::string>{"power cut"};
  });
  host.mend();
}

/// Everything a rollback has to bring back.
struct Snapshot {
  FakeFiles::Tree tree;
  std::map<std::string, FakeServices::Unit> units;
  std::string host_name;

  bool operator==(const Snapshot&) const = default;
};

/// What Catch2 shows when two differ.
inline std::ostream& operator<<(std::ostream& out, const Snapshot& what) {
  for (const auto& [path, node] : what.tree) {
    out << path << ' ' << node.ownership.mode << ' ' << node.modified.time_since_epoch().count()
        << ' ' << node.content << '\n';
  }
  for (const auto& [name, unit] : what.units) {
    out << name << ' ' << unit.enablement << (unit.active ? " active" : "")
        << (unit.masked ? " masked" : "") << '\n';
  }
  return out << what.host_name << '\n';
}

inline Snapshot snapshot(const Host& host) {
  return {host.tree(), host.services.units(), host.host.host_name};
}

/// Files that were written anew have the time of that moment.
inline Snapshot without_times(Snapshot what) {
  for (auto& [path, node] : what.tree) node.modified = {};
  return what;
}

}  // namespace timectl::test
