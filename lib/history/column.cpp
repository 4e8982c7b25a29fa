// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/column.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace timectl::history {

namespace {

constexpr std::uint8_t whole_kind = 1;
constexpr std::uint8_t gaps_kind = 2;
constexpr std::uint64_t missing_code = 0;
constexpr std::uint64_t infinite_code = 1;
constexpr std::uint64_t least_code = 2;
constexpr std::size_t longest_least = 8;
constexpr std::size_t longest_content = 255;

/// nullopt for what is missing, infinite, or beyond what 62 bits count: nanoseconds of 146 years.
std::optional<std::int64_t> steps_of(double value, double per_unit) {
  constexpr double most = 4.6e18;
  const double steps = value * per_unit;
  if (!(std::abs(steps) < most)) return std::nullopt;
  return std::llround(steps);
}

bool is_infinite(double value) { return std::isinf(value) && value > 0; }

/// What the values of a column have in common.
struct Extent {
  std::optional<std::int64_t> least;
  std::int64_t most = 0;
  bool has_gaps = false;
  bool has_infinite = false;
};

Extent extent_of(double per_unit, std::span<const double> values) {
  Extent extent;
  for (const double value : values) {
    const auto steps = steps_of(value, per_unit);
    extent.has_gaps = extent.has_gaps || !steps;
    extent.has_infinite = extent.has_infinite || is_infinite(value);
    if (!steps) continue;
    extent.most = extent.least ? std::max(extent.most, *steps) : *steps;
    extent.least = std::min(extent.least.value_or(*steps), *steps);
  }
  return extent;
}

std::uint64_t distance(std::int64_t least, std::int64_t value) {
  return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(least);
}

std::uint64_t code_of(const Extent& extent, double value, double per_unit) {
  const auto steps = steps_of(value, per_unit);
  if (!steps) return is_infinite(value) ? infinite_code : missing_code;
  return distance(*extent.least, *steps) + (extent.has_gaps ? least_code : 0);
}

std::uint64_t largest_code(const Extent& extent) {
  if (!extent.least) return infinite_code;
  return distance(*extent.least, extent.most) + (extent.has_gaps ? least_code : 0);
}

/// In as few bytes as keep the sign; none for zero.
std::string signed_bytes(std::int64_t number) {
  std::string bytes;
  const bool is_negative = number < 0;
  for (auto left = number; left != (is_negative ? -1 : 0); left >>= 8) {
    bytes += static_cast<char>(left & 0xff);
  }
  const bool looks_negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
  if (looks_negative != is_negative) bytes += static_cast<char>(is_negative ? 0xff : 0);
  return bytes;
}

std::int64_t from_signed_bytes(std::string_view bytes) {
  std::uint64_t number = 0;
  if (!bytes.empty() && (bytes.back() & 0x80) != 0)
    number = std::numeric_limits<std::uint64_t>::max();
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    number = number << 8U | static_cast<unsigned char>(*byte);
  }
  return static_cast<std::int64_t>(number);
}

std::size_t bytes_of_bits(std::size_t bits) { return (bits + 7) / 8; }

void put_bits(std::string& bytes, std::size_t bit, std::uint64_t code, unsigned width) {
  for (unsigned i = 0; i < width; ++i, ++bit) {
    const auto one = static_cast<unsigned>(code >> i & 1U) << bit % 8;
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) | one);
  }
}

/// Packed values, with zeros behind them so that a value is one load wherever it ends.
class PackedValues {
 public:
  PackedValues(std::string_view bytes, unsigned width) : width_(width) {
    std::memcpy(bytes_.data(), bytes.data(), bytes.size());
    std::memset(bytes_.data() + bytes.size(), 0, slack);
  }

  std::uint64_t at(std::size_t index) const {
    const auto bit = index * width_;
    const auto shift = bit % 8;
    auto code = eight_bytes(bit / 8) >> shift;
    // Eight bytes are one too few for a wide value that begins within a byte.
    if (shift + width_ > 64) code |= std::uint64_t{bytes_[bit / 8 + 8]} << (64 - shift);
    return width_ == 64 ? code : code & ((std::uint64_t{1} << width_) - 1);
  }

 private:
  std::uint64_t eight_bytes(std::size_t at) const {
    std::uint64_t number = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&number, bytes_.data() + at, sizeof number);  // one load
    } else {
      for (std::size_t i = 8; i-- > 0;) number = number << 8U | bytes_[at + i];
    }
    return number;
  }

  static constexpr std::size_t slack = 16;
  // Not initialized: it is made 300,000 times for a year.
  std::array<std::uint8_t, longest_content + slack> bytes_;
  unsigned width_;
};

double value_of(std::uint64_t code, std::int64_t least, double per_unit) {
  const auto steps = static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + code);
  return static_cast<double>(steps) / per_unit;
}

double value_of_gaps(std::uint64_t code, std::int64_t least, double per_unit) {
  if (code == missing_code) return std::numeric_limits<double>::quiet_NaN();
  if (code == infinite_code) return std::numeric_limits<double>::infinity();
  return value_of(code - least_code, least, per_unit);
}

}  // namespace

std::string encode_column(std::uint8_t id, double per_unit, std::span<const double> values) {
  const auto extent = extent_of(per_unit, values);
  if (!extent.least && !extent.has_infinite) return {};
  const auto width = static_cast<unsigned>(std::bit_width(largest_code(extent)));
  const auto least = signed_bytes(extent.least.value_or(0));
  std::string packed(bytes_of_bits(values.size() * width), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    put_bits(packed, i * width, code_of(extent, values[i], per_unit), width);
  }
  std::string column;
  column += static_cast<char>(id);
  column += static_cast<char>(extent.has_gaps ? gaps_kind : whole_kind);
  column += static_cast<char>(1 + least.size() + packed.size());
  column += static_cast<char>(width);
  return column + least + packed;
}

std::optional<Column> take_column(std::string_view& rest) {
  constexpr std::size_t heading = 3;
  if (rest.size() < heading || rest[0] == 0) return std::nullopt;
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(rest[2]));
  if (rest.size() < heading + length) return std::nullopt;
  const Column column{static_cast<std::uint8_t>(rest[0]), static_cast<std::uint8_t>(rest[1]),
                      rest.substr(heading, length)};
  rest.remove_prefix(heading + length);
  return column;
}

bool decode_column(const Column& column, double per_unit, std::span<double> values) {
  const bool has_gaps = column.kind == gaps_kind;
  if ((column.kind != whole_kind && !has_gaps) || column.content.empty()) return false;
  const unsigned width = static_cast<unsigned char>(column.content[0]);
  const auto packed_size = bytes_of_bits(values.size() * width);
  if (width > 64 || 1 + packed_size > column.content.size()) return false;
  const auto least_size = column.content.size() - 1 - packed_size;
  if (least_size > longest_least) return false;
  const auto least = from_signed_bytes(column.content.substr(1, least_size));
  const PackedValues packed{column.content.substr(1 + least_size), width};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = has_gaps ? value_of_gaps(packed.at(i), least, per_unit)
                         : value_of(packed.at(i), least, per_unit);
  }
  return true;
}

}  // namespace timectl::history
