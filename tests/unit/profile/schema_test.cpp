// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// The published schema, read by a validator that is not ours.
#include "profile/library.hpp"
#include "profile/reserved.hpp"
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
using namespace timectl::test;

#ifdef TIMECTL_HAS_VALIJSON

namespace {

using nlohmann::json;

json without_comments(const std::string& text) { return json::parse(text, nullptr, true, true); }

/// Read once: that takes far longer than a document.
const valijson::Schema& published_schema() {
  static const json text = json::parse(profile_schema());
  static valijson::Schema schema;
  static const bool is_read = [] {
    valijson::SchemaParser{}.populateSchema(valijson::adapters::NlohmannJsonAdapter{text}, schema);
    return true;
  }();
  static_cast<void>(is_read);
  return schema;
}

bool schema_accepts(const std::string& text) {
  const json document = without_comments(text);
  return valijson::Validator{}.validate(published_schema(),
                                        valijson::adapters::NlohmannJsonAdapter{document}, nullptr);
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
    R"({"networks": {"Lan": {"subnet": "192.168.4.0/24"}}, "hosts": {"a": {"role": "server", "addresses": {"Lan": "192.168.4.2"}}}})",
    R"({"networks": {"lan": {}}, "hosts": {"a": {"role": "server", "addresses": {"lan": "192.168.4.2"}}}})",
    R"({"networks": {"lan": {"subnet": "192.168.4.0/24"}}, "hosts": {"a": {"role": "server", "addresses": {"lan": "x"}}}})",
    R"({"networks": {"lan": {"subnet": "192.168.4.0/24"}}, "hosts": {"a": {"role": "server", "addresses": {"lan": {}}}}})",
    R"({"networks": {"lan": {"subnet": "192.168.4.0/24"}}, "hosts": {"a": {"role": "server", "addresses": {"lan": {"address": "192.168.4.2", "bus": 1}}}}})",
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

void check_refused_alike(const std::string& text) {
  INFO(text);
  CHECK_FALSE(schema_accepts(text));
  CHECK_FALSE(test::mistakes_in(text).empty());
}

void check_accepted_alike(const std::string& text) {
  INFO(text);
  CHECK(schema_accepts(text));
  CHECK(test::mistakes_in(text).empty());
}

}  // namespace

TEST_CASE("the schema accepts every shipped profile") {
  const test::FakeFiles files;
  for (const auto& source : list_profiles(files)) {
    INFO(source.name);
    CHECK(schema_accepts(source.text));
  }
}

TEST_CASE("the schema accepts whatever takes something away") {
  CHECK(schema_accepts(R"({"extends": "x", "network": null, "networks": {"lan": null},
    "hosts": {"a": {"address": null, "addressing": null, "addresses": {"lan": null}}}})"));
  CHECK(schema_accepts(R"({"extends": "x", "network": {"gateway": null}, "hosts": {"a": null,
    "b": {"mac": null, "interface": null, "rtc": false, "serve": null},
    "c": {"rtc": {"chip": "rv3028", "bus": null, "address": null}}}})"));
}

TEST_CASE("what has the wrong shape is refused by schema and parser alike") {
  for (const auto& text : misshapen) {
    INFO(text);
    CHECK_FALSE(schema_accepts(text));
    CHECK_FALSE(test::mistakes_in(text).empty());
  }
}

TEST_CASE("units and directories that are reserved are refused by schema and parser alike") {
  for (const auto& each : profile::reserved_units()) {
    std::string stem{each.pattern};
    if (stem.ends_with('*')) stem.back() = 'x';
    check_refused_alike(with_unit(stem + ".service"));
  }
  for (const auto& each : profile::reserved_directories()) {
    std::string directory{each.pattern};
    if (directory.ends_with("/*")) check_refused_alike(with_directory(directory + "/x"));
    if (directory.ends_with("/*")) directory.resize(directory.size() - 2);
    check_refused_alike(with_directory(directory));
  }
  for (const auto* unit : {"heat-.service", "a@.service", "-a.service", "a.socket"}) {
    check_refused_alike(with_unit(unit));
  }
  for (const auto* directory : {"//proc", "/./proc", "/srv/.", "/srv//x", "/srv/../x"}) {
    check_refused_alike(with_directory(directory));
  }
  for (const auto* unit : {"my-dbus.service", "user.service", "c@1.service", "x.service"}) {
    check_accepted_alike(with_unit(unit));
  }
  for (const auto* directory : {"/srv/metrics/", "/run/metrics", "/etcetera", "/var/lib/x"}) {
    check_accepted_alike(with_directory(directory));
  }
}

