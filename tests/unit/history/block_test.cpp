// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/block.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <optional>
#include <random>

using namespace timectl;
using namespace timectl::history;
using namespace std::chrono_literals;

namespace {

const WallTime saturday = parse_utc("2026-11-21T16:00:00Z").value();

std::optional<std::vector<Sample>> decoded(std::string_view bytes) {
  std::vector<Sample> all;
  return decode_block(bytes, all) ? std::optional{all} : std::nullopt;
}

std::vector<Sample> half_an_hour() {
  std::vector<Sample> all;
  for (int minute = 0; minute < 30; ++minute) {
    Sample seen;
    seen.at = saturday + std::chrono::minutes{minute};
    seen.state = minute < 20 ? quality::State::traceable : quality::State::holdover;
    seen.saving = minute % 2 == 0;
    seen.bound_s = 0.001 * minute;
    seen.offset_s = -0.0001 * minute;
    if (minute % 3 == 0) seen.rtc_ahead_s = 0.25;
    all.push_back(seen);
  }
  all.back().bound_s = std::numeric_limits<double>::infinity();
  return all;
}

}  // namespace

TEST_CASE("a block says again what was put into it") {
  const auto written = half_an_hour();
  const auto read = decoded(encode_block(written));
  REQUIRE(read);
  REQUIRE(read->size() == written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& a = written[i];
    const auto& b = read->at(i);
    CHECK(a.at == b.at);
    CHECK(a.state == b.state);
    CHECK(a.saving == b.saving);
    CHECK(b.offset_s == Approx(a.offset_s).margin(1e-9));
    CHECK(std::isnan(a.rtc_ahead_s) == std::isnan(b.rtc_ahead_s));
  }
  CHECK(std::isinf(read->back().bound_s));
}

TEST_CASE("a block that lost any one bit, or its end, is none") {
  const auto whole = encode_block(half_an_hour());
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto torn = whole;
    torn[bit / 8] = static_cast<char>(torn[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(decoded(torn));
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    REQUIRE_FALSE(decoded(whole.substr(0, size)));
  }
}

TEST_CASE("a block is the same bytes on every machine and in every version") {
  // Made by Python's struct and zlib, by the layout in block.hpp.
  const std::string start_of_it{"TCH1\x15\x23\x3e\x9e", 8};
  Sample seen;
  seen.at = saturday;
  seen.state = quality::State::island;
  seen.saving = true;
  seen.bound_s = 0.5;
  seen.offset_s = -0.25;
  seen.rtc_ahead_s = 1;
  const auto bytes = encode_block({seen});
  CHECK(bytes.substr(0, 8) == start_of_it);
  CHECK(bytes.substr(24, 8) == std::string("\0\0\x02\x01\0\0\0\x3f", 8));
}

TEST_CASE("a block ends where it is full and where the clock was set") {
  auto block = half_an_hour();
  Sample next;
  next.at = saturday + 30min;
  CHECK_FALSE(fits(block, next));
  block.pop_back();
  CHECK(fits(block, next));
  next.at = saturday + 20min;
  CHECK_FALSE(fits(block, next));
  next.at = saturday + 19h;
  CHECK_FALSE(fits(block, next));
  CHECK(fits({}, next));
}
