// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply/past.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using plan::Edits;
using test::error_of;
using test::Host;
using test::mentions;
using test::snapshot;

namespace {

plan::RestorePlan restore_plan(Host& host, const std::string& generation = "",
                               Edits edits = Edits::keep) {
  return plan::plan_restore(load_rollback_state(host.files, generation),
                            {host.files, host.services, host.packages}, edits);
}

Outcome roll_back(Host& host, const std::string& generation = "", Edits edits = Edits::keep) {
  return carry_out(host, restore_plan(host, generation, edits).plan);
}

void edit(Host& host, const std::string& path, const std::string& content) {
  host.files.put(path, content, host.files.status(system::RootedPath{path})->ownership.mode);
}

const std::string drop_in = "/etc/chrony/conf.d/50-timectl.conf";

}  // namespace

TEST_CASE("a rollback brings files, their times, links, units and the host name back") {
  Host host;
  const auto before = snapshot(host);
  host.apply();
  const auto outcome = roll_back(host);
  CHECK(outcome.kind == OutcomeKind::committed);
  CHECK(outcome.problems.empty());
  CHECK(snapshot(host) == before);
  CHECK(LastWritten{host.files}.paths().empty());
}

TEST_CASE(
    "access lists stay on files that are not timectl's, and come back with what was removed") {
  Host host;
  for (const auto* path : {"/etc/hosts", "/etc/motd", drop_in.c_str()}) {
    host.files.set_attribute(path, "system.posix_acl_access", path);
  }
  const auto before = snapshot(host);
  host.apply([] { return std::vector<std::string>{"unhealthy"}; });
  CHECK(snapshot(host) == before);
  host.apply();
  CHECK(host.files.snapshot().at("/etc/hosts").attributes.size() == 1);
  CHECK(host.files.snapshot().at(drop_in).attributes.empty());
  roll_back(host);
  CHECK(snapshot(host) == before);
}

TEST_CASE("a rollback can itself be rolled back") {
  Host host;
  host.apply();
  const auto provisioned = without_times(snapshot(host));
  const LastWritten written{host.files};
  roll_back(host);
  CHECK(roll_back(host).kind == OutcomeKind::committed);
  CHECK(without_times(snapshot(host)) == provisioned);
  const LastWritten again{host.files};
  CHECK(again.paths() == written.paths());
  CHECK(again.host() == "pi-ntp");
  CHECK(again.originals().files == written.originals().files);
}

TEST_CASE("a rollback over several generations ends in what the named one left") {
  Host host;
  host.target.files[1].content = "first\n";
  const auto first = host.apply().generation;
  const auto then = without_times(snapshot(host));
  host.target.files[1].content = "second\n";
  host.apply();
  host.want("/etc/issue", target::FileKind::owned, "third\n");
  host.apply();
  CHECK(roll_back(host, first).kind == OutcomeKind::committed);
  CHECK(without_times(snapshot(host)) == then);
  CHECK(restore_plan(host, generation_names(host.files).back()).plan.empty());
}

TEST_CASE("what was undone is no state to go back to") {
  Host host;
  host.apply();
  host.target.files[1].content = "bad\n";
  const auto undone = host.apply([] { return std::vector<std::string>{"no"}; }).generation;
  CHECK(mentions(error_of([&] { restore_plan(host, undone); }), "rolled back"));
  CHECK(error_of([] {
          Host fresh;
          restore_plan(fresh);
        })->kind() == ErrorKind::refused);
}

TEST_CASE("a generation whose rollback state is gone says which one is missing") {
  Host host;
  const auto first = host.apply().generation;
  for (int i = 0; i < 12; ++i) {
    host.target.files[1].content = std::to_string(i);
    host.apply();
  }
  CHECK(mentions(error_of([&] { restore_plan(host, first); }),
                 "-003', which came after it, is gone"));
}

