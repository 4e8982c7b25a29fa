// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a profile may say of a GNSS receiver.
#include "profile/effective.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::profile;
using test::mistakes_in;
using test::parsed;

namespace {

std::string with_gps(const std::string& gps) {
  return test::site(R"("a": {"role": "server", "address": "192.168.4.2", "gps": )" + gps + "}");
}

/// "found …, expected …" of the one mistake; "" without one.
std::string mistake_in_gps(const std::string& gps) {
  const auto text = mistakes_in(with_gps(gps));
  return text.substr(std::min(text.find("/gps"), text.size()));
}

GpsFeature gps_of(const std::string& gps) { return parsed(with_gps(gps)).hosts.at(0).gps.value(); }

}  // namespace

TEST_CASE("a receiver is at the board's serial port or at one that is named") {
  CHECK(gps_of(R"({"device": "auto"})").device.empty());
  CHECK(gps_of(R"({"device": "/dev/ttyACM0"})").device == "/dev/ttyACM0");
  CHECK(gps_of(R"({"device": "/dev/serial0"})").device == "/dev/serial0");
}

TEST_CASE("a device that a unit's command line or a path could not hold is refused") {
  for (const auto* device : {"ttyACM0", "/dev/", "/dev/../etc/passwd", "/dev/tty ACM0", "/dev/-x",
                             "/dev/pts/1", "/dev/a;b", "/dev/%i", "tcp://host:2947", ""}) {
    INFO(device);
    const auto mistake = mistake_in_gps(std::string{R"({"device": ")"} + device + "\"}");
    CHECK(mistake.find("/gps/device") == 0);
  }
}

TEST_CASE("a pulse comes by a pin, or there is none") {
  CHECK(gps_of(R"({"pps_gpio": 4})").pps_gpio == 4);
  CHECK(gps_of(R"({"pps_gpio": 0})").pps_gpio == 0);
  CHECK_FALSE(gps_of(R"({"pps_gpio": false})").pps_gpio);
  CHECK(gps_of(R"({"pps_gpio": null})").pps_gpio == 18);
  for (const auto* pin : {"28", "-1", "true", "\"18\"", "18.5", "[18]"}) {
    INFO(pin);
    CHECK(mistake_in_gps(std::string{R"({"pps_gpio": )"} + pin + "}").find("/gps/pps_gpio") == 0);
  }
}

TEST_CASE("speeds are those of serial ports") {
  CHECK(gps_of(R"({"baud": 9600})").baud == 9600);
  CHECK_FALSE(gps_of(R"({"baud": null})").baud);
  CHECK(mistake_in_gps(R"({"baud": 9601})") ==
        "/gps/baud: found 9601, expected one of 4800, 9600, 19200, 38400, 57600, 115200, 230400, "
        "460800");
}

TEST_CASE("an offset beyond 0.45 s would name another second") {
  CHECK(gps_of(R"({"nmea_offset_s": 0.14})").nmea_offset == Seconds{0.14});
  CHECK(gps_of(R"({"nmea_offset_s": -0.45})").nmea_offset == Seconds{-0.45});
  CHECK(gps_of(R"({"nmea_offset_s": 0})").nmea_offset == Seconds{0});
  for (const auto* offset : {"0.451", "-0.46", "1", "\"0.1\"", "true"}) {
    INFO(offset);
    const auto mistake = mistake_in_gps(std::string{R"({"nmea_offset_s": )"} + offset + "}");
    CHECK(mistake.find("a number of seconds from -0.45 to 0.45") != std::string::npos);
  }
}

TEST_CASE("a host with a receiver is no client") {
  const auto mistakes = mistakes_in(test::site(
      R"("a": {"role": "server", "address": "192.168.4.2"},
         "b": {"role": "client", "address": "192.168.4.3", "gps": {}})"));
  CHECK(mistakes.find("/hosts/b/gps: found a client with a receiver") != std::string::npos);
}

TEST_CASE("a receiver is time enough for a server") {
  CHECK(mistakes_in(test::site(
            R"("a": {"role": "stratum1", "address": "192.168.4.2", "sources": false})")) == "");
}

TEST_CASE("what is written of a receiver is read as the same") {
  const auto* text =
      R"({"device": "/dev/ttyS1", "pps_gpio": false, "baud": 115200, "nmea_offset_s": 0.125,
          "bluetooth": "off", "wifi": "off", "stationary": false})";
  const auto once = effective_text(parsed(with_gps(text)));
  CHECK(once.find(R"("pps_gpio": false)") != std::string::npos);
  CHECK(once.find(R"("nmea_offset_s": 0.125)") != std::string::npos);
  CHECK(effective_text(parsed(once)) == once);
}
