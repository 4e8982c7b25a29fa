// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/finding.hpp"

#include "support/catch.hpp"

#include <vector>

using namespace timectl;
using namespace timectl::probe;

TEST_CASE("the worst verdict counts, and not knowing is worse than a warning") {
  using V = Verdict;
  const auto worst_of = [](std::vector<V> verdicts) {
    std::vector<Finding> findings;
    for (const auto verdict : verdicts) findings.push_back({{}, verdict, "", {}, "", ""});
    return worst(findings);
  };
  CHECK(worst_of({}) == V::skipped);
  CHECK(worst_of({V::skipped, V::ok}) == V::ok);
  CHECK(worst_of({V::ok, V::pending}) == V::pending);
  CHECK(worst_of({V::warning, V::pending}) == V::warning);
  CHECK(worst_of({V::warning, V::unknown, V::ok}) == V::unknown);
  CHECK(worst_of({V::unknown, V::failed, V::warning}) == V::failed);
}
