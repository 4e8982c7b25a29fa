// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Parser, schema and man page describe the same keys.
#include "base/text.hpp"
#include "profile/decode.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"
#include "profile_text.hpp"
#include "rtc/chips.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace timectl;
using namespace timectl::profile;
using nlohmann::json;
using test::mistakes_in;
using test::parsed;
using test::site;

namespace {

/// Follows a reference into the schema's definitions.
const json& resolved(const json& schema, const json& part) {
  if (!part.contains("$ref")) return part;
  return schema.at(json::json_pointer(part.at("$ref").get<std::string>().substr(1)));
}

/// A key under the name that it had.
bool is_former(const json& rule) { return rule.contains("deprecated"); }

/// The schema's keys for each kind of object, in the form of the decoder's.
void collect(const json& schema, const json& part, const std::string& object,
             std::vector<ObjectKeys>& all) {
  if (part.contains("patternProperties")) {
    const json& host = resolved(schema, part.at("patternProperties").front());
    return collect(schema, host, object + "/*", all);
  }
  if (!part.contains("properties")) return;
  ObjectKeys keys{object, {}, {}};
  for (const auto& [key, value] : part.at("properties").items()) {
    if (!is_former(value)) keys.keys.push_back(key);
  }
  all.push_back(keys);
  for (const auto& [key, value] : part.at("properties").items()) {
    collect(schema, resolved(schema, value), object + "/" + key, all);
  }
}

std::vector<ObjectKeys> sorted(std::vector<ObjectKeys> all) {
  for (auto& keys : all) std::sort(keys.keys.begin(), keys.keys.end());
  std::sort(all.begin(), all.end(),
            [](const ObjectKeys& a, const ObjectKeys& b) { return a.object < b.object; });
  return all;
}

const ObjectKeys& keys_of_object(const std::vector<ObjectKeys>& all, const std::string& object) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const ObjectKeys& keys) { return keys.object == object; });
}

void check_described(const json& schema, const json& part, const std::string& where) {
  INFO(where);
  CHECK_FALSE(part.value("description", "").empty());
  if (!part.contains("properties")) return;
  for (const auto& [key, value] : part.at("properties").items()) {
    check_described(schema, resolved(schema, value), where + "/" + key);
  }
}

/// Calls `visit(feature, key, schema of the key)` for every key of every feature.
template <typename Visit>
void for_each_feature_key(Visit visit) {
  const auto schema = json::parse(profile_schema());
  for (const auto& [feature, reference] :
       schema.at("definitions").at("host").at("properties").items()) {
    const json& part = resolved(schema, reference);
    if (!part.contains("properties")) continue;
    for (const auto& [key, rule] : part.at("properties").items()) visit(feature, key, rule);
  }
}

/// Whether the decoder takes the number; what the site as a whole is like does not matter.
bool is_in_range(const std::string& feature, const std::string& key, int number) {
  const json host{{"role", "server"}, {"address", "192.168.4.2"}, {feature, {{key, number}}}};
  const auto said = mistakes_in(site("\"a\": " + host.dump()));
  return said.find("/" + key + ": found " + std::to_string(number) + ", expected a") ==
         std::string::npos;
}

std::string read_text(const char* path) {
  std::ifstream file{path};
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string manual() { return read_text(TIMECTL_PROFILE_MANUAL); }

/// The subsection of KEYS about an object.
std::string section_of(const std::string& text, const std::string& object) {
  std::string title = object.substr(object.rfind('/') + 1);
  if (object.empty()) title = "The document";
  if (object == "/hosts/*") title = "A host";
  if (object == "/networks/*") title = "network";
  if (object == "/hosts/*/addresses/*") title = "addresses";
  const auto start = text.find("\n.SS " + title + "\n");
  REQUIRE(start != std::string::npos);
  return text.substr(start, text.find("\n.S", start + 1) - start);
}

}  // namespace

TEST_CASE("the schema has the keys that the decoder knows, and no others") {
  const auto schema = json::parse(profile_schema());
  std::vector<ObjectKeys> in_schema;
  collect(schema, schema, "", in_schema);
  auto known = sorted(object_keys());
  for (auto& keys : known) keys.required.clear();  // the next test's
  const auto found = sorted(in_schema);
  REQUIRE(found.size() == known.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    INFO(known[i].object);
    CHECK(found[i].object == known[i].object);
    CHECK(found[i].keys == known[i].keys);
  }
}

