// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/ring.hpp"

#include "history/block.hpp"
#include "new_year.hpp"
#include "old_blocks.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <random>

using namespace timectl;
using namespace timectl::history;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

const std::string first_segment = "/var/lib/timectl/history/00000001.tch2";
const std::string old_segment = "/var/lib/timectl/history/00000001";

Sample at_minute(int minute) {
  Sample seen;
  seen.at = start + std::chrono::minutes{minute};
  seen.bound_s = 0.01;
  return seen;
}

FakeFiles after_minutes(int count) {
  FakeFiles files;
  for (int minute = 0; minute < count; ++minute) add_sample(files, at_minute(minute));
  return files;
}

}  // namespace

TEST_CASE("each minute is remembered, in order, and the disk is written twice an hour") {
  FakeFiles files;
  int written = 0;
  for (int minute = 0; minute < 600; ++minute)
    written += add_sample(files, at_minute(minute)) ? 1 : 0;
  CHECK(written == 19);
  const auto all = read_samples(files, start);
  REQUIRE(all.size() == 600);
  for (int minute = 0; minute < 600; ++minute) {
    REQUIRE(all[static_cast<std::size_t>(minute)].at == start + std::chrono::minutes{minute});
  }
  CHECK(read_samples(files, start + 590min).size() == 10);
}

TEST_CASE("files that are larger than the history ever writes are passed over") {
  auto files = after_minutes(100);
  const auto segment = files.at(first_segment);
  files.put(first_segment, segment + std::string(1U << 20, '\0'));
  files.put("/run/timectl/history", std::string(1U << 20, '\0'));
  CHECK(read_samples(files, start).empty());
  add_sample(files, at_minute(100));
  CHECK(read_samples(files, start).size() == 1);
}

TEST_CASE("a power cut loses the last half hour at most") {
  auto files = after_minutes(100);
  files.remove(system::RootedPath{"/run/timectl/history"});
  CHECK(read_samples(files, start).size() == 90);
}

TEST_CASE("a block that the power cut tore is left out, and written over by the next") {
  auto files = after_minutes(95);
  const auto whole = files.at(first_segment);
  files.put(first_segment, whole + whole.substr(0, 100));
  CHECK(read_samples(files, start).size() == 95);
  for (int minute = 95; minute < 125; ++minute) add_sample(files, at_minute(minute));
  CHECK(read_samples(files, start).size() == 125);
  CHECK(files.at(first_segment).size() % block_size == 0);
}

TEST_CASE("a tick that was killed after the disk was written writes the block once") {
  FakeFiles files = after_minutes(30);
  const auto latest = files.at("/run/timectl/history");
  add_sample(files, at_minute(30));
  files.put("/run/timectl/history", latest);  // as if killed before it began the next block
  add_sample(files, at_minute(30));
  CHECK(read_samples(files, start).size() == 31);
}

TEST_CASE("more than a year stays within its size, and the oldest goes") {
  FakeFiles files;
  // A whole segment at once: nothing is learned from each of half a million minutes.
  std::vector<Sample> block;
  for (int minute = 0; minute < 30; ++minute) block.push_back(at_minute(minute));
  std::string segment;
  for (int i = 0; i < 336; ++i) segment += encode_block(block);
  for (int number = 1; number <= 53; ++number) {
    files.put("/var/lib/timectl/history/" + std::string(number < 10 ? "0000000" : "000000") +
                  std::to_string(number) + ".tch2",
              segment);
  }
  for (int minute = 0; minute < 31; ++minute) add_sample(files, at_minute(minute));
  const auto names = files.list(system::RootedPath{"/var/lib/timectl/history"});
  CHECK(names.size() == 53);
  CHECK(names.front() == "00000002.tch2");
  CHECK(names.back() == "00000054.tch2");
}

TEST_CASE("whatever bytes the files have, reading them is no error and no crash") {
  std::mt19937 random{20261121};
  const auto whole = after_minutes(400).at(first_segment);
  for (int round = 0; round < 500; ++round) {
    FakeFiles files;
    auto bytes = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned i = 0; i < random() % 40 && !bytes.empty(); ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    files.put(first_segment, bytes);
    files.put("/var/lib/timectl/history/00000002.tch2", std::string(random() % 2000, 'x'));
    files.put("/var/lib/timectl/history/somebody-else's", "x");
    files.put("/run/timectl/history", bytes.substr(0, random() % 600));
    for (const auto& seen : read_samples(files, start)) REQUIRE(seen.at >= start);
    CHECK_NOTHROW(add_sample(files, at_minute(500)));
  }
}