TEST_CASE("a file that was edited since is told and kept, or goes back and can be had again") {
  Host host;
  const auto before = snapshot(host);
  host.apply();
  edit(host, drop_in, "mine\n");
  const auto kept = restore_plan(host);
  REQUIRE(kept.edited.size() == 1);
  CHECK(kept.edited.front().text() == drop_in);
  const bool is_planned = std::any_of(kept.plan.changes.begin(), kept.plan.changes.end(),
                                      [](const plan::Change& change) {
                                        const auto* file = std::get_if<plan::FileChange>(&change);
                                        return file != nullptr && file->path.text() == drop_in;
                                      });
  CHECK_FALSE(is_planned);
  REQUIRE(roll_back(host, "", Edits::replace).kind == OutcomeKind::committed);
  CHECK(snapshot(host) == before);
  roll_back(host);
  CHECK(host.files.at(drop_in) == "mine\n");
}

TEST_CASE("lines that were written beside a block stay, and are no edit") {
  Host host;
  host.apply();
  edit(host, "/etc/hosts", host.files.at("/etc/hosts") + "10.0.0.9 printer\n");
  const auto back = restore_plan(host);
  CHECK(back.edited.empty());
  carry_out(host, back.plan);
  CHECK(host.files.at("/etc/hosts") == "127.0.0.1 localhost\n10.0.0.9 printer\n");
  roll_back(host);
  CHECK(host.files.at("/etc/hosts").find("192.168.4.2 pi-ntp\n") != std::string::npos);
  CHECK(host.files.at("/etc/hosts").find("10.0.0.9 printer\n") != std::string::npos);
}

TEST_CASE("a block that was changed is an edit, one that was taken out is not") {
  Host host;
  host.apply();
  auto text = host.files.at("/etc/hosts");
  edit(host, "/etc/hosts", text.replace(text.find("192.168.4.2"), 11, "192.168.4.7"));
  CHECK(restore_plan(host).edited.size() == 1);
  edit(host, "/etc/hosts", "127.0.0.1 localhost\n");
  CHECK(restore_plan(host).edited.empty());
}

TEST_CASE("a rollback that turns out unhealthy leaves everything as it was") {
  Host host;
  host.apply();
  const auto before = snapshot(host);
  const auto outcome = carry_out(host, restore_plan(host).plan,
                                 [] { return std::vector<std::string>{"ntp.port: nobody"}; });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(snapshot(host) == before);
  CHECK(LastWritten{host.files}.host() == "pi-ntp");
}

TEST_CASE("whichever single write of a rollback fails, it happened or it did not") {
  Host done;
  done.apply();
  roll_back(done);
  const auto after = without_times(snapshot(done));
  int n = 1, committed = 0;
  for (; n < 1000; ++n) {
    Host host;
    host.apply();
    const auto before = snapshot(host);
    const auto plan = restore_plan(host).plan;
    host.files.fail_on_write(n);
    auto kind = OutcomeKind::restored;
    try {
      kind = carry_out(host, plan).kind;
    } catch (const Error&) {
    }
    CAPTURE(n);
    CHECK(kind != OutcomeKind::incomplete);
    if (kind == OutcomeKind::restored) CHECK(snapshot(host) == before);
    if (kind != OutcomeKind::committed) continue;
    // The writes after the commit are notes.
    CHECK(without_times(snapshot(host)) == after);
    if (++committed > 5) break;
  }
  CHECK(n > 40);
}

TEST_CASE("an uninstall brings back what was there before the first of many generations") {
  Host host;
  const auto before = snapshot(host);
  for (int i = 0; i < 14; ++i) {
    host.target.files[1].content = std::to_string(i);
    host.apply();
  }
  const auto out = way_out(host);
  CHECK(out.edited.empty());
  CHECK(carry_out(host, out.plan).kind == OutcomeKind::committed);
  CHECK(snapshot(host) == before);
  CHECK(LastWritten{host.files}.host().empty());
  CHECK(way_out(host).plan.empty());
}

