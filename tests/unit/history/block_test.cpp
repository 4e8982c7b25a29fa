// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/block.hpp"

#include "base/checksum.hpp"
#include "history/channels.hpp"
#include "history/old_block.hpp"
#include "old_blocks.hpp"
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

const BootId a_boot = parse_boot_id("0102030405060708090a0b0c0d0e0f10");

/// With its checksum made anew, as by a version that wrote other bytes.
std::string sealed(std::string bytes) {
  const auto sum = crc32(std::string_view{bytes}.substr(8));
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>(sum >> (8 * i) & 255U);
  return bytes;
}

std::vector<Sample> half_an_hour() {
  std::vector<Sample> all;
  for (int minute = 0; minute < 30; ++minute) {
    Sample seen;
    seen.at = saturday + std::chrono::minutes{minute};
    seen.boot = a_boot;
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
    CHECK(read->at(i).at == written[i].at);
    CHECK(read->at(i).boot == a_boot);
    for (const auto& channel : channels) {
      INFO(channel.name);
      const double value = channel.get(written[i]);
      const double again = channel.get(read->at(i));
      CHECK(std::isnan(again) == std::isnan(value));
      if (!std::isnan(value)) CHECK(again == Approx(value).margin(1e-12));
    }
  }
  CHECK(std::isinf(read->back().bound_s));
}

TEST_CASE("half an hour of every channel, as noisy as on a bad day, has room in one block") {
  std::mt19937 random{20261121};
  std::uniform_real_distribution<double> part{0, 1};
  std::vector<Sample> block;
  for (int minute = 0; minute < 30; ++minute) {
    Sample seen;
    seen.at = saturday + std::chrono::minutes{minute};
    seen.boot = a_boot;
    seen.state = static_cast<quality::State>(random() % 6);
    seen.saving = random() % 2 == 0;
    seen.bound_s = 0.02 + 0.2 * part(random);
    seen.offset_s = 0.02 * (part(random) - 0.5);
    seen.rtc_ahead_s = part(random) - 0.5;
    seen.since_boot_s = 4e7 + 60 * minute + part(random);
    seen.frequency_ppm = -30 + 5 * part(random);
    seen.skew_ppm = 20 * part(random);
    seen.reach = static_cast<double>(random() % 256);
    seen.source_age_s = static_cast<double>(random() % 1100);
    seen.selectable_sources = static_cast<double>(random() % 5);
    seen.requests = 4e9 + 10000 * minute + static_cast<double>(random() % 10000);
    seen.requests_dropped = 1e6 + 100 * minute + static_cast<double>(random() % 100);
    seen.clients = minute == 0 ? 250 : nothing;
    seen.rtc_temperature_c = 24 + part(random);
    seen.soc_temperature_c = 45 + 10 * part(random);
    INFO(minute);
    REQUIRE(fits(block, seen));
    block.push_back(seen);
  }
  CHECK(decoded(encode_block(block))->size() == 30);
}

TEST_CASE("values that would not have room in a block are told from those that fit") {
  std::mt19937_64 random{7};
  std::vector<Sample> block;
  Sample seen;
  seen.boot = a_boot;
  for (int minute = 0; minute < 31; ++minute) {
    seen.at = saturday + std::chrono::minutes{minute};
    for (const auto& channel : channels) {
      if (channel.id > 3) channel.set(seen, static_cast<double>(random() % 1000000000000));
    }
    if (!fits(block, seen)) break;
    block.push_back(seen);
  }
  CHECK(block.size() < 30);
  CHECK(block.size() > 5);
  const auto read = decoded(encode_block(block));
  REQUIRE(read);
  CHECK(read->size() == block.size());
  CHECK(read->back().soc_temperature_c == block.back().soc_temperature_c);
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
  // Made by Python's struct and zlib, by the layouts in block.hpp and column.hpp.
  const std::string start_of_it{"TCH2\xee\x81\x04\x12", 8};
  const std::string columns{
      "\x01\x01\x01\x00\x02\x01\x02\x00\x02\x03\x01\x02\x00\x01\x04\x01\x04\x00\x40\x4b\x4c"
      "\x05\x01\x05\x00\x80\x4d\x19\xf1\x06\x01\x03\x00\x10\x27\x00",
      37};
  Sample seen;
  seen.at = saturday;
  seen.boot = a_boot;
  seen.state = quality::State::island;
  seen.saving = true;
  seen.bound_s = 0.5;
  seen.offset_s = -0.25;
  seen.rtc_ahead_s = 1;
  const auto bytes = encode_block({seen});
  CHECK(bytes.size() == 1024);
  CHECK(bytes.substr(0, 8) == start_of_it);
  CHECK(bytes.substr(40, 37) == columns);
}