TEST_CASE("while the disk takes nothing the last half hour is remembered all the same") {
  auto files = after_minutes(60);
  for (int minute = 60; minute < 65; ++minute) {
    files.fail_on_write(1);
    CHECK_THROWS(add_sample(files, at_minute(minute)));
    CHECK(read_latest(files).back().at == at_minute(minute).at);
    CHECK(read_latest(files).front().at == at_minute(minute - 29).at);
  }
}

TEST_CASE("a segment that the disk does not give is left out, and the next begins") {
  auto files = after_minutes(60);
  files.forbid_reading(first_segment);
  CHECK(read_samples(files, start).size() == 30);
  for (int minute = 60; minute < 95; ++minute) add_sample(files, at_minute(minute));
  CHECK(files.has("/var/lib/timectl/history/00000002.tch2"));
  CHECK(read_samples(files, start).size() == 65);
}

TEST_CASE("a full disk loses the block and nothing else") {
  auto files = after_minutes(60);
  files.fail_on_write(1);
  CHECK_THROWS(add_sample(files, at_minute(60)));
  add_sample(files, at_minute(61));
  CHECK(read_samples(files, start).size() == 61);
}

namespace {

std::vector<Sample> minutes(int first, int count) {
  std::vector<Sample> all;
  for (int minute = first; minute < first + count; ++minute) all.push_back(at_minute(minute));
  return all;
}

/// As a version before 0.2.0 left it: an hour on the disk, ten minutes that are not.
FakeFiles of_an_older_version() {
  FakeFiles files;
  files.put(old_segment, old_block(minutes(0, 30)) + old_block(minutes(30, 30)));
  files.put("/run/timectl/history", old_block(minutes(60, 10)));
  return files;
}

}  // namespace

TEST_CASE("after an upgrade everything that the older version saw is there, on disk and in /run") {
  auto files = of_an_older_version();
  CHECK(read_samples(files, start).size() == 70);
  for (int minute = 70; minute < 100; ++minute) {
    auto seen = at_minute(minute);
    seen.boot = parse_boot_id("0102030405060708090a0b0c0d0e0f10");
    add_sample(files, seen);
  }
  const auto all = read_samples(files, start);
  REQUIRE(all.size() == 100);
  for (int minute = 0; minute < 100; ++minute) {
    REQUIRE(all[static_cast<std::size_t>(minute)].at == start + std::chrono::minutes{minute});
  }
  CHECK(all[0].bound_s == Approx(0.01));
  CHECK(all[59].boot == BootId{});
  // /run is empty after a boot.
  CHECK(all[60].boot == all[99].boot);
}

TEST_CASE("what an older version wrote stays as it is, for that version to go on with") {
  auto files = of_an_older_version();
  const auto before = files.at(old_segment);
  for (int minute = 70; minute < 200; ++minute) add_sample(files, at_minute(minute));
  CHECK(files.at(old_segment) == before);
  CHECK(files.at(first_segment).size() % 1024 == 0);
}

TEST_CASE("a host that went back to an older version for an hour has all of it in order") {
  auto files = of_an_older_version();
  for (int minute = 70; minute < 120; ++minute) add_sample(files, at_minute(minute));
  files.put(old_segment, files.at(old_segment) + old_block(minutes(120, 30)));
  files.put("/run/timectl/history", old_block(minutes(150, 20)));
  for (int minute = 170; minute < 240; ++minute) add_sample(files, at_minute(minute));
  const auto all = read_samples(files, start);
  // The older version cannot read what was in /run.
  REQUIRE(all.size() == 210);
  for (std::size_t i = 1; i < all.size(); ++i) REQUIRE(all[i - 1].at < all[i].at);
}

TEST_CASE(
    "old segments count in the year: the first week of this version takes the oldest's place") {
  FakeFiles files;
  for (int number = 10; number < 63; ++number) {
    files.put("/var/lib/timectl/history/000000" + std::to_string(number),
              old_block(minutes(number, 30)));
  }
  for (int minute = 1000; minute < 1031; ++minute) add_sample(files, at_minute(minute));
  const auto names = files.list(system::RootedPath{"/var/lib/timectl/history"});
  CHECK(names.size() == 53);
  CHECK(names.front() == "00000001.tch2");
  CHECK(names[1] == "00000011");
}

TEST_CASE("a year of minutes is less than 25 MB on the disk") {
  constexpr std::size_t half_hours = 366 * 48;
  CHECK(half_hours * block_size < 25'000'000);
  const auto files = after_minutes(181);
  CHECK(files.at(first_segment).size() == 6 * block_size);
}
