// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/drawing.hpp"

#include "new_year.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace timectl;
using namespace timectl::history;
using namespace std::chrono_literals;
using test::start;

namespace {

std::vector<Sample> half_a_day() {
  std::vector<Sample> all;
  for (int minute = 0; minute < 720; ++minute) {
    Sample seen;
    seen.at = start + std::chrono::minutes{minute};
    seen.state = minute < 600 ? quality::State::traceable : quality::State::wrong;
    seen.saving = minute < 600;
    seen.bound_s = minute < 600 ? 0.01 : std::numeric_limits<double>::infinity();
    seen.offset_s = minute % 2 == 0 ? 0.001 : -0.001;
    all.push_back(seen);
  }
  return all;
}

/// Nothing is seen in its second half.
Summary a_day() { return summarize(half_a_day(), start, start + 24h, 24); }

double value_of(const Slot& slot, const char* channel) { return slot.values.at(place_of(channel)); }

}  // namespace

TEST_CASE("a slot has the worst state, the largest bound and the mean of what it saw") {
  const auto summary = a_day();
  REQUIRE(summary.slots.size() == 24);
  const auto& good = summary.slots[0];
  CHECK(good.seen == 60);
  CHECK(good.worst == quality::State::traceable);
  CHECK(value_of(good, "saving") == Approx(1.0));
  CHECK(value_of(good, "offset_s") == Approx(0.0).margin(1e-12));
  CHECK(good.most_offset_s == Approx(0.001));
  CHECK(std::isnan(value_of(good, "rtc_ahead_s")));
  CHECK(summary.slots[11].worst == quality::State::wrong);
  CHECK(std::isinf(value_of(summary.slots[11], "bound_s")));
  CHECK(summary.slots[12].seen == 0);
}

TEST_CASE("each channel is summed up as it says: mean, largest, least or latest") {
  std::vector<Sample> all;
  for (const double number : {3.0, 1.0, nothing, 2.0}) {
    Sample seen;
    seen.at = start + std::chrono::minutes{all.size()};
    seen.boot = parse_boot_id("0102030405060708090a0b0c0d0e0f10");
    for (const auto& channel : channels) {
      if (channel.id > 3) channel.set(seen, number);
    }
    all.push_back(seen);
  }
  const auto slot = summarize(all, start, start + 1h, 1).slots[0];
  CHECK(value_of(slot, "frequency_ppm") == 2);
  CHECK(value_of(slot, "skew_ppm") == 3);
  CHECK(value_of(slot, "selectable_sources") == 1);
  CHECK(value_of(slot, "requests") == 2);
  CHECK(slot.boot == all[0].boot);
  all.resize(3);
  CHECK(value_of(summarize(all, start, start + 1h, 1).slots[0], "requests") == 1);
}

TEST_CASE("what is drawn needs no other channels than it says") {
  Summarizer summarizer{start, start + 24h, 24, drawn_channels()};
  for (const auto& seen : half_a_day()) summarizer.add(seen);
  CHECK(table(summarizer.summary()) == table(a_day()));
  CHECK(svg(summarizer.summary(), "x") == svg(a_day(), "x"));
  CHECK(std::isnan(value_of(summarizer.summary().slots[0], "frequency_ppm")));
}

TEST_CASE("a sample from before the one that came last is put where it belongs") {
  Summarizer summarizer{start, start + 4h, 4};
  for (const int hour : {3, 0, 2, 2, 1, 4}) {
    Sample seen;
    seen.at = start + std::chrono::hours{hour};
    summarizer.add(seen);
  }
  const auto slots = summarizer.summary().slots;
  CHECK(slots[0].seen == 1);
  CHECK(slots[1].seen == 1);
  CHECK(slots[2].seen == 2);
  CHECK(slots[3].seen == 2);
}

TEST_CASE("the table has a line for each slot in which something was seen") {
  const auto lines = table(a_day());
  REQUIRE(lines.size() == 13);
  CHECK(lines[1] == "2026-01-01T00:00:00Z  traceable        100%      10 ms        0 s          -");
  CHECK(lines[12].find("wrong") != std::string::npos);
  CHECK(lines[12].find("unknown") != std::string::npos);
}

TEST_CASE("the plot has a letter for each slot") {
  const auto lines = plot(a_day());
  CHECK(lines[0] == "state     TTTTTTTTTTWW            ");
  CHECK(lines[1].find("??") != std::string::npos);
}

TEST_CASE("the legend below the plot was wider than a page") {
  const auto lines = plot(a_day());
  for (auto legend = lines.end() - 2; legend != lines.end(); ++legend) {
    CHECK(legend->size() <= 80);
  }
}

TEST_CASE("a title cannot break out of the drawing") {
  const auto drawn = svg(a_day(), "<script>&\"");
  CHECK(drawn.find("<script>") == std::string::npos);
  CHECK(drawn.find("&lt;script&gt;&amp;&quot;") != std::string::npos);
  CHECK(html(a_day(), "<b>").find("<b>") == std::string::npos);
}

TEST_CASE("nothing seen is drawn too") {
  const auto none = summarize({}, start, start + 1h, 10);
  CHECK(table(none).size() == 1);
  CHECK(svg(none, "x").find("nothing seen") != std::string::npos);
  CHECK(plot(none).size() == 3);
  CHECK(summarize({}, start, start, 0).slots.empty());
}