TEST_CASE("a block of a later version is read without the channels that this one does not know") {
  auto bytes = encode_block({half_an_hour()[0]});
  // A channel that does not exist, and one of a kind that does not: those behind them are read.
  bytes.insert(40, std::string("\xfe\x01\x01\x00\x08\x63\x03zzz", 10));
  bytes.resize(block_size);
  const auto read = decoded(sealed(bytes));
  REQUIRE(read);
  CHECK(read->at(0).bound_s == half_an_hour()[0].bound_s);
  CHECK(std::isnan(read->at(0).frequency_ppm));
}

TEST_CASE("channels that are not asked for stay as if they had not been seen") {
  std::vector<Sample> all;
  ChannelSet wanted;
  wanted.set(place_of("offset_s"));
  REQUIRE(decode_block(encode_block(half_an_hour()), all, wanted));
  CHECK(all[3].at == saturday + 3min);
  CHECK(all[3].offset_s == Approx(half_an_hour()[3].offset_s));
  CHECK(std::isnan(all[3].bound_s));
  CHECK(all[3].state == quality::State::unsynchronized);
}

TEST_CASE("a later version may put more before the columns") {
  auto bytes = encode_block({half_an_hour()[3]});
  bytes.insert(40, "what this version does not know of");
  bytes.resize(block_size);
  bytes[18] = 40 + 34;
  const auto read = decoded(sealed(bytes));
  REQUIRE(read);
  CHECK(read->at(0).offset_s == Approx(half_an_hour()[3].offset_s));
}

TEST_CASE("a block with its checksum that makes no sense is none") {
  const auto whole = encode_block(half_an_hour());
  auto crowded = whole;
  crowded[16] = 31;
  CHECK_FALSE(decoded(sealed(crowded)));
  auto displaced = whole;
  displaced[18] = 39;
  CHECK_FALSE(decoded(sealed(displaced)));
  auto timeless = whole;
  timeless[40] = 99;  // no channel's id
  CHECK_FALSE(decoded(sealed(timeless)));
  auto ancient = whole;
  ancient[15] = '\x7f';
  CHECK_FALSE(decoded(sealed(ancient)));
  CHECK(decoded(sealed(whole)));
}

TEST_CASE("a block ends where it is full, where the clock was set and where the host booted") {
  auto block = half_an_hour();
  Sample next;
  next.at = saturday + 30min;
  next.boot = a_boot;
  CHECK_FALSE(fits(block, next));
  block.pop_back();
  CHECK(fits(block, next));
  next.at = saturday + 20min;
  CHECK_FALSE(fits(block, next));
  next.at = saturday + 19h;
  CHECK_FALSE(fits(block, next));
  CHECK(fits({}, next));
  next.at = saturday + 30min;
  next.boot = BootId{};
  CHECK_FALSE(fits(block, next));
}

TEST_CASE("a block of a version before 0.2.0 is read, and nothing else is taken for one") {
  // The bytes of such a version.
  const std::string start_of_it{
      "TCH1\x63\x72\x71\x17\x00\xc0\x01\x6b\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x02\x01\x00\x00\x00\x3f\x00\x00\x80\xbe\x00\x00\x80\x3f"
      "\x3c\x00\x00\x00\x00\x00\x80\x7f\x6f\x12\x83\x3a\x00\x00\xc0\x7f",
      56};
  auto bytes = start_of_it;
  bytes.resize(old_block_size, '\0');
  std::vector<Sample> all;
  REQUIRE(decode_old_block(bytes, all));
  REQUIRE(all.size() == 2);
  CHECK(all[0].at == saturday);
  CHECK(all[0].state == quality::State::island);
  CHECK(all[0].saving);
  CHECK(all[0].bound_s == 0.5);
  CHECK(all[0].offset_s == -0.25);
  CHECK(all[0].rtc_ahead_s == 1);
  CHECK(all[1].at == saturday + 1min);
  CHECK(std::isinf(all[1].bound_s));
  CHECK(std::isnan(all[1].rtc_ahead_s));
  CHECK(std::isnan(all[1].frequency_ppm));
  CHECK_FALSE(decoded(bytes));
  CHECK_FALSE(decode_old_block(encode_block(half_an_hour()), all));
  bytes[30] ^= 1;
  CHECK_FALSE(decode_old_block(bytes, all));
  auto unknown_state = test::old_block({half_an_hour()[0]});
  unknown_state[26] = 6;
  CHECK_FALSE(decode_old_block(sealed(unknown_state), all));
  CHECK(all.size() == 2);
}
