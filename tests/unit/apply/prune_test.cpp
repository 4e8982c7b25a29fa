// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using test::Host;

namespace {

std::vector<long long> numbers(const Host& host) {
  std::vector<long long> all;
  for (const auto& name : generation_names(host.files)) all.push_back(*generation_number(name));
  return all;
}

void commit_another(Host& host, int number) {
  host.target.files[1].content = std::to_string(number);
  REQUIRE(host.apply().kind == OutcomeKind::committed);
}

void fail_another(Host& host, int number) {
  host.target.files[1].content = std::to_string(number);
  REQUIRE(host.apply([] { return std::vector<std::string>{"no"}; }).kind == OutcomeKind::restored);
}

}  // namespace

TEST_CASE("ten generations are kept, and the one that holds the originals") {
  Host host;
  for (int i = 0; i < 14; ++i) commit_another(host, i);
  CHECK(numbers(host) == std::vector<long long>{1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
}

TEST_CASE("a generation that took over another file later is kept for that file's original") {
  Host host;
  for (int i = 0; i < 3; ++i) commit_another(host, i);
  host.files.put("/etc/issue", "the user's\n");
  host.want("/etc/issue", target::FileKind::owned, "ours\n");
  for (int i = 3; i < 20; ++i) commit_another(host, i);
  const auto kept = numbers(host);
  CHECK(std::count(kept.begin(), kept.end(), 1) == 1);
  CHECK(std::count(kept.begin(), kept.end(), 4) == 1);
  CHECK(kept.size() == 12);
}

TEST_CASE("attempts that were undone do not push out what can be gone back to") {
  Host host;
  commit_another(host, 1);
  commit_another(host, 2);
  for (int i = 3; i < 16; ++i) fail_another(host, i);
  CHECK(numbers(host).size() == 15);  // only a commit prunes
  commit_another(host, 20);
  const auto kept = numbers(host);
  CHECK(kept.size() == 13);
  CHECK(kept.front() == 1);
  CHECK(std::count(kept.begin(), kept.end(), 2) == 1);
}
