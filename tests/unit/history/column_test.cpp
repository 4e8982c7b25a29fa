// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/column.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace timectl;
using namespace timectl::history;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double endless = std::numeric_limits<double>::infinity();

std::vector<double> read_again(const std::string& bytes, double per_unit, std::size_t count) {
  std::string_view rest{bytes};
  const auto column = take_column(rest);
  REQUIRE(column);
  CHECK(rest.empty());
  std::vector<double> values(count);
  REQUIRE(decode_column(*column, per_unit, values));
  return values;
}

void require_same(const std::vector<double>& written, double per_unit) {
  const auto read = read_again(encode_column(9, per_unit, written), per_unit, written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    INFO(written[i] << " became " << read[i]);
    if (std::isnan(written[i])) {
      REQUIRE(std::isnan(read[i]));
    } else {
      REQUIRE(read[i] == written[i]);
    }
  }
}

}  // namespace

TEST_CASE("a column says again what was put into it, whatever is missing or infinite") {
  require_same({0.001, 0.002, -0.003}, 1000);
  require_same({1, none, 3, endless}, 1);
  require_same({endless}, 1);
  require_same({-1}, 1);
  require_same({127, 128, -128, -129, 255, 256}, 1);
  require_same({4e18, -4e18, 0, none}, 1);
  require_same({-4e18, 4e18}, 1);
}

TEST_CASE("a column of any widths and signs says again what was put into it") {
  std::mt19937_64 random{20261121};
  for (int round = 0; round < 5000; ++round) {
    const auto width = random() % 62;
    std::vector<double> values(1 + random() % most_in_column);
    for (auto& value : values) {
      const auto steps = static_cast<std::int64_t>(random() % (std::uint64_t{1} << width));
      // What a double does not hold in full is no fault of the column.
      value = static_cast<double>(random() % 2 == 0 ? steps : -steps);
      if (random() % 20 == 0) value = random() % 2 == 0 ? none : endless;
    }
    values.back() = 1;
    require_same(values, 1);
  }
}

TEST_CASE("a value that never changes takes no room, and one that was never seen no column") {
  CHECK(encode_column(9, 1, std::vector<double>(30, 42)).size() == 5);
  CHECK(encode_column(9, 1, std::vector<double>(30, 0)).size() == 4);
  CHECK(encode_column(9, 1, std::vector<double>(30, none)).empty());
  CHECK(encode_column(9, 1, std::vector<double>(30, -endless)).empty());
}

TEST_CASE("a column is the same bytes on every machine and in every version") {
  // 3 bits each, 0 and 1 kept for what is missing and infinite: 2, 0, 5 in the lowest bits first.
  CHECK(encode_column(8, 10, std::vector<double>{-25.6, none, -25.3}) ==
        std::string("\x08\x02\x05\x03\x00\xff\x42\x01", 8));
}

TEST_CASE("a column of a kind to come, or of another length, fills nothing") {
  std::vector<double> values(30, 7);
  const std::string three_bits(12, '\0');
  for (const auto& [kind, width, content] :
       {std::tuple{3, 3, three_bits}, std::tuple{0, 3, three_bits}, std::tuple{1, 65, three_bits},
        std::tuple{1, 64, three_bits}, std::tuple{1, 3, three_bits.substr(1)},
        std::tuple{1, 3, three_bits + std::string(9, '\0')}}) {
    const auto bytes = static_cast<char>(width) + content;
    CHECK_FALSE(decode_column({9, static_cast<std::uint8_t>(kind), bytes}, 1, values));
  }
  CHECK_FALSE(decode_column({9, 1, {}}, 1, values));
  CHECK(values == std::vector<double>(30, 7));
}

TEST_CASE("columns end at a zero, and where one says that it is longer than what is there") {
  std::string_view rest{"\x09\x01\x01\x00\x00\x00", 6};
  CHECK(take_column(rest));
  CHECK_FALSE(take_column(rest));
  for (const auto* torn : {"", "\x09", "\x09\x01", "\x09\x01\x02x"}) {
    rest = torn;
    CHECK_FALSE(take_column(rest));
  }
}
