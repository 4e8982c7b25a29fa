// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/ring.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "history/block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace timectl::history {

namespace {

using system::RootedPath;

const RootedPath latest_path{"/run/timectl/history"};
const RootedPath directory{"/var/lib/timectl/history"};
constexpr system::Ownership readable{0644, 0, 0};
constexpr std::size_t blocks_in_segment = 336;  // a week of half hours
constexpr std::size_t segment_size = blocks_in_segment * block_size;
constexpr std::size_t most_segments = 53;

void ensure_directory(system::FileStore& files, const RootedPath& path) {
  if (files.status(path)) return;
  ensure_directory(files, path.parent());
  files.make_directory(path, {0755, 0, 0});
}

void replace(system::FileStore& files, const RootedPath& path, const std::string& content) {
  ensure_directory(files, path.parent());
  files.stage(path, content, readable);
  files.swap_in(path);
}

/// The numbers of the segments there are, in order; files of other names are somebody else's.
std::vector<long long> segments(const system::FileReader& files) {
  std::vector<long long> numbers;
  for (const auto& name : files.list(directory)) {
    const auto number = to_integer(name);
    if (number && *number > 0 && fmt::format("{:08}", *number) == name) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

RootedPath path_of(long long segment) { return directory / fmt::format("{:08}", segment); }

/// nullopt when the disk does not give it, or it is larger than a segment is ever written.
std::optional<std::string> content_of(const system::FileReader& files, long long segment) {
  constexpr system::ReadLimit whole{segment_size, "a week of the history"};
  try {
    const auto file = files.read(path_of(segment), whole);
    return file ? file->content : std::string{};
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The oldest goes first: a disk may be full.
void begin_segment(system::FileStore& files, long long number, const std::string& block) {
  const auto numbers = segments(files);
  for (std::size_t i = 0; i + most_segments <= numbers.size(); ++i) {
    files.remove(path_of(numbers[i]));
  }
  replace(files, path_of(number), block);
  files.sync_directory(directory);
}

void append(system::FileStore& files, const std::string& block) {
  const auto numbers = segments(files);
  if (numbers.empty()) return begin_segment(files, 1, block);
  const auto content = content_of(files, numbers.back());
  if (!content) return begin_segment(files, numbers.back() + 1, block);
  // A torn end is written over.
  const auto whole = content->size() / block_size * block_size;
  if (whole >= segment_size) return begin_segment(files, numbers.back() + 1, block);
  // A tick that was killed after this writes the same block once more.
  if (whole >= block_size && content->compare(whole - block_size, block_size, block) == 0) return;
  files.write_in_place(path_of(numbers.back()), whole, block);
}

void add_segment(std::string_view content, std::vector<Sample>& all) {
  for (std::size_t at = 0; at + block_size <= content.size(); at += block_size) {
    decode_block(content.substr(at, block_size), all);
  }
}

/// Is its newest block older than `since`? Not known of a torn one.
bool is_before(std::string_view content, WallTime since) {
  const auto whole = content.size() / block_size * block_size;
  std::vector<Sample> newest;
  return whole >= block_size &&
         decode_block(content.substr(whole - block_size, block_size), newest) && !newest.empty() &&
         newest.back().at < since;
}

}  // namespace

bool remember(system::FileStore& files, const Sample& seen) {
  auto latest = recall_latest(files);
  const bool full = !fits(latest, seen);
  std::exception_ptr failure;
  try {
    if (full) append(files, encode_block(latest));
    if (full) latest.clear();
  } catch (const Error&) {
    // The disk may take it a minute later: the oldest make room until then.
    failure = std::current_exception();
    while (!fits(latest, seen)) latest.erase(latest.begin());
  }
  latest.push_back(seen);
  replace(files, latest_path, encode_block(latest));
  if (failure) std::rethrow_exception(failure);
  return full;
}

std::vector<Sample> recall_latest(const system::FileReader& files) {
  std::vector<Sample> latest;
  try {
    const auto file = files.read(latest_path, {block_size, "a block of the history"});
    if (file) decode_block(file->content, latest);
  } catch (const Error&) {
    latest.clear();  // as a torn one: reading never fails for what the files hold
  }
  return latest;
}

std::vector<Sample> recall(const system::FileReader& files, WallTime since) {
  const auto numbers = segments(files);
  // Backwards, until a segment has nothing that is new enough.
  std::vector<std::string> contents;
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    auto content = content_of(files, *number).value_or("");
    if (is_before(content, since)) break;
    contents.push_back(std::move(content));
  }
  std::vector<Sample> all;
  all.reserve((contents.size() * blocks_in_segment + 1) * most_in_block);
  for (auto content = contents.rbegin(); content != contents.rend(); ++content) {
    add_segment(*content, all);
  }
  const auto latest = recall_latest(files);
  all.insert(all.end(), latest.begin(), latest.end());
  std::erase_if(all, [&](const Sample& seen) { return seen.at < since; });
  return all;
}

}  // namespace timectl::history