TEST_CASE("steps of power saving are accepted and refused by schema and parser alike") {
  const auto with_level = [](const std::string& level) {
    return with_feature_of_b(R"("controller": {"levels": {"holdover": )" + level + "}}");
  };
  for (const auto* level :
       {"[]", R"(["A=1"])", "[{}]", R"([{"bound_s": 1}, {"bound_s": 5e-2, "after_s": 60}])",
        R"([{"bound_s": null, "environment": ["A=1", "B="]}])"}) {
    check_accepted_alike(with_level(level));
  }
  for (const auto* level :
       {"{}", R"([{"bound_s": 0}])", R"([{"bound_s": 17}])", R"([{"bound_s": "1"}])",
        R"([{"after_s": 0.5}])", R"([{"after_s": -1}])", R"([{"bound": 1}])", R"([{}, "A=1"])",
        R"(["A=1", {}])", R"([{"environment": ["NTP_SERVER=x"]}])",
        R"([{"environment": ["POWER_LEVEL=1"]}])", R"([{"environment": ["A=1", "A=1"]}])"}) {
    check_refused_alike(with_level(level));
  }
}

TEST_CASE("names that mean something else are refused by schema and parser alike") {
  for (const auto* name : {"LOCALHOST", "0x10", "0X", "010", "12H", "Infinite", "IGNORE",
                           "ip6-LoopBack", "localhost6", "broadcasthost"}) {
    check_refused_alike(with_name(name));
  }
  for (const auto* name : {"LocalHost", "a.LOCALHOST", "localhost.localdomain", "0x10", "1.0X7f",
                           "127.1", "4294967295", "ip6-localhost", "a..b", "-a.org", "x.org."}) {
    check_refused_alike(with_source(name));
    check_refused_alike(with_pool(name));
  }
  for (const auto* name : {"h", "x10", "0xy", "localhost-2"}) check_accepted_alike(with_name(name));
  for (const auto* name : {"0x10.org", "1.pool.ntp.org", "localhost.org", "ff00.org"}) {
    check_accepted_alike(with_source(name));
    check_accepted_alike(with_pool(name));
  }
}

TEST_CASE("addresses of no machine are refused by schema and parser alike") {
  for (const std::string address :
       {"0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "1.2.3", "256.1.1.1", "1.2.3.04"}) {
    check_refused_alike(with_source(address));
    check_refused_alike(with_gateway(address));
    check_refused_alike(with_name_server(address));
    check_refused_alike(with_address(address));
  }
  for (const auto* address : {"127.0.0.1", "::", "::1", "ff02::1", "fe80::1", "::ffff:1.2.3.4"}) {
    check_refused_alike(with_source(address));
  }
  for (const std::string subnet :
       {"169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/8", "10.0.0.0/7", "10.0.0.0/31"}) {
    check_refused_alike(with_subnet(subnet));
  }
  for (const auto* subnet : {"224.0.0.0/4", "0.0.0.0/8", "255.255.255.255/32", "ff02::/16",
                             "::ffff:0:0/96", "240.0.0.0/4"}) {
    check_refused_alike(with_allowed(subnet));
  }
  for (const auto* subnet : {"0.0.0.0/0", "::/0", "10.0.0.0/8", "fd00::/8"}) {
    check_accepted_alike(with_allowed(subnet));
  }
  for (const auto* address : {"fd00::1", "169.254.169.123", "9.9.9.9", "2001:db8:0:0::7"}) {
    check_accepted_alike(with_source(address));
  }
  check_accepted_alike(with_name_server("127.0.0.53"));
}

/// A pattern does not know the site's subnet, nor all spellings of an address of IPv6, nor what
/// else is in a list; the schema's description says that `validate` does.
TEST_CASE("what the schema cannot say the parser does") {
  for (const auto& text :
       {with_source("0:0:0:0:0:0:0:1"), with_source("::2"), with_source("100::1"),
        with_source("192.168.4.255"), with_source(R"(x.org", "X.ORG)"),
        with_source(R"(fd00::1", "fd00:0::1)"), with_name_server("192.168.4.255")}) {
    INFO(text);
    CHECK(schema_accepts(text));
    CHECK_FALSE(test::mistakes_in(text).empty());
  }
}

#else

TEST_CASE("the schema is compared with the parser by valijson") {
  WARN("skipped: libvalijson-dev is not installed");
}

#endif
