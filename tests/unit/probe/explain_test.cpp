// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/explain.hpp"

#include "base/error.hpp"
#include "probe/probe.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::probe;

TEST_CASE("every probe is explained, in the order of the table, and nothing else is") {
  const auto& probes = all_probes();
  const auto explanations = all_explanations();
  REQUIRE(explanations.size() == probes.size());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    CHECK(explanations[i].probe == probes[i].name.text());
  }
}

TEST_CASE("an explanation says what is asked, why, and what the verdicts mean, in sentences") {
  for (const auto& each : all_explanations()) {
    INFO(each.probe);
    for (const auto* text : {&each.asks, &each.why, &each.ok, &each.unknown}) {
      REQUIRE_FALSE(text->empty());
      CHECK((text->back() == '.' || text->back() == '?'));
    }
    CHECK_FALSE((each.warning.empty() && each.failed.empty()));
    CHECK_FALSE(meaning_of(each, Verdict::skipped).empty());
    CHECK(&explain(std::string{each.probe}) == &each);
    CHECK(manual_of(std::string{each.probe}) == "timectl-probes(7), " + std::string{each.probe});
  }
}

TEST_CASE("a probe that does not exist is not explained, and what is no probe has no manual") {
  const auto error = test::error_of([] { explain("ntp.repyl"); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::usage);
  CHECK(error->hint() == "did you mean ntp.reply?");
  CHECK(manual_of("units.config").empty());
}
