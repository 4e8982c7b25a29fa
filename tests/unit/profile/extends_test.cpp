// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <map>

using namespace timectl;
using namespace timectl::profile;
using test::mistakes_in;
using test::parsed;

namespace {

/// Profiles by name.
ExtendsLookup shelf(std::map<std::string, std::string> texts) {
  return [texts](const std::string& name) {
    const auto found = texts.find(name);
    return found == texts.end() ? test::no_profiles(name) : found->second;
  };
}

const std::string base = test::site(R"("a": {"role": "server", "address": "192.168.4.2",
  "serve": {"allow": ["192.168.4.0/24", "10.0.0.0/8"], "local_stratum": 8}, "mac": "b8:27:eb:12:34:56"},
"b": {"role": "client", "address": "192.168.4.3"})");

}  // namespace

TEST_CASE("objects of an extended profile merge by key, lists and single values are replaced") {
  const auto profile = parsed(R"({"extends": "base", "hosts": {
    "a": {"address": "192.168.4.9", "serve": {"allow": ["192.168.4.0/25"]}},
    "c": {"role": "client", "address": "192.168.4.4"}}})",
                              shelf({{"base", base}}));
  REQUIRE(profile.hosts.size() == 3);
  CHECK(profile.hosts[0].addresses[0].address.text() == "192.168.4.9");
  CHECK(profile.hosts[0].serve->allow == std::vector{*Subnet::parse("192.168.4.0/25")});
  CHECK(profile.hosts[0].serve->local_stratum == 8);
  CHECK(profile.hosts[0].addresses[0].mac == "b8:27:eb:12:34:56");
  CHECK(profile.hosts[1].name == "b");
  CHECK(profile.hosts[2].name == "c");
}

TEST_CASE("null takes away what the extended profile gave: a host, a feature, a single value") {
  const auto profile = parsed(
      R"({"extends": "base", "hosts": {"a": {"mac": null, "rtc": null, "monitor": false}, "b": null}})",
      shelf({{"base", base}}));
  REQUIRE(profile.hosts.size() == 1);
  CHECK_FALSE(profile.hosts[0].addresses[0].mac);
  CHECK_FALSE(profile.hosts[0].rtc);
  CHECK_FALSE(profile.hosts[0].monitor);
  CHECK(profile.hosts[0].sources);
}

TEST_CASE("name and description are the document's own") {
  const auto named = R"({"name": "base", "description": "the base", "extends": "ground"})";
  const auto profile = parsed(R"({"extends": "base"})", shelf({{"base", named}, {"ground", base}}));
  CHECK(profile.name == "site");  // of site.json
  CHECK(profile.description.empty());
  CHECK(parsed(R"({"name": "x", "extends": "base"})", shelf({{"base", base}})).name == "x");
}

TEST_CASE("a mistake in an extended profile is reported where it was written") {
  const auto wrong = test::site(R"("a": {"role": "server", "address": "192.168.5.2"})");
  CHECK(
      mistakes_in(R"({"extends": "base", "nam": 1})", shelf({{"base", wrong}})) ==
      "site.json:1:21: /nam: found an unknown key, expected one of $schema, name, description, "
      "extends, network, networks, hosts; did you mean \"name\"?\n"
      "base:2:36: /hosts/a/address: found \"192.168.5.2\", expected an address in 192.168.4.0/24");
  CHECK(mistakes_in(R"({"extends": "base"})", shelf({{"base", "{"}})) ==
        "base:1:2: /: found the end of the document, expected a key in double quotes or '}'");
  CHECK(mistakes_in(R"({"extends": "base"})", shelf({{"base", "[]"}})) ==
        "base:1:1: /: found a list, expected an object");
}

