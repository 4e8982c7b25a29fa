// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/channels.hpp"

#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <string>

using namespace timectl;
using namespace timectl::history;

TEST_CASE("each channel of the history has a value of its own in a sample") {
  Sample sample;
  for (const auto& channel : channels) channel.set(sample, channel.id == 3 ? 1 : channel.id - 2);
  std::set<std::string> names;
  for (const auto& channel : channels) {
    INFO(channel.name);
    // There are six states and two answers to whether power is saved; the rest are numbers.
    CHECK(channel.get(sample) == (channel.id == 3 ? 1 : channel.id - 2));
    CHECK(names.insert(channel.name).second);
    CHECK(place_of(channel.name) == static_cast<std::size_t>(&channel - channels.data()));
    CHECK(place_of_id(channel.id) == place_of(channel.name));
  }
  CHECK(place_of_id(0) == channels.size());
  CHECK(place_of_id(255) == channels.size());
  CHECK(place_of("no such channel") == channels.size());
}

TEST_CASE("the ids of channels are those that blocks on disks have") {
  // Written on hosts: a row may be added, and no id may ever change.
  CHECK(channels[place_of("state")].id == 2);
  CHECK(channels[place_of("bound_s")].id == 4);
  CHECK(channels[place_of("rtc_ahead_s")].id == 6);
  CHECK(channels[place_of("since_boot_s")].id == 7);
  CHECK(channels[place_of("requests_dropped")].id == 14);
  CHECK(channels[place_of("soc_temperature_c")].id == 17);
}

TEST_CASE("a state that this version does not know is not taken for a good one") {
  Sample sample;
  const auto& state = channels[place_of("state")];
  for (const double unknown : {6.0, -1.0, 1e300, nothing}) {
    sample.state = quality::State::traceable;
    state.set(sample, unknown);
    CHECK(sample.state == quality::State::unsynchronized);
  }
}

TEST_CASE("a value is said as a word, a number, or not at all") {
  Sample sample;
  sample.state = quality::State::island;
  sample.offset_s = -0.000012345;
  sample.bound_s = std::numeric_limits<double>::infinity();
  CHECK(text_of(channels[place_of("state")], sample) == "island");
  CHECK(text_of(channels[place_of("offset_s")], sample) == "-1.2345e-05");
  CHECK(text_of(channels[place_of("bound_s")], sample) == "inf");
  CHECK(text_of(channels[place_of("reach")], sample).empty());
}

TEST_CASE("a boot's id is read as the kernel and as journalctl write it, and no other text is") {
  const std::string plain = "0123456789abcdef0123456789abcdef";
  CHECK(to_string(parse_boot_id(plain)) == plain);
  CHECK(to_string(parse_boot_id("01234567-89ab-cdef-0123-456789abcdef")) == plain);
  for (const auto* wrong : {"", "0123", "0123456789abcdef0123456789abcdef0", "x123456789abcdef"}) {
    CHECK(parse_boot_id(wrong) == BootId{});
  }
  CHECK(to_string(BootId{}).empty());
}
