// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/effective.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

std::string with_levels(const std::string& levels, const std::string& more = "") {
  return with_feature_of_b("\"controller\": {\"levels\": {" + levels + "}" + more + "}");
}

const profile::ControllerFeature& controller_of(const profile::Profile& site) {
  return *site.hosts.at(1).controller;
}

struct Wrong {
  const char* name;
  std::string text;
  const char* said;
};

}  // namespace

TEST_CASE("a level may be a list of steps, whose keys have defaults") {
  const auto site = parsed(with_levels(
      R"("traceable": [{}, {"bound_s": 0.05, "after_s": 3600, "environment": ["CPU=slow"]}])"));
  const auto& level = controller_of(site).levels.traceable;
  CHECK_FALSE(level.is_list);
  REQUIRE(level.steps.size() == 2);
  CHECK_FALSE(level.steps[0].bound);
  CHECK(level.steps[0].after == 0s);
  CHECK(level.steps[0].environment.empty());
  CHECK(level.steps[1].bound == Seconds{0.05});
  CHECK(level.steps[1].after == 1h);
  CHECK(level.steps[1].environment == profile::Environment{"CPU=slow"});
  CHECK(controller_of(site).levels.island.is_list);
}

TEST_CASE("a list of variables is one step without a bound of its own, an empty one none") {
  const auto site = parsed(with_levels(R"("traceable": ["A=1"], "island": [])"));
  const auto& levels = controller_of(site).levels;
  REQUIRE(levels.traceable.steps.size() == 1);
  CHECK_FALSE(levels.traceable.steps[0].bound);
  CHECK(levels.traceable.is_list);
  CHECK(levels.island.steps.empty());
}

TEST_CASE("steps are written as they are read") {
  const auto text = profile::effective_text(parsed(with_levels(
      R"("traceable": [{}, {"bound_s": 5e-2}, {"bound_s": 0.001, "after_s": 9}], "island": ["A=1"])")));
  CHECK(profile::effective_text(parsed(text)) == text);
  std::string dense;
  std::remove_copy_if(text.begin(), text.end(), std::back_inserter(dense),
                      [](char each) { return each == ' ' || each == '\n'; });
  CHECK(dense.find(R"("levels":{"traceable":[{"after_s":0,"environment":[]},)"
                   R"({"bound_s":0.05,"after_s":0,"environment":[]},)"
                   R"({"bound_s":0.001,"after_s":9,"environment":[]}],)"
                   R"("holdover":["CONSERVE_POWER=1","NTP_SYNCED=true"],"island":["A=1"]})") !=
        std::string::npos);
}

TEST_CASE("POWER_LEVEL stays a variable like any other where no state has steps") {
  CHECK(mistakes_in(with_levels(R"("traceable": ["POWER_LEVEL=3"])")).empty());
}

TEST_CASE("steps that cannot be meant are refused, with their place and both of two steps") {
  const std::vector<Wrong> all{
      {"a later step with a larger bound",
       with_levels(R"("traceable": [{"bound_s": 0.1}, {"bound_s": 0.5}])"),
       "site.json:3:121: /hosts/b/controller/levels/traceable/1/bound_s: found step 2 with bound_s "
       "0.5, expected at most 0.1, that of step 1: later steps save more power"},
      {"a later step without a bound", with_levels(R"("traceable": [{"bound_s": 0.1}, {}])"),
       "site.json:3:109: /hosts/b/controller/levels/traceable/1: found step 2 with no bound_s, "
       "expected at most 0.1, that of step 1: later steps save more power"},
      {"a later step that comes earlier",
       with_levels(R"("traceable": [{}, {"after_s": 60}, {"after_s": 30}])"),
       "site.json:3:124: /hosts/b/controller/levels/traceable/2/after_s: found step 3 with after_s "
       "30, expected at least 60, that of step 2: later steps save more power"},
      {"a bound beyond the limit of a trusted time", with_levels(R"("island": [{"bound_s": 6}])"),
       "site.json:3:100: /hosts/b/controller/levels/island/0/bound_s: found 6, expected at most 5, "
       "root_distance_max_s of client: a time with a larger error bound is not trusted"},
      {"a bound that never holds", with_levels(R"("island": [{"bound_s": 0}])"),
       "site.json:3:100: /hosts/b/controller/levels/island/0/bound_s: found 0, expected a number "
       "of "
       "seconds from 0.000001 to 16"},
      {"a bound in words", with_levels(R"("island": [{"bound_s": "1 ms"}])"),
       "site.json:3:100: /hosts/b/controller/levels/island/0/bound_s: found \"1 ms\", expected a "
       "number of seconds from 0.000001 to 16"},
      {"a key that is misspelled", with_levels(R"("island": [{"bound": 1}])"),
       "site.json:3:89: /hosts/b/controller/levels/island/0/bound: found an unknown key, expected "
       "one of bound_s, after_s, environment"},
      {"variables among steps", with_levels(R"("island": [{}, "A=1"])"),
       "site.json:3:92: /hosts/b/controller/levels/island/1: found \"A=1\", expected an object "
       "with "
       "bound_s, after_s and environment, as the first step is"},
      {"steps among variables", with_levels(R"("island": ["A=1", {}])"),
       "site.json:3:95: /hosts/b/controller/levels/island/1: found an object, expected text in "
       "double quotes"},
      {"the server's address in a step",
       with_levels(R"("island": [{"environment": ["NTP_SERVER=x"]}])"),
       "site.json:3:105: /hosts/b/controller/levels/island/0/environment/0: found "
       "\"NTP_SERVER=x\", "
       "expected \"NAME=value\" of letters, digits and \"._:,/+-\"; NTP_SERVER is set by itself"},
      {"the step's number in a step",
       with_levels(R"("island": [{"environment": ["POWER_LEVEL=1"]}])"),
       "site.json:3:105: /hosts/b/controller/levels/island/0/environment/0: found "
       "\"POWER_LEVEL=1\", expected another name: POWER_LEVEL is the number of the step, and set "
       "by "
       "itself"},
      {"the step's number in a list beside steps",
       with_levels(R"("traceable": [{}], "island": ["POWER_LEVEL=1"])"),
       "site.json:3:107: /hosts/b/controller/levels/island/0: found \"POWER_LEVEL=1\", expected "
       "another name: a state has steps, so POWER_LEVEL is set by itself"},
      {"an invisible character in a step",
       with_levels("\"island\": [{\"environment\": [\"A=\u200b1\"]}]"),
       "text on one line, without control or invisible characters"},
      {"a name twice in a step", with_levels(R"("island": [{"environment": ["A=1", "A=2"]}])"),
       "found A a second time, expected it once"},
      {"more steps than an hour has restarts for",
       with_levels(R"("island": [{}, {}, {}])", R"(, "restarts_per_hour": 3)"),
       "site.json:3:87: /hosts/b/controller/levels/island: found 3 steps, expected at most 2: "
       "restarts_per_hour is 3, and the last step needs a restart for itself and one for each step "
       "down"},
  };
  for (const auto& wrong : all) {
    INFO(wrong.name);
    const auto said = mistakes_in(wrong.text);
    CHECK((said.find(wrong.said) == std::string::npos ? said : "") == "");
    CHECK(std::count(said.begin(), said.end(), '\n') == 0);  // one mistake, said once
  }
}