TEST_CASE("the schema requires of a whole profile what the decoder requires") {
  const auto whole = json::parse(profile_schema()).at("else");
  const auto known = object_keys();
  CHECK(whole.at("required") == keys_of_object(known, "").required);
  const auto& parts = whole.at("properties");
  CHECK(parts.at("network").at("required") == keys_of_object(known, "/network").required);
  CHECK(parts.at("hosts").at("additionalProperties").at("required") ==
        keys_of_object(known, "/hosts/*").required);
  const auto& host = parts.at("hosts").at("additionalProperties");
  CHECK(parts.at("networks").at("additionalProperties").at("required") == json{"subnet"});
  CHECK(host.at("properties").at("addresses").at("additionalProperties").at("required") ==
        json{"address"});
  const auto either = [](const char* key, const char* other) {
    return json{{{"required", {key}}}, {{"required", {other}}}};
  };
  CHECK(whole.at("anyOf") == either("network", "networks"));
  CHECK(host.at("anyOf") == either("address", "addresses"));
}

TEST_CASE("schema, manual and guide have the chips that the decoder takes") {
  const auto schema = json::parse(profile_schema());
  const auto& rule = schema.at("definitions").at("rtc").at("properties").at("chip");
  CHECK(rule.at("enum") == json(rtc::chip_names()));
  auto text = section_of(manual(), "/hosts/*/rtc");
  text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());  // "\-" is roff's hyphen
  for (const auto& name : rtc::chip_names()) {
    INFO(name);
    CHECK(text.find(name) != std::string::npos);
    CHECK(read_text(TIMECTL_PI_GUIDE).find("`" + name + "`") != std::string::npos);
  }
}

TEST_CASE("the schema's bounds of numbers are the decoder's") {
  int bounds = 0;
  for_each_feature_key([&](const std::string& feature, const std::string& key, const json& rule) {
    if (!rule.contains("minimum")) return;
    const auto least = rule.at("minimum").get<int>();
    const auto most = rule.at("maximum").get<int>();
    INFO(feature << "/" << key);
    CHECK(is_in_range(feature, key, least));
    CHECK(is_in_range(feature, key, most));
    CHECK_FALSE(is_in_range(feature, key, least - 1));
    CHECK_FALSE(is_in_range(feature, key, most + 1));
    ++bounds;
  });
  CHECK(bounds > 0);
}

TEST_CASE("the schema's defaults are the decoder's") {
  const auto profile = parsed(site(R"("a": {"role": "server", "address": "192.168.4.2"},
    "b": {"role": "client", "address": "192.168.4.3", "dhcp": {}, "controller": {}},
    "c": {"role": "stratum1", "address": "192.168.4.4"})"));
  const auto hosts = json::parse(effective_text(profile)).at("hosts");
  for_each_feature_key([&](const std::string& feature, const std::string& key, const json& rule) {
    INFO(feature << "/" << key);
    const auto has = [&](const char* host) { return hosts.at(host).at(feature).is_object(); };
    // A site without names of networks has none to write.
    if (feature + "/" + key == "dhcp/networks" || is_former(rule)) return;
    const json& used = hosts.at(has("a") ? "a" : has("b") ? "b" : "c").at(feature);
    // What is found on the host is in no profile.
    if (!used.contains(key) && !rule.contains("default")) return;
    // Two defaults depend on something else: on the site, and on the chip.
    const auto derived = key == "address" ? json("0x68") : json{"192.168.4.0/24"};
    CHECK(rule.value("default", derived) == used.at(key));
  });
}

TEST_CASE("every key of the schema has a description") {
  const auto schema = json::parse(profile_schema());
  check_described(schema, schema, "");
  check_described(schema, schema.at("definitions").at("host"), "host");
}

TEST_CASE("the manual describes every key, in the section of its object") {
  const auto text = manual();
  for (const auto& object : object_keys()) {
    const auto section = section_of(text, object.object);
    for (const auto& key : object.keys) {
      INFO(object.object << " " << key);
      CHECK(section.find("\n.TP\n.B " + key + "\n") != std::string::npos);
    }
  }
}

TEST_CASE("the examples of the manual are valid profiles") {
  const test::FakeFiles files;
  int examples = 0;
  std::string example;
  bool inside = false;
  for (const auto& line : lines_of(manual())) {
    if (line == ".EX") example.clear();
    if (line == ".EE" && example.starts_with("{")) {
      INFO(example);
      CHECK_NOTHROW(load_profile({"example", "example", example}, files));
      ++examples;
    }
    inside = line == ".EX" || (inside && line != ".EE");
    for (std::size_t i = 0; inside && line != ".EX" && i < line.size(); ++i) {
      if (line[i] != '\\') example += line[i];  // "\-" is how roff writes a hyphen to copy
    }
    if (inside && line != ".EX") example += '\n';
  }
  CHECK(examples == 4);
}
