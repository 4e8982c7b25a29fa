// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/calibration.hpp"

#include "base/checksum.hpp"
#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::gps;

namespace {

const std::string path = "/var/lib/timectl/gps.json";

std::vector<Seconds> seconds(const std::vector<double>& numbers) {
  std::vector<Seconds> values;
  for (const double each : numbers) values.emplace_back(each);
  return values;
}

Spread spread_with(double low, double median, double high) {
  return {600, Seconds{median}, Seconds{low}, Seconds{high}};
}

}  // namespace

TEST_CASE("a spread goes by ranks, which outliers do not move") {
  CHECK(spread_of({}).count == 0);
  CHECK(spread_of(seconds({0.3})).median == Seconds{0.3});
  CHECK(spread_of(seconds({0.4, 0.2})).median.count() == Approx(0.3));
  std::vector<double> many(100, 0.12);
  many[7] = 2.0;
  many[50] = -1.0;
  const auto spread = spread_of(seconds(many));
  CHECK(spread.count == 100);
  CHECK(spread.median == Seconds{0.12});
  CHECK(spread.width() == Seconds{0});
}

TEST_CASE("a distribution that could name another second gives no offset") {
  CHECK(objection_to(spread_with(0.119, 0.12, 0.124)).empty());
  CHECK(objection_to(spread_with(-0.2, -0.1, 0.1)).empty());
  CHECK(objection_to(spread_with(0.0, 0.2, 0.41)).find("cannot be told") != std::string::npos);
  CHECK(objection_to(spread_with(-2.0, 0.1, 2.0)).find("cannot be told") != std::string::npos);
  CHECK(objection_to(spread_with(0.45, 0.46, 0.47)).find("nearer to the next") !=
        std::string::npos);
  CHECK_FALSE(objection_to(spread_with(-0.5, -0.46, -0.45)).empty());
}

TEST_CASE("a calibration is read back as it was measured") {
  test::FakeFiles files;
  CHECK_FALSE(read_calibration(files));
  const Calibration measured{spread_with(0.1203, 0.1204, 0.1237),
                             *parse_utc("2026-12-03T16:00:00Z"), "/dev/serial0", "u-blox SW 5.10",
                             "192.168.4.9"};
  write_calibration(files, measured);
  const auto read = read_calibration(files);
  REQUIRE(read);
  CHECK(read->spread.count == 600);
  CHECK(read->offset() == Seconds{0.1204});
  CHECK(read->spread.high == Seconds{0.1237});
  CHECK(read->measured_at == measured.measured_at);
  CHECK(read->receiver == "u-blox SW 5.10");
  CHECK(read->reference == "192.168.4.9");
  CHECK(read->is_final());
}

TEST_CASE("a calibration that was damaged, or that could not have been made, is not used") {
  test::FakeFiles files;
  write_calibration(files, {spread_with(0.1, 0.12, 0.13), WallTime{}, "/dev/x", "", "a"});
  const std::string text = files.at(path);
  for (const auto& [before, after] :
       {std::pair{"\"offset_s\": 0.12", "\"offset_s\": 0.62"},
        std::pair{"\"offset_s\": 0.12", "\"offset_s\": \"0.12\""},
        std::pair{"\"high_s\": 0.13", "\"high_s\": 0.11"},
        std::pair{"\"samples\": 600", "\"samples\": 0"},
        std::pair{"\"measured_at\": \"1970", "\"measured_at\": \"x970"}}) {
    INFO(after);
    auto other = text;
    REQUIRE(other.find(before) != std::string::npos);
    other.replace(other.find(before), std::string_view{before}.size(), after);
    files.put(path, other);
    const auto damaged = test::error_of([&] { read_calibration(files); });
    REQUIRE(damaged);
    CHECK(damaged->kind() == ErrorKind::io);
    // The same with a checksum that fits: the values speak for themselves.
    const auto first = other.find('\n') + 1;
    const auto without = other.substr(0, first) + other.substr(other.find('\n', first) + 1);
    files.put(path, with_checksum(without));
    CHECK_THROWS_AS(read_calibration(files), Error);
  }
}