TEST_CASE("a wrong extends is reported once, also in an extended profile") {
  CHECK(mistakes_in(R"({"extends": "nope"})") ==
        "site.json:1:13: /extends: found \"nope\", expected the name of a profile (cannot find "
        "profile 'nope')");
  const auto wrong = R"({"extends": "../etc", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
    "a": {"role": "server", "address": "192.168.4.2"}}})";
  const std::string reason =
      "1:13: /extends: found \"../etc\", expected a name of at most 64 letters, digits, '.', '_' "
      "and '-'";
  CHECK(mistakes_in(wrong) == "site.json:" + reason);
  CHECK(mistakes_in(R"({"extends": "base"})", shelf({{"base", wrong}})) == "base:" + reason);
}

TEST_CASE("profiles that extend each other in a circle are refused") {
  const auto circle = shelf({{"a", R"({"extends": "b"})"}, {"b", R"({"extends": "a"})"}});
  CHECK(mistakes_in(R"({"extends": "a"})", circle) ==
        "b:1:13: /extends: found \"a\", expected a profile that does not lead back to itself (a "
        "extends b)");
}

TEST_CASE("a chain of extended profiles has an end") {
  const ExtendsLookup endless = [](const std::string& name) {
    return R"({"extends": "x)" + name + "\"}";
  };
  CHECK(mistakes_in(R"({"extends": "x"})", endless) ==
        "xxxxxxxx:1:13: /extends: found \"xxxxxxxxx\", expected at most 8 profiles behind each "
        "other");
}

TEST_CASE("the effective text of every shipped profile is the same profile") {
  const test::FakeFiles files;
  const auto sources = list_profiles(files);
  REQUIRE(sources.size() >= 2);
  for (const auto& source : sources) {
    INFO(source.name);
    const auto text = effective_text(load_profile(source, files));
    CHECK(effective_text(parsed(text)) == text);
  }
}

namespace {

std::string with_controller(const std::string& keys) {
  return R"({"network": {"subnet": "192.168.4.0/24"}, "hosts": {
    "pi-ntp": {"role": "server", "address": "192.168.4.2"},
    "main-pi": {"role": "client", "address": "192.168.4.1", "controller": {)" +
         keys + "}}}}";
}

ControllerFeature controller_of(const Profile& site) { return *site.hosts.back().controller; }

}  // namespace

TEST_CASE("a key is read under its former name, and validate is told") {
  const auto site = parsed(with_controller(R"("dwell_s": 7, "startup_grace_s": 8)"));
  CHECK(controller_of(site).hold_off == std::chrono::seconds{7});
  CHECK(controller_of(site).boot_hold_off == std::chrono::seconds{8});
  REQUIRE(site.notes.size() == 2);
  CHECK(site.notes[1].find("/hosts/main-pi/controller/dwell_s: is called \"hold_off_s\" now") !=
        std::string::npos);
  CHECK(parsed(with_controller(R"("hold_off_s": 7)")).notes.empty());
}

TEST_CASE("a key under both of its names is refused, and a wrong value under the former one too") {
  const auto both = mistakes_in(with_controller(R"("dwell_s": 7, "hold_off_s": 8)"));
  CHECK(both.find("dwell_s: found \"hold_off_s\" beside it") != std::string::npos);
  CHECK(mistakes_in(with_controller(R"("dwell_s": -1)")).find("/dwell_s") != std::string::npos);
}

TEST_CASE("the name in the extending profile counts, the former one or the present one") {
  const auto now = shelf({{"base", with_controller(R"("hold_off_s": 7)")}});
  const auto before = shelf({{"base", with_controller(R"("dwell_s": 7)")}});
  const auto extending = [](const std::string& key) {
    return R"({"extends": "base", "hosts": {"main-pi": {"controller": {")" + key + R"(": 9}}}})";
  };
  for (const auto& [extended, key] : {std::pair{now, "dwell_s"},
                                      {before, "hold_off_s"},
                                      {now, "hold_off_s"},
                                      {before, "dwell_s"}}) {
    INFO(key);
    CHECK(controller_of(parsed(extending(key), extended)).hold_off == std::chrono::seconds{9});
  }
}