TEST_CASE("an uninstall stops what runs by a file that goes, also if timectl did not start it") {
  Host host;
  host.want("/etc/systemd/system/timectl-stale.timer", target::FileKind::owned, "[Timer]\n");
  host.apply();
  host.services.put("timectl-stale.timer", {"static", true});
  host.services.clear_log();
  CHECK(carry_out(host, way_out(host).plan).kind == OutcomeKind::committed);
  const auto& log = host.services.log();
  CHECK(std::count(log.begin(), log.end(), "stop timectl-stale.timer") == 1);
}

TEST_CASE("an uninstall can be rolled back") {
  Host host;
  host.apply();
  const auto provisioned = without_times(snapshot(host));
  carry_out(host, way_out(host).plan);
  CHECK(roll_back(host).kind == OutcomeKind::committed);
  CHECK(without_times(snapshot(host)) == provisioned);
  CHECK(host.plan().empty());
}

TEST_CASE("a file that the user made where timectl had left nothing survives an uninstall") {
  Host host;
  host.apply();
  host.files.put("/etc/motd", "my own\n");
  const auto out = way_out(host);
  REQUIRE(out.edited.size() == 1);
  CHECK(out.edited.front().text() == "/etc/motd");
  carry_out(host, out.plan);
  CHECK(host.files.at("/etc/motd") == "my own\n");
}

TEST_CASE("what is taken over a second time comes back as it was the second time") {
  Host host;
  host.apply();
  roll_back(host);
  edit(host, drop_in, "my newer conf\n");
  host.apply();
  carry_out(host, way_out(host).plan);
  CHECK(host.files.at(drop_in) == "my newer conf\n");
}

TEST_CASE(
    "what was taken out of files that are not timectl's comes back, unless they were touched") {
  const bool touched = GENERATE(false, true);
  Host host;
  host.files.put("/etc/dnsmasq.conf", "dhcp-option=42,192.168.4.9\nport=53\n");
  host.files.put("/etc/hosts", "127.0.0.1 localhost\n192.168.4.9 ntp\n");
  host.want("/etc/dnsmasq.conf", target::FileKind::edited, "");
  host.target.files.back().superseded = {"dhcp-option=42,192.168.4.9"};
  for (auto& file : host.target.files) {
    if (file.path.text() == "/etc/hosts") file.superseded = {"192.168.4.9 ntp"};
  }
  const auto before = snapshot(host);
  host.apply();
  REQUIRE(host.files.at("/etc/dnsmasq.conf") == "port=53\n");
  if (touched) {
    edit(host, "/etc/dnsmasq.conf", "port=5353\n");
    edit(host, "/etc/hosts", host.files.at("/etc/hosts") + "192.168.4.7 nas\n");
  }
  const auto out = way_out(host);
  carry_out(host, out.plan);
  if (!touched) {
    CHECK(snapshot(host) == before);
    return;
  }
  REQUIRE(out.edited.size() == 1);
  CHECK(out.edited.front().text() == "/etc/dnsmasq.conf");
  CHECK(host.files.at("/etc/dnsmasq.conf") == "port=5353\n");
  CHECK(host.files.at("/etc/hosts") == "127.0.0.1 localhost\n192.168.4.7 nas\n");
}

TEST_CASE("packages that a provision pushed out come back from where they are kept") {
  Host host;
  host.target.packages = {"chrony"};
  host.packages.present = {{"systemd-timesyncd", "252"}};
  host.packages.available = {"chrony"};
  host.packages.conflicts = {{"chrony", {"systemd-timesyncd"}}, {"systemd-timesyncd", {"chrony"}}};
  host.apply();
  REQUIRE(host.packages.present.count("systemd-timesyncd") == 0);
  host.packages.available.clear();  // no network
  CHECK(roll_back(host).kind == OutcomeKind::committed);
  CHECK(host.packages.present.count("systemd-timesyncd") == 1);
  CHECK(host.packages.present.count("chrony") == 0);
  SECTION("and those that they push out in turn as well") {
    CHECK(roll_back(host).kind == OutcomeKind::committed);
    CHECK(host.packages.present.count("chrony") == 1);
  }
}
