// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/refclocks.hpp"

#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::gps;

namespace {

const std::string pulse = "refclock PPS /dev/pps0 refid PPS lock NMEA poll 3 prefer";

Situation ready() {
  return {
      .offset = Seconds{0.1204}, .wants_pulse = true, .has_pulse = true, .has_other_sources = true};
}

bool is_selectable(const Refclocks& refclocks) {
  return !refclocks.lines.at(0).ends_with(" noselect");
}

}  // namespace

TEST_CASE("a pulse with a known offset leads, and the sentences only name its second") {
  const auto refclocks = refclocks_for(ready());
  CHECK(refclocks.lines ==
        std::vector<std::string>{
            "refclock SHM 0 refid NMEA offset 0.1204 delay 0.2 precision 1e-3 poll 3 noselect",
            pulse});
  CHECK(refclocks.why_no_pulse.empty());
}

TEST_CASE("without its device, an offset or a wish there is no pulse, and why is said") {
  auto missing = ready();
  missing.has_pulse = false;
  auto unknown = ready();
  unknown.offset.reset();
  unknown.estimate = Seconds{0.12};
  auto unwanted = ready();
  unwanted.wants_pulse = false;
  for (const auto& now : {missing, unknown, unwanted}) CHECK(refclocks_for(now).lines.size() == 1);
  CHECK(refclocks_for(missing).why_no_pulse == "there is no /dev/pps0");
  CHECK(refclocks_for(unknown).why_no_pulse == "the receiver is not calibrated");
  CHECK(refclocks_for(unwanted).why_no_pulse.empty());
}

TEST_CASE("sentences are a source of their own where they are the best that there is") {
  auto now = ready();
  now.has_pulse = false;
  CHECK(is_selectable(refclocks_for(now)));
  now.offset.reset();
  CHECK_FALSE(is_selectable(refclocks_for(now)));
  now.has_other_sources = false;
  CHECK(is_selectable(refclocks_for(now)));
  CHECK(refclocks_for(now).lines.at(0) ==
        "refclock SHM 0 refid NMEA offset 0 delay 1 precision 1e-3 poll 3");
}
