// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/measurement.hpp"

#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::gps;

namespace {

system::ChronyReport following(char mode, const std::string& name, double dispersion = 0.001) {
  system::ChronyReport report;
  report.tracking.stratum = 2;
  report.tracking.root_dispersion = Seconds{dispersion};
  system::ChronySource other;
  other.mode = '^';
  other.state = '-';
  other.name = "192.168.4.8";
  system::ChronySource selected;
  selected.mode = mode;
  selected.state = '*';
  selected.name = name;
  report.sources = {other, selected};
  return report;
}

}  // namespace

TEST_CASE("only seconds in which the receiver has a fix count") {
  Measurement measured;
  measured.take(Lateness{Seconds{0.9}});
  CHECK(measured.count() == 0);
  measured.take(Fix{.mode = FixMode::two_dimensional});
  measured.take(Lateness{Seconds{0.1}});
  measured.take(Lateness{Seconds{0.2}});
  measured.take(Fix{.mode = FixMode::none});
  measured.take(Lateness{Seconds{0.9}});
  CHECK(measured.count() == 2);
  CHECK(measured.seconds_without_fix() == 2);
  CHECK(measured.spread().median.count() == Approx(0.15));
}

TEST_CASE("a clock is right by another source than the receiver") {
  CHECK(reference_of(following('^', "192.168.4.9"), false).by == "192.168.4.9");
  CHECK(reference_of(following('=', "192.168.4.3"), false).by == "192.168.4.3");
  const auto own = reference_of(following('#', "NMEA"), true);
  CHECK(own.by.empty());
  CHECK(own.why_not.find("the receiver (NMEA)") != std::string::npos);
  CHECK(reference_of(following('#', "PPS"), false).by.empty());
  CHECK(reference_of(following('#', "PPS"), true).by == "PPS");
}

TEST_CASE("a clock that may be far off, follows nothing or cannot be asked is no reference") {
  CHECK(reference_of(following('^', "a", 0.049), false).by == "a");
  CHECK(reference_of(following('^', "a", 0.051), false).why_not.find("51 ms") != std::string::npos);
  auto lost = following('^', "a");
  lost.sources[1].state = '?';
  CHECK(reference_of(lost, false).why_not == "chronyd follows no source");
  CHECK(reference_of(std::nullopt, false).why_not == "chronyd does not answer");
}
