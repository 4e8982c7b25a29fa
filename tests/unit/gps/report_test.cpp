// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Lines as gpsd 3.22 and 3.25 sent them, and such as a program that only claims to be gpsd may
// send.
#include "gps/report.hpp"

#include "support/catch.hpp"

#include <string>

using namespace timectl;
using namespace timectl::gps;

namespace {

template <typename Kind>
Kind parsed(std::string_view line) {
  const auto report = parse_report(line);
  REQUIRE(report);
  REQUIRE(std::holds_alternative<Kind>(*report));
  return std::get<Kind>(*report);
}

}  // namespace

TEST_CASE("a fix has its mode, time and place") {
  const auto fix = parsed<Fix>(
      R"({"class":"TPV","device":"/dev/ttyS1","mode":3,"time":"2026-12-03T16:00:01.250Z","leapseconds":18,"lat":49.274167,"lon":-123.185000,"alt":50.0,"climb":0.0})");
  CHECK(fix.mode == FixMode::three_dimensional);
  REQUIRE(fix.time);
  CHECK(seconds_since_1970(*fix.time) == Approx(1796313601.25));
  CHECK(fix.latitude == 49.274167);
  CHECK(fix.longitude == -123.185);
  CHECK(fix.leap_seconds == 18);
  CHECK(parsed<Fix>(R"({"class":"TPV","mode":2})").mode == FixMode::two_dimensional);
  for (const auto* none : {R"({"class":"TPV","mode":1})", R"({"class":"TPV","mode":0})",
                           R"({"class":"TPV"})", R"({"class":"TPV","mode":"3"})"}) {
    CHECK(parsed<Fix>(none).mode == FixMode::none);
  }
}

TEST_CASE("satellites have a signal, and are used or not") {
  const auto sky = parsed<Sky>(
      R"({"class":"SKY","device":"/dev/ttyS1","hdop":0.9,"satellites":[{"PRN":4,"gnssid":0,"svid":4,"el":40.0,"az":83.0,"ss":46.0,"used":true},{"PRN":65,"gnssid":6,"svid":1,"ss":20.5,"used":false},{"PRN":"x"},7]})");
  REQUIRE(sky.satellites.size() == 2);
  CHECK(sky.satellites[0].id == 4);
  CHECK(sky.satellites[0].is_used);
  CHECK(sky.satellites[1].signal_db == 20.5);
  CHECK(constellation_name(sky.satellites[1].constellation) == "GLONASS");
  CHECK(parsed<Sky>(R"({"class":"SKY","hdop":1.2})").satellites.empty());
}

TEST_CASE("lateness is the clock's second less the receiver's, to the nanosecond") {
  const auto late = parsed<Lateness>(
      R"({"class":"TOFF","device":"/dev/ttyS1","real_sec":1796313601,"real_nsec":0,"clock_sec":1796313601,"clock_nsec":120400123,"precision":-10})");
  CHECK(late.late.count() == Approx(0.120400123).epsilon(1e-12));
  const auto early = parsed<Lateness>(
      R"({"class":"TOFF","real_sec":1796313602,"real_nsec":0,"clock_sec":1796313601,"clock_nsec":900000000})");
  CHECK(early.late.count() == Approx(-0.1));
  const auto pulse = parsed<Pulse>(
      R"({"class":"PPS","device":"/dev/pps0","real_sec":1796313601,"real_nsec":0,"clock_sec":1796313600,"clock_nsec":999999800,"precision":-20})");
  CHECK(pulse.late.count() == Approx(-2e-7).margin(1e-12));
}

TEST_CASE("a receiver is named by its driver and its firmware") {
  const auto all = parsed<Devices>(
      R"({"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyACM0","driver":"u-blox","subtype":"SW ROM SPG 5.10","activated":"2026-12-03T16:00:00.000Z","bps":9600}]})");
  REQUIRE(all.devices.size() == 1);
  CHECK(all.devices[0].path == "/dev/ttyACM0");
  CHECK(all.devices[0].driver == "u-blox");
  CHECK(all.devices[0].bps == 9600);
  CHECK(parsed<Devices>(R"({"class":"DEVICE","path":"/dev/x"})").devices.size() == 1);
  CHECK(parsed<Version>(R"({"class":"VERSION","release":"3.25","proto_major":3})").release ==
        "3.25");
}

TEST_CASE("what a receiver's name could do to a terminal it does not") {
  const auto all = parsed<Devices>(
      "{\"class\":\"DEVICE\",\"path\":\"/dev/x\",\"subtype\":\"a\\u001b[2Jb\\nc\"}");
  CHECK(all.devices[0].subtype == "a?[2Jb?c");
  const auto text = std::string(100'000, 'x');
  CHECK(parsed<Version>(R"({"class":"VERSION","release":")" + text + "\"}").release.size() == 128);
}

TEST_CASE("what is no report of gpsd's is none") {
  for (const auto* line :
       {"", "x", "{", "[]", "1", "null", "{}", R"({"class":7})",
        R"({"class":"WATCH","enable":true})", R"({"class":"TOFF"})",
        R"({"class":"TOFF","real_sec":1,"real_nsec":0,"clock_sec":1})",
        R"({"class":"TOFF","real_sec":1e300,"real_nsec":0,"clock_sec":1,"clock_nsec":0})",
        R"({"class":"PPS","real_sec":1,"real_nsec":-1,"clock_sec":1,"clock_nsec":0})",
        R"({"class":"PPS","real_sec":1,"real_nsec":0,"clock_sec":1,"clock_nsec":1000000000})"}) {
    INFO(line);
    CHECK_FALSE(parse_report(line));
  }
  CHECK_FALSE(parse_report(std::string(60'000, '[')));
}

TEST_CASE("values that no receiver can have are left out") {
  const auto fix = parsed<Fix>(
      R"({"class":"TPV","mode":99,"lat":91,"lon":-181,"alt":1e9,"leapseconds":1e9,"time":"yesterday"})");
  CHECK(fix.mode == FixMode::none);
  CHECK_FALSE(fix.latitude);
  CHECK_FALSE(fix.longitude);
  CHECK_FALSE(fix.altitude_m);
  CHECK_FALSE(fix.leap_seconds);
  CHECK_FALSE(fix.time);
}
