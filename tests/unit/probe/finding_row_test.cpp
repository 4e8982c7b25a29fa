// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/finding_row.hpp"

#include "features/feature.hpp"
#include "probe/finding.hpp"
#include "probe/probe.hpp"
#include "probe/rows.hpp"
#include "support/catch.hpp"

#include <string>
#include <type_traits>
#include <vector>

using namespace timectl;
using namespace timectl::probe;

TEST_CASE("nothing but a row makes a finding's name") {
  static_assert(std::is_constructible_v<FindingName, const FindingRow&>);
  static_assert(!std::is_constructible_v<FindingName, const char*>);
  static_assert(!std::is_constructible_v<FindingName, std::string>);
  static_assert(!std::is_constructible_v<FindingName, FindingRow>);  // gone before it is read
}

TEST_CASE("a finding is called what its row says, and has no name before that") {
  const FindingName name{row::ntp_reply};
  CHECK(name.text() == "ntp.reply");
  CHECK(&name.row() == &row::ntp_reply);
  CHECK(name == FindingName{row::ntp_reply});
  CHECK(name != FindingName{row::ntp_port});
  CHECK(FindingName{}.text().empty());
  CHECK_FALSE(answers_for_change(FindingName{}));
}

TEST_CASE("each verdict has the words of its row, and what is skipped needs none") {
  constexpr FindingRow row{
      .name = "a.b", .ok = "O.", .warning = "W.", .failed = "F.", .unknown = "U."};
  CHECK(meaning_of(row, Verdict::ok) == "O.");
  CHECK(meaning_of(row, Verdict::warning) == "W.");
  CHECK(meaning_of(row, Verdict::failed) == "F.");
  CHECK(meaning_of(row, Verdict::unknown) == "U.");
  CHECK_FALSE(meaning_of(row, Verdict::skipped).empty());
}

TEST_CASE("only what a change of configuration answers for may roll it back") {
  std::vector<std::string> names;
  for (const auto& probe : features::probes()) {
    if (answers_for_change(probe.name)) names.emplace_back(probe.name.text());
  }
  CHECK(names == std::vector<std::string>{"chrony.config", "ntp.port", "dnsmasq.config",
                                          "network.address", "owners", "files.drift"});
}
