// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// The published schema, read by a validator that is not ours.
#include "profile/library.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#if __has_include(<valijson/validator.hpp>)
#define TIMECTL_HAS_VALIJSON
#include <nlohmann/json.hpp>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#endif

using namespace timectl;
using namespace timectl::profile;
using test::site;

#ifdef TIMECTL_HAS_VALIJSON

namespace {

using nlohmann::json;

json without_comments(const std::string& text) { return json::parse(text, nullptr, true, true); }

bool schema_accepts(const std::string& text) {
  const json schema_text = json::parse(profile_schema());
  valijson::Schema schema;
  valijson::SchemaParser{}.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema_text},
                                          schema);
  const json document = without_comments(text);
  return valijson::Validator{}.validate(schema, valijson::adapters::NlohmannJsonAdapter{document},
                                        nullptr);
}

/// Wrong by their shape alone: schema and parser have to agree.
const std::vector<std::string> misshapen{
    "{}",
    "[]",
    R"({"network": {}, "hosts": {"a": {"role": "server", "address": "192.168.4.2"}}})",
    R"({"network": {"subnet": "192.168.4.0/24"}, "hosts": {}})",
    R"({"network": {"subnet": "192.168.4.0/24"}, "hosts": []})",
    R"({"network": {"subnet": "192.168.4.0"}, "hosts": {"a": {"role": "server", "address": "192.168.4.2"}}})",
    R"({"extends": "../x"})",
    site(R"("a": {"address": "192.168.4.2"})"),
    site(R"("a": {"role": "server"})"),
    site(R"("a": {"role": "master", "address": "192.168.4.2"})"),
    site(R"("a b": {"role": "server", "address": "192.168.4.2"})"),
    site(R"("a": {"role": "server", "address": "x"})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "bus": 1})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "mac": "b8:27"})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "interface": "eth 0"})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "addressing": "dhcp"})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": true})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": {"bus": 256}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": {"address": 2}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": {"address": "104"}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"pools": "x.org"}})"),
    site(
        R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"servers": ["x", "x"]}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"allow": []}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"local_stratum": 16}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"local_stratum": 4}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "client": {"daemon": "ntpd"}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "monitor": {"interval_s": 9}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "monitor": {"interval_s": 10.5}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "controller": {"unit": "x.timer"}})"),
    site(R"("a": {"role": "server", "address": "192.168.4.2", "dhcp": {"advertise_ntp": 1}})"),
    site(
        R"("a": {"role": "server", "address": "192.168.4.2", "controller": {"levels": {"wrong": []}}})"),
    site(
        R"("a": {"role": "server", "address": "192.168.4.2", "controller": {"levels": {"island": ["A=1 B=2"]}}})"),
    site(
        R"("a": {"role": "server", "address": "192.168.4.2", "controller": {"levels": {"island": ["NTP_SERVER=x"]}}})"),
    site(
        R"("a": {"role": "server", "address": "192.168.4.2", "monitor": {"textfile_directory": "srv"}})"),
};

}  // namespace

TEST_CASE("the schema accepts every shipped profile") {
  const test::FakeFiles files;
  for (const auto& source : list_profiles(files)) {
    INFO(source.name);
    CHECK(schema_accepts(source.text));
  }
}

TEST_CASE("the schema accepts whatever takes something away") {
  CHECK(schema_accepts(R"({"extends": "x", "network": {"gateway": null}, "hosts": {"a": null,
    "b": {"mac": null, "interface": null, "rtc": false, "serve": null}}})"));
}

TEST_CASE("what has the wrong shape is refused by schema and parser alike") {
  for (const auto& text : misshapen) {
    INFO(text);
    CHECK_FALSE(schema_accepts(text));
    CHECK_FALSE(test::mistakes_in(text).empty());
  }
}

#else

TEST_CASE("the schema is compared with the parser by valijson") {
  WARN("skipped: libvalijson-dev is not installed");
}

#endif
