// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/ring.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "history/block.hpp"
#include "history/bytes.hpp"
#include "history/old_block.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
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
constexpr std::size_t most_segments = 53;

/// Segments of two kinds lie side by side. The names of one are none to versions that write the
/// other: they neither read it, nor add to it, nor remove it.
struct Format {
  const char* suffix;
  std::size_t block;
  bool (*decode)(std::string_view bytes, std::vector<Sample>& all, const ChannelSet& wanted);

  std::size_t segment() const { return blocks_in_segment * block; }
};
constexpr Format newest{".tch2", block_size, decode_block};
constexpr Format oldest{"", old_block_size, decode_old_block};

void replace(system::FileStore& files, const RootedPath& path, const std::string& content) {
  system::ensure_directory(files, path.parent());
  files.stage(path, content, readable);
  files.swap_in(path);
}

/// The numbers of the segments there are, in order; files of other names are not timectl's.
std::vector<long long> segments(const system::FileReader& files, const Format& format) {
  std::vector<long long> numbers;
  for (const auto& name : files.list(directory)) {
    const auto number = to_integer(name.substr(0, name.find('.')));
    if (!number || *number <= 0) continue;
    if (fmt::format("{:08}{}", *number, format.suffix) == name) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

RootedPath path_of(long long segment, const Format& format) {
  return directory / fmt::format("{:08}{}", segment, format.suffix);
}

/// nullopt when the disk does not give it, or it is larger than a segment is ever written.
std::optional<std::string> content_of(const system::FileReader& files, long long segment,
                                      const Format& format) {
  const system::ReadLimit whole{format.segment(), "a week of the history"};
  try {
    const auto file = files.read(path_of(segment, format), whole);
    return file ? file->content : std::string{};
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The oldest go first: a disk may be full. What an older version wrote counts among them, so that
/// there is a year of both together.
void make_room(system::FileStore& files) {
  std::vector<RootedPath> paths;
  for (const auto* format : {&oldest, &newest}) {
    for (const auto number : segments(files, *format)) paths.push_back(path_of(number, *format));
  }
  for (std::size_t i = 0; i + most_segments <= paths.size(); ++i) files.remove(paths[i]);
}

void begin_segment(system::FileStore& files, long long number, const std::string& block) {
  make_room(files);
  replace(files, path_of(number, newest), block);
  files.sync_directory(directory);
}

void append(system::FileStore& files, const std::string& block) {
  const auto numbers = segments(files, newest);
  if (numbers.empty()) return begin_segment(files, 1, block);
  const auto content = content_of(files, numbers.back(), newest);
  if (!content) return begin_segment(files, numbers.back() + 1, block);
  // A torn end is written over.
  const auto whole = content->size() / block_size * block_size;
  if (whole >= newest.segment()) return begin_segment(files, numbers.back() + 1, block);
  // A tick that was killed after this writes the same block once more.
  if (whole >= block_size && content->compare(whole - block_size, block_size, block) == 0) return;
  files.write_in_place(path_of(numbers.back(), newest), whole, block);
}

/// Is its newest block older than `since`? Not known of a torn one.
bool is_before(std::string_view content, const Format& format, WallTime since) {
  const auto whole = content.size() / format.block * format.block;
  std::vector<Sample> last;
  return whole >= format.block &&
         format.decode(content.substr(whole - format.block, format.block), last, {}) &&
         !last.empty() && last.back().at < since;
}

/// All of its samples are older than `since`, by the second of the first (bytes 8 to 15 of every
/// format) and the longest span of a block: nothing of it need be decoded.
bool is_long_past(std::string_view block, WallTime since) {
  const auto first = static_cast<std::int64_t>(get(block, 8, 8));
  const auto second = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch().count();
  return first < second - longest_block_s;
}

/// Reads the blocks of one format one by one, from a segment that may have something since a time.
class Blocks {
 public:
  Blocks(const system::FileReader& files, const Format& format, WallTime since,
         const ChannelSet& wanted)
      : format_(&format), wanted_(wanted), since_(since) {
    const auto numbers = segments(files, format);
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
      auto content = content_of(files, *number, format).value_or("");
      if (is_before(content, format, since)) break;
      contents_.push_back(std::move(content));
    }
    next();
  }

  /// Those of one block; none when all were read.
  const std::vector<Sample>& samples() const { return samples_; }

  /// Leaves out what is torn.
  void next() {
    samples_.clear();
    while (samples_.empty() && !contents_.empty()) {
      const std::string_view content{contents_.back()};
      if (at_ + format_->block > content.size()) {
        contents_.pop_back();
        at_ = 0;
        continue;
      }
      const auto block = content.substr(at_, format_->block);
      if (!is_long_past(block, since_)) format_->decode(block, samples_, wanted_);
      at_ += format_->block;
    }
  }

 private:
  const Format* format_;
  ChannelSet wanted_;
  WallTime since_;
  std::vector<std::string> contents_;  ///< of segments, the newest first
  std::size_t at_ = 0;
  std::vector<Sample> samples_;
};

/// Which of them has the earlier block? A host that went back to an older version for a while has
/// both from the same days.
Blocks& earlier_of(Blocks& old, Blocks& recent) {
  if (old.samples().empty()) return recent;
  if (recent.samples().empty()) return old;
  return old.samples().front().at <= recent.samples().front().at ? old : recent;
}

/// /run is empty after a boot: what an older version left there, without an id, is of this one.
std::vector<Sample> latest_of_boot(const system::FileReader& files, const BootId& boot) {
  auto latest = read_latest(files);
  for (auto& each : latest) {
    if (each.boot == BootId{}) each.boot = boot;
  }
  return latest;
}

}  // namespace

bool begins_block(const system::FileReader& files, const Sample& seen) {
  const auto latest = latest_of_boot(files, seen.boot);
  return latest.empty() || !fits(latest, seen);
}

bool add_sample(system::FileStore& files, const Sample& seen) {
  auto latest = latest_of_boot(files, seen.boot);
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

std::vector<Sample> read_latest(const system::FileReader& files) {
  std::vector<Sample> latest;
  try {
    const auto file = files.read(latest_path, {block_size, "a block of the history"});
    if (file && !decode_block(file->content, latest)) decode_old_block(file->content, latest);
  } catch (const Error&) {
    latest.clear();  // as a torn one: reading never fails for what the files hold
  }
  return latest;
}

void visit_samples(const system::FileReader& files, WallTime since, const ChannelSet& wanted,
                   const std::function<void(const Sample&)>& visit) {
  const auto visit_all = [&](const std::vector<Sample>& samples) {
    for (const auto& sample : samples) {
      if (sample.at >= since) visit(sample);
    }
  };
  Blocks old{files, oldest, since, wanted};
  Blocks recent{files, newest, since, wanted};
  for (;;) {
    auto& next = earlier_of(old, recent);
    if (next.samples().empty()) break;
    visit_all(next.samples());
    next.next();
  }
  visit_all(read_latest(files));
}

std::vector<Sample> read_samples(const system::FileReader& files, WallTime since) {
  std::vector<Sample> all;
  visit_samples(files, since, all_channels, [&](const Sample& sample) { all.push_back(sample); });
  return all;
}

}  // namespace timectl::history
