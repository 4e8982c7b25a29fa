// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::error_of;
using test::Host;
using test::mentions;

namespace {

plan::FileAction action_of(const Generation& generation, const std::string& path) {
  const auto step = std::find_if(generation.files.begin(), generation.files.end(),
                                 [&](const FileStep& each) { return each.path.text() == path; });
  REQUIRE(step != generation.files.end());
  return step->action;
}

const RootedPath its_drop_in{"/etc/chrony/conf.d/50-timectl.conf"};

}  // namespace

TEST_CASE("a generation tells who changed what, when and how it ended") {
  Host host;
  auto ports = host.machine();
  ports.who = {"pi", "timectl provision --role server"};
  apply_plan(
      host.plan(), ports, [] { return std::vector<std::string>{}; }, [](const auto&) {});
  host.target.files[1].content = "bad\n";
  host.apply([] { return std::vector<std::string>{"ntp.port: nobody"}; });
  const auto all = list_generations(host.files);
  REQUIRE(all.size() == 2);
  const auto& first = all.front();
  CHECK(first.who.user == "pi");
  CHECK(first.who.command == "timectl provision --role server");
  CHECK(first.started == "2026-11-20T13:53:04Z");
  CHECK(first.profile == "site");
  CHECK(first.verdict == Verdict::committed);
  CHECK(action_of(first, its_drop_in.text()) == plan::FileAction::modify);
  CHECK(action_of(first, "/etc/new/deep/link") == plan::FileAction::create);
  CHECK(action_of(first, "/etc/motd") == plan::FileAction::remove);
  CHECK(std::count(first.units.begin(), first.units.end(), "ntp.service") == 1);
  CHECK(all.back().verdict == Verdict::rolled_back);
  CHECK(all.back().reason == "ntp.port: nobody");
}

TEST_CASE("a generation is found by its name or its number") {
  Host host;
  const auto name = host.apply().generation;
  CHECK(find_generation(host.files, name) == name);
  CHECK(find_generation(host.files, "1") == name);
  CHECK(find_generation(host.files, "001") == name);
  CHECK(mentions(error_of([&] { find_generation(host.files, "2"); }), "'2'"));
  CHECK(error_of([&] { find_generation(host.files, "x"); })->kind() == ErrorKind::usage);
}

TEST_CASE("the state of a file after each generation is known, and of a block its lines alone") {
  Host host;
  const auto first = host.apply().generation;
  host.target.files[1].content = "second\n";
  const auto second = host.apply().generation;
  const auto old = states_after(host.files, first);
  CHECK(old.at(its_drop_in).state->content == "new conf\n");
  CHECK(states_after(host.files, second).at(its_drop_in).state->content == "second\n");
  CHECK(old.at(RootedPath{"/etc/hosts"}).state->content == "192.168.4.2 pi-ntp\n");
  CHECK_FALSE(old.at(RootedPath{"/etc/motd"}).state);
  host.files.put(its_drop_in.text(), "edited\n");
  host.files.put("/etc/motd", "back\n");
  const auto now = states_now(host.files, old);
  CHECK(now.at(its_drop_in).state->content == "edited\n");
  CHECK(now.at(RootedPath{"/etc/motd"}).state->content == "back\n");
  CHECK(now.at(RootedPath{"/etc/hosts"}).state->content == "192.168.4.2 pi-ntp\n");
}
