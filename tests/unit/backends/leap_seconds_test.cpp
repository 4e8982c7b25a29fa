// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time/leap_seconds.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::backends;
using test::FakeFiles;

namespace {

WallTime utc(const char* text) { return parse_utc(text).value(); }

/// As tzdata 2026 ships it, shortened.
const std::string table_text =
    "#\tATOMIC TIME\n"
    "#$\t3960921600\n"
    "#@\t4007404800\n"
    "3439756800      34      # 1 Jan 2009\n"
    "3550089600      35      # 1 Jul 2012\n"
    "3644697600      36      # 1 Jul 2015\n"
    "3692217600\t37\t# 1 Jan 2017\n"
    "#h\t16edd0f0 3666784f 37db6bdd e74ced87 59af48f1\n";

}  // namespace

TEST_CASE("a table says until when it holds and what TAI - UTC is") {
  const auto table = LeapTable::parse(table_text);
  REQUIRE(table);
  CHECK(format_utc(table->expires()) == "2026-12-28T00:00:00Z");
  CHECK(table->tai_minus_utc(utc("2016-12-31T23:59:59Z")) == 36);
  CHECK(table->tai_minus_utc(utc("2017-01-01T00:00:00Z")) == 37);
  CHECK_FALSE(table->next(utc("2026-11-30T00:00:00Z")));
}

TEST_CASE("the next leap second is the one behind a time, inserted or left out") {
  const auto table = LeapTable::parse(table_text + "3991593600 36 # 28 Jun 2026\n");
  REQUIRE(table);
  const auto first = table->next(utc("2016-12-31T23:59:59Z"));
  REQUIRE(first);
  CHECK(first->inserted == 1);
  CHECK(first->after == utc("2017-01-01T00:00:00Z"));
  const auto second = table->next(utc("2017-01-01T00:00:00Z"));
  REQUIRE(second);
  CHECK(second->inserted == -1);
}

TEST_CASE("what chronyd would refuse is no table") {
  CHECK_FALSE(LeapTable::parse(""));
  for (const std::string left_out : {"#$", "#@", "3439756800", "3550089600"}) {
    INFO(left_out);
    auto text = table_text;
    const auto from = text.find(left_out);
    text.erase(from, text.find('\n', from) + 1 - from);
    CHECK_FALSE(LeapTable::parse(text));
  }
  CHECK_FALSE(LeapTable::parse(table_text + "#@ soon\n"));
  CHECK_FALSE(LeapTable::parse(table_text + "#@ 99999999999999\n"));
  CHECK_FALSE(LeapTable::parse(table_text + "<html>\n"));
  CHECK_FALSE(LeapTable::parse(table_text + "4000000000\n"));
  CHECK_FALSE(LeapTable::parse(table_text + "3644697600 36 # not in order\n"));
  CHECK_FALSE(LeapTable::parse(table_text + "4000000000 99999999999\n"));
}

TEST_CASE(
    "chronyd's table is the last one that its configuration names, in the order of its lines") {
  FakeFiles files;
  CHECK_FALSE(leap_source_of_chrony(files).list);
  files.put("/etc/chrony/chrony.conf",
            "# leapsectz none/UTC\n!leapsectz none/UTC\nconfdir /etc/chrony/conf.d /none ../up\n"
            "  LeapSecTZ right/UTC\nleapseclist\ninclude /etc/chrony/more\n");
  CHECK(leap_source_of_chrony(files).zone->value == "right/UTC");
  CHECK_FALSE(leap_source_of_chrony(files).list);
  files.put("/etc/chrony/conf.d/a.conf", "leapseclist /a\n");
  files.put("/etc/chrony/conf.d/b.conf", "leapseclist /b\nleapsectz right/Zulu\n");
  files.put("/etc/chrony/conf.d/c.off", "leapseclist /c\n");
  CHECK(leap_source_of_chrony(files).list->value == "/b");
  CHECK(leap_source_of_chrony(files).list->file == "/etc/chrony/conf.d/b.conf");
  CHECK(leap_source_of_chrony(files).zone->value == "right/UTC");
  files.put("/etc/chrony/more", "leapseclist /more\ninclude /etc/chrony/more\n");
  CHECK(leap_source_of_chrony(files).list->value == "/more");
}
