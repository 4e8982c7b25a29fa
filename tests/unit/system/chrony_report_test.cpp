// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "support/catch.hpp"
#include "system/time_daemons.hpp"

#include <string>

using namespace timectl;
using namespace timectl::system;

namespace {

const std::string synchronized =
    "C0A80402,192.168.4.2,4,1795178771.520000000,-0.000001043,0.000000250,0.000001100,-12.345,"
    "0.001,0.123,0.000006447,0.000001946,64.2,Normal\n";
const std::string local =
    "7F7F0101,,10,1795178771.520000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,"
    "0.000000000,0.000000000,1.0,Normal\n";
const std::string unsynchronized =
    "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,"
    "1.000000000,0.0,Not synchronised\n";

std::string message_of(const std::string& csv) {
  try {
    parse_chrony_tracking(csv);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::external);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("chronyc's tracking report is read field by field") {
  const auto tracking = parse_chrony_tracking(synchronized);
  CHECK(tracking.reference_id == "C0A80402");
  CHECK(tracking.source == "192.168.4.2");
  CHECK(tracking.stratum == 4);
  REQUIRE(tracking.reference_time);
  CHECK(format_utc(*tracking.reference_time) == "2026-11-20T12:46:11Z");
  CHECK(tracking.system_offset.count() == Approx(-0.000001043));
  CHECK(tracking.last_offset.count() == Approx(0.00000025));
  CHECK(tracking.rms_offset.count() == Approx(0.0000011));
  CHECK(tracking.frequency_ppm == Approx(-12.345));
  CHECK(tracking.skew_ppm == Approx(0.123));
  CHECK(tracking.root_delay.count() == Approx(0.000006447));
  CHECK(tracking.root_dispersion.count() == Approx(0.000001946));
  CHECK(tracking.update_interval.count() == Approx(64.2));
  CHECK(tracking.leap == "Normal");
}

TEST_CASE("a chronyd that follows no server has no source and no reference time") {
  CHECK(parse_chrony_tracking(local).source.empty());
  const auto tracking = parse_chrony_tracking(unsynchronized);
  CHECK(tracking.stratum == 0);
  CHECK_FALSE(tracking.reference_time);
  CHECK(tracking.leap == "Not synchronised");
}

TEST_CASE("fields that a later chronyc appends to tracking do no harm") {
  CHECK(parse_chrony_tracking("C0A80402,a,4,1,0,0,0,0,0,0,0,0,0,Normal,7,new").leap == "Normal");
}

TEST_CASE("a tracking line of another shape is an error that shows the line") {
  CHECK(message_of("garbage") == "cannot understand chronyc tracking: 'garbage'");
  for (const auto* wrong :
       {"", "506 Cannot talk to daemon", ",,,,,,,,,,,,,",
        "C0A80402,a,4,1,0,0,0,0,0,0,0,0,0",          // one field short
        "C0A80402,a,17,1,0,0,0,0,0,0,0,0,0,Normal",  // no such stratum
        "C0A80402,a,four,1,0,0,0,0,0,0,0,0,0,Normal", "C0A80402,a,4,1,nan,0,0,0,0,0,0,0,0,Normal",
        "C0A80402,a,4,1e300,0,0,0,0,0,0,0,0,0,Normal", "C0A80402,a,4,-1,0,0,0,0,0,0,0,0,0,Normal",
        "zz,a,4,1,0,0,0,0,0,0,0,0,0,Normal"}) {
    CHECK_THROWS_AS(parse_chrony_tracking(wrong), Error);
  }
}

TEST_CASE("chronyc's sources are read one a line, with an octal reach") {
  const auto sources = parse_chrony_sources(
      "^,*,192.168.4.2,10,6,377,23,-0.000012345,-0.000012000,0.000456000\n"
      "#,?,PPS0,0,4,0,4294967295,0.000000000,0.000000000,0.000000000\n");
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].mode == '^');
  CHECK(sources[0].state == '*');
  CHECK(sources[0].name == "192.168.4.2");
  CHECK(sources[0].stratum == 10);
  CHECK(sources[0].poll_log2 == 6);
  CHECK(sources[0].reach == 0377);
  CHECK(sources[0].since_last_sample == Seconds{23});
  CHECK(sources[0].offset.count() == Approx(-0.000012345));
  CHECK(sources[0].error.count() == Approx(0.000456));
  CHECK(sources[1].reach == 0);
  CHECK_FALSE(sources[1].since_last_sample);
}

TEST_CASE("no sources are an answer and not an error") {
  CHECK(parse_chrony_sources("").empty());
  CHECK(parse_chrony_sources("\n").empty());
}

TEST_CASE("a sources line of another shape is an error") {
  for (const auto* wrong :
       {"garbage", "^,*,a,10,6,378,23,0,0,0", "^,*,a,10,6,777,23,0,0,0", "^,*,a,10,6,377,x,0,0,0",
        "!,*,a,10,6,377,23,0,0,0", "^,**,a,10,6,377,23,0,0,0", "^,*,a,10,6,377,23,0,0"}) {
    CHECK_THROWS_AS(parse_chrony_sources(wrong), Error);
  }
}
