// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rehearse/record.hpp"

#include "base/error.hpp"
#include "probe/rows.hpp"
#include "rehearse/rows.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <limits>

using namespace timectl;
using probe::Finding;
using probe::Verdict;

namespace {

constexpr probe::FindingName others[] = {rehearse::row::ntp_allow, rehearse::row::units_config};
constexpr rehearse::Rehearsal rehearsals[] = {{.name = probe::row::ntp_reply, .also = others}};

std::vector<Finding> read(const std::string& text) { return rehearse::from_text(text, rehearsals); }

}  // namespace

TEST_CASE("a finding leaves the sandbox as it was, types of its evidence included", "[record]") {
  const Finding said{probe::row::ntp_reply,
                     Verdict::failed,
                     "summary",
                     {{"offset_s", -1.5e-8},
                      {"stratum", std::int64_t{10}},
                      {"whole_s", 1.0},
                      {"held", true},
                      {"reference_id", std::string{"7F7F0101"}}},
                     "cause",
                     "remedy"};
  const auto heard = read(rehearse::to_text({said}));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].probe == said.probe);
  CHECK(heard[0].verdict == said.verdict);
  CHECK(heard[0].summary == said.summary);
  CHECK(heard[0].evidence == said.evidence);
  CHECK(heard[0].cause == said.cause);
  CHECK(heard[0].remedy == said.remedy);
}

TEST_CASE("numbers that JSON has no word for become text", "[record]") {
  const Finding said{rehearse::row::ntp_allow,
                     Verdict::ok,
                     "",
                     {{"bound_s", std::numeric_limits<double>::infinity()}},
                     "",
                     ""};
  const auto heard = read(rehearse::to_text({said}));
  CHECK(std::get<std::string>(heard.at(0).evidence.at(0).second) == "inf");
}

TEST_CASE("bytes of a daemon that are not UTF-8 do not lose the finding", "[record]") {
  const auto heard = read(
      rehearse::to_text({{rehearse::row::units_config, Verdict::failed, "", {}, "a\xff z", ""}}));
  CHECK(heard.at(0).cause.starts_with("a"));
}

TEST_CASE("a name that no rehearsal prints is refused", "[record]") {
  auto text = rehearse::to_text({{rehearse::row::ntp_allow, Verdict::ok, "", {}, "", ""}});
  text.replace(text.find("ntp.allow"), 9, "ntp.alley");
  const auto error = test::error_of([&] { read(text); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::external);
  CHECK(std::string{error->what()}.find("'ntp.alley'") != std::string::npos);
}

TEST_CASE("anything else than findings is an error", "[record]") {
  for (const auto* text : {"", "{", "[1]", "[{\"probe\":1}]"}) {
    CHECK_THROWS_AS(read(text), Error);
  }
}
