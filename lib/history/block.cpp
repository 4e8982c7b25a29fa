// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/block.hpp"

#include "history/bytes.hpp"
#include "history/channels.hpp"
#include "history/column.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace timectl::history {

namespace {

constexpr std::string_view newest_magic = "TCH2";
constexpr std::size_t columns_at = 40;
constexpr std::size_t boot_at = 24;
constexpr std::uint8_t time_id = 1;
constexpr double longest_s = longest_block_s;
static_assert(most_in_block == most_in_column);

using Values = std::array<double, most_in_block>;

std::int64_t whole_second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

double seconds_after(const Sample& first, const Sample& sample) {
  return static_cast<double>(whole_second_of(sample.at) - whole_second_of(first.at));
}

std::string encode_columns(const std::vector<Sample>& samples, std::span<const Channel> list) {
  Values values{};
  const std::span used{values.data(), samples.size()};
  std::transform(samples.begin(), samples.end(), values.begin(),
                 [&](const Sample& each) { return seconds_after(samples.front(), each); });
  std::string columns = encode_column(time_id, 1, used);
  for (const auto& channel : list) {
    std::transform(samples.begin(), samples.end(), values.begin(), channel.get);
    columns += encode_column(channel.id, channel.per_unit, used);
  }
  return columns;
}

bool have_room(const std::vector<Sample>& samples, std::span<const Channel> list) {
  return columns_at + encode_columns(samples, list).size() <= block_size;
}

/// What stands before the columns, as far as it was understood.
struct Heading {
  std::int64_t first = 0;
  std::size_t count = 0;
  std::size_t columns = 0;
  BootId boot{};
};

std::optional<Heading> read_heading(std::string_view bytes) {
  Heading heading;
  heading.first = static_cast<std::int64_t>(get(bytes, 8, 8));
  heading.count = get(bytes, 16, 2);
  heading.columns = get(bytes, 18, 2);
  const auto boot = bytes.substr(boot_at, heading.boot.size());
  std::copy(boot.begin(), boot.end(), heading.boot.begin());
  const bool makes_sense = is_time(heading.first) && heading.count <= most_in_block &&
                           heading.columns >= columns_at && heading.columns <= block_size;
  return makes_sense ? std::optional{heading} : std::nullopt;
}

/// False when a time is none that can be in a block.
bool set_times(const Heading& heading, std::span<const double> after, std::span<Sample> samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!(after[i] >= 0 && after[i] <= longest_s)) return false;
    const auto second = heading.first + static_cast<std::int64_t>(after[i]);
    samples[i].at = WallTime{std::chrono::seconds{second}};
    samples[i].boot = heading.boot;
  }
  return true;
}

bool decode_columns(const Heading& heading, std::string_view columns, const ChannelSet& wanted,
                    std::span<const Channel> list, std::span<Sample> samples) {
  Values values;
  const std::span used{values.data(), samples.size()};
  bool has_times = samples.empty();
  while (const auto column = take_column(columns)) {
    const auto place = place_of_id(column->id, list);
    if (column->id == time_id) {
      has_times = decode_column(*column, 1, used) && set_times(heading, used, samples);
    } else if (place < list.size() && wanted[place]) {
      const auto& channel = list[place];
      if (decode_column(*column, channel.per_unit, used)) channel.set_all(samples, values.data());
    }
  }
  return has_times;
}

}  // namespace

bool fits(const std::vector<Sample>& block, const Sample& next, std::span<const Channel> list) {
  if (block.empty()) return true;
  if (block.size() == most_in_block || next.boot != block.front().boot) return false;
  if (next.at < block.back().at || seconds_after(block.front(), next) > longest_s) return false;
  auto samples = block;
  samples.push_back(next);
  return have_room(samples, list);
}

std::string encode_block(const std::vector<Sample>& samples, std::span<const Channel> list) {
  std::string bytes(columns_at, '\0');
  bytes.replace(0, newest_magic.size(), newest_magic);
  const auto first = samples.empty() ? 0 : whole_second_of(samples.front().at);
  put(bytes, 8, static_cast<std::uint64_t>(first), 8);
  put(bytes, 16, samples.size(), 2);
  put(bytes, 18, columns_at, 2);
  if (!samples.empty()) {
    const auto& boot = samples.front().boot;
    std::copy(boot.begin(), boot.end(), bytes.begin() + boot_at);
    bytes += encode_columns(samples, list);
  }
  bytes.resize(block_size, '\0');
  seal_block(bytes);
  return bytes;
}

bool decode_block(std::string_view bytes, std::vector<Sample>& all, const ChannelSet& wanted) {
  return decode_block(bytes, all, wanted, channels);
}

bool decode_block(std::string_view bytes, std::vector<Sample>& all, const ChannelSet& wanted,
                  std::span<const Channel> list) {
  if (!is_whole_block(bytes, newest_magic, block_size)) return false;
  const auto heading = read_heading(bytes);
  if (!heading) return false;
  const auto before = all.size();
  all.resize(before + heading->count);
  const std::span samples{all.data() + before, heading->count};
  if (decode_columns(*heading, bytes.substr(heading->columns), wanted, list, samples)) return true;
  all.resize(before);
  return false;
}

}  // namespace timectl::history
