// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "publish/measures.hpp"

#include "history/block.hpp"
#include "publish/document.hpp"
#include "publish/prometheus.hpp"
#include "publish/schema.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace timectl;
using namespace timectl::publish;
using namespace timectl::test;

namespace {

const std::string path = "/run/timectl/measures.json";

/// A measure that nothing but this test knows. The history has it beside what it keeps anyway.
constexpr Measure throw_away{.key = "lag_s",
                             .unit = "s",
                             .help = "how long the source had been silent",
                             .read = read_of<&Sample::source_age_s>,
                             .metric = {.name = "timectl_test_lag_milliseconds", .factor = 1000},
                             .kept = kept<&Sample::source_age_s>(200, 1e3, Summing::largest)};

std::vector<Measure> with_throw_away() {
  std::vector<Measure> all{measures.begin(), measures.end()};
  all.push_back(throw_away);
  return all;
}

/// A host that has all, so that every measure exists.
struct Host {
  profile::Host host;
  profile::Limits limits;
  Host() {
    host.rtc = profile::RtcFeature{};
    host.controller = profile::ControllerFeature{};
  }
  Check check() const { return {.host = host, .limits = limits}; }
};

/// What a check writes, as it is read again.
nlohmann::ordered_json document_of(const Check& check, std::span<const Measure> all) {
  FakeFiles files;
  write_document(files, check, all);
  const auto written = nlohmann::ordered_json::parse(files.at(path));
  CHECK(written.at("schema") == 1);
  CHECK(written.at("measures") == read_document(files, all));
  return written.at("measures");
}

nlohmann::ordered_json value(const nlohmann::ordered_json& document, const char* key) {
  return document.at(key).at("value");
}

}  // namespace

TEST_CASE("a measure that is one row more is in metrics, JSON, schema and history") {
  const Host host;
  auto check = host.check();
  check.sample.source_age_s = 12.5;
  const auto all = with_throw_away();

  const auto text = prometheus_text(check, all);
  CHECK(
      text.ends_with("# HELP timectl_test_lag_milliseconds How long the source had been silent.\n"
                     "# TYPE timectl_test_lag_milliseconds gauge\n"
                     "timectl_test_lag_milliseconds 12500\n"));

  const auto document = document_of(check, all);
  CHECK(document.at("lag_s").dump() == R"({"value":12.5,"unit":"s"})");

  const auto schema = schema_of(all);
  CHECK(schema.at("properties").at("lag_s").dump() ==
        R"({"description":"how long the source had been silent","type":"object",)"
        R"("additionalProperties":false,"required":["value","unit"],)"
        R"("properties":{"value":{"type":["number","null"]},"unit":{"const":"s"}}})");
  CHECK(schema.at("required").back() == "lag_s");

  const auto channels = history::channels_of(all);
  CHECK(std::string{channels.back().name} == "lag_s");
  const auto block = history::encode_block({check.sample}, channels);
  // Nothing else is read, so that the value can be of no other channel.
  history::ChannelSet wanted;
  wanted.set(history::place_of_id(200, channels));
  std::vector<Sample> read;
  REQUIRE(history::decode_block(block, read, wanted, channels));
  CHECK(read.at(0).source_age_s == 12.5);
  // A version that does not have the row passes over it.
  read.clear();
  REQUIRE(history::decode_block(block, read));
  CHECK(read.at(0).source_age_s == 13);
}

TEST_CASE("what a host does not have is null, and no metric") {
  Host host;
  auto check = host.check();
  check.sample.rtc_ahead_s = 0.25;
  check.sample.saving = true;
  check.sample.state = quality::State::holdover;
  check.sample.bound_s = std::numeric_limits<double>::infinity();
  const auto all = document_of(check, measures);
  CHECK(value(all, "rtc_ahead_s") == 0.25);
  CHECK(value(all, "saving") == true);
  CHECK(value(all, "state") == "holdover");
  CHECK(value(all, "bound_s").is_null());
  CHECK(value(all, "reach").is_null());
  CHECK(all.size() == measures.size());

  host.host.rtc.reset();
  host.host.controller.reset();
  const auto bare = document_of(host.check(), measures);
  for (const auto* key : {"rtc_ahead_s", "limit_rtc_drift_warn_ppm", "saving", "recent_restarts"}) {
    CHECK(value(bare, key).is_null());
  }
  const auto text = prometheus_text(host.check(), measures);
  CHECK(text.find("timectl_rtc_") == std::string::npos);
  CHECK(text.find("timectl_controller_") == std::string::npos);
}

TEST_CASE("of measures that are not as this version's nothing is shown, whatever the file holds") {
  for (const auto* content :
       {"", "{", "[]", "{}", R"({"measures": 1})", R"({"measures": {"bound_s": 1}})",
        R"({"measures": {"bound_s": {"value": "1", "unit": "s"}}})",
        R"({"measures": {"bound_s": {"value": 1, "unit": "ms"}}})",
        R"({"measures": {"state": {"value": "splendid", "unit": ""}}})",
        R"({"measures": {"acted": {"value": 1, "unit": ""}}})"}) {
    INFO(content);
    FakeFiles files;
    files.put(path, content);
    for (const auto& entry : read_document(files, measures)) CHECK(entry.at("value").is_null());
  }
  FakeFiles files;
  files.put(path, std::string(65 * 1024, ' '));
  CHECK(value(read_document(files, measures), "bound_s").is_null());
  files.put(path, R"({"schema": 2, "measures": {"bound_s": {"value": 1.5, "unit": "s"}}})");
  CHECK(value(read_document(files, measures), "bound_s") == 1.5);
}
