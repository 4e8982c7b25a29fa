// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/checksum.hpp"
#include "rtc/rtc.hpp"
#include "rtc_scenario.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::rtc;
using namespace timectl::test;
using namespace std::chrono_literals;
using system::RtcHealth;

namespace {
const std::string path{"/var/lib/timectl/rtc.json"};
}

TEST_CASE(
    "an RTC that agrees with its validated record is trusted, and the reason says what validated "
    "it") {
  const auto result = assess(ds3231(), reading("2026-12-24T18:00:00Z"), validated(), built);
  CHECK(result.trust == Trust::trusted);
  CHECK(result.is_trusted());
  CHECK(result.reason ==
        "the RTC says 2026-12-24T18:00:00Z, validated by real time sources on "
        "2026-12-01T12:00:00Z");
}

TEST_CASE("a dead battery that the kernel knows of is refused") {
  const auto result = assess(ds3231(), failed(RtcHealth::oscillator_stopped), validated(), built);
  CHECK(result.trust == Trust::oscillator_stopped);
  CHECK_FALSE(result.is_trusted());
  CHECK(result.reason.find("lost power") != std::string::npos);
}

TEST_CASE(
    "a dead battery that the kernel ignores gives the year 2000 and is refused by the build") {
  for (const auto* time :
       {"2000-01-01T00:00:05Z", "1970-01-01T00:00:00Z", "2026-11-19T23:59:59Z"}) {
    CHECK(assess(ds3231(), reading(time), validated(), built).trust == Trust::before_build);
    CHECK(assess(ds3231(), reading(time), std::nullopt, built).trust == Trust::before_build);
  }
}

TEST_CASE("an RTC behind its own last reading is refused, a reading's rounding is not behind") {
  const auto record = validated();
  CHECK(assess(ds3231(), reading("2026-12-01T11:59:00Z"), record, built).trust ==
        Trust::behind_last_reading);
  CHECK(assess(ds3231(), reading("2026-12-01T11:59:58Z"), record, built).trust == Trust::trusted);
}

TEST_CASE(
    "an RTC before the last traceable time is refused even when it ran on since its reading") {
  auto record = validated();
  record.last_traceable = at("2026-12-03T00:00:00Z");
  const auto result = assess(ds3231(), reading("2026-12-02T12:00:00Z"), record, built);
  CHECK(result.trust == Trust::behind_last_reading);
  CHECK(result.earliest.source == "the last traceable time");
}

TEST_CASE("a system clock that ran ahead before a power cut does not make a good RTC look bad") {
  auto record = validated();  // a month on an island: the crystal ran 130 s ahead of the RTC
  record.rtc_time = at("2026-12-31T12:00:00Z");
  record.system_time = record.rtc_time + 130s;
  record.traceable = false;
  const auto now = reading("2026-12-31T12:00:40Z");
  const std::vector<EarliestTime> left{{record.system_time, "the time fake-hwclock saved"}};
  const auto result = assess(ds3231(), now, record, built, left);
  CHECK(result.is_trusted());
  REQUIRE(result.doubts.size() == 1);
  CHECK(result.doubts[0] ==
        "the time fake-hwclock saved is 90 s ahead of the RTC: that clock ran fast, or the RTC "
        "slow");
}

TEST_CASE("a validated RTC in 2099 was trusted: no host is left alone for seventy years") {
  const auto result = assess(ds3231(), reading("2099-01-01T00:00:00Z"), validated(), built);
  CHECK(result.trust == Trust::far_ahead);
  CHECK(result.reason ==
        "the RTC says 2099-01-01T00:00:00Z, years ahead of the last record 2026-12-01T12:00:00Z");
  CHECK(assess(ds3231(), reading("2034-01-01T00:00:00Z"), validated(), built).is_trusted());
  Record without_reading;
  without_reading.last_traceable = at("2026-12-01T12:00:00Z");
  CHECK(assess(ds3231(), reading("2026-12-24T18:00:00Z"), without_reading, built).trust ==
        Trust::never_set);
}

TEST_CASE("an RTC that another system set is plausible but not validated") {
  const auto result = assess(ds3231(), reading("2026-12-24T18:00:00Z"), std::nullopt, built);
  CHECK(result.trust == Trust::never_set);
  CHECK_FALSE(result.is_trusted());
}

TEST_CASE("an RTC that is not there or cannot be read says which") {
  CHECK(assess(std::nullopt, {}, validated(), built).trust == Trust::absent);
  for (const auto health : {RtcHealth::not_answering, RtcHealth::no_permission, RtcHealth::busy}) {
    const auto result = assess(ds3231(), failed(health), validated(), built);
    CHECK(result.trust == Trust::not_readable);
    CHECK_FALSE(result.reason.empty());
  }
}

TEST_CASE("the RTC is found by chip and bus, whatever its number and its neighbours") {
  const system::RtcDevice built_in{"rtc0", "rpi-rtc", "", "", true};
  const system::RtcDevice other_bus{"rtc2", "rtc-ds1307 22-0068", "ds3231", "22-0068", false};
  const auto found = find_device({built_in, other_bus, *ds3231()}, {});
  REQUIRE(found);
  CHECK(found->name == "rtc1");
  CHECK_FALSE(find_device({built_in, other_bus}, {}));
  CHECK_FALSE(find_device({*ds3231()}, {"ds1307", 1, 0x68}));
}

TEST_CASE(
    "the earliest plausible time is the later of the build date and the last traceable time") {
  CHECK(earliest_plausible_time(built, std::nullopt).source == "the build date of timectl");
  auto record = validated();
  CHECK(earliest_plausible_time(built, record).time == at("2026-12-01T12:00:00Z"));
  record.last_traceable = at("1999-08-22T00:00:00Z");  // a GPS receiver's week rolled over
  CHECK(earliest_plausible_time(built, record).time == built);
}

TEST_CASE("the build date is the sources', not 1970 and not the compiler's future") {
  CHECK(build_date() > at("2026-01-01T00:00:00Z"));
  CHECK(build_date() <= std::chrono::system_clock::now());
}

TEST_CASE("a record is read back as it was written") {
  FakeFiles files;
  CHECK_FALSE(read_record(files));
  write_record(files, validated());
  CHECK(read_record(files) == validated());
  CHECK(files.snapshot().at("/var/lib/timectl/rtc.json").ownership.mode == 0644);
}

TEST_CASE("what another chip said, and its validation, says nothing of this one") {
  FakeFiles files;
  write_record(files, validated(), "ds3231");
  CHECK(read_record(files, "ds3231") == validated());
  CHECK(read_record(files) == validated());
  const auto of_other = read_record(files, "rv3028");
  const auto judge = [&](const char* time) {
    return assess(ds3231(), reading(time), of_other, built).trust;
  };
  CHECK(judge("2026-12-01T12:00:00Z") == Trust::never_set);
  CHECK(judge("2026-12-01T11:00:00Z") == Trust::behind_last_reading);
  CHECK(of_other->last_traceable == validated().last_traceable);
  auto island = validated();
  island.last_traceable.reset();
  write_record(files, island, "ds3231");
  CHECK(assess(ds3231(), reading("2026-11-21T00:00:00Z"), read_record(files, "rv3028"), built)
            .trust == Trust::never_set);
  write_record(files, validated());  // by a version that named no chip
  CHECK(read_record(files, "rv3028") == validated());
}

TEST_CASE("a torn or foreign record is no record") {
  for (const auto* text : {"", "{", "[]", "{\"rtc_time\":1}", "null",
                           "{\"rtc_time\":\"2026-12-01T12:00:00Z\",\"system_time\":"
                           "\"2026-12-01T12:00:00Z\",\"traceable\":\"yes\"}"}) {
    FakeFiles files;
    files.put("/var/lib/timectl/rtc.json", text);
    const auto record = read_record(files);
    REQUIRE(record);
    CHECK_FALSE(record->damage.empty());
    CHECK(record->validated_by.empty());
    CHECK_FALSE(record->last_traceable);
    write_record(files, validated());
    CHECK(read_record(files) == validated());
  }
}

TEST_CASE("no flipped bit of a record validates the RTC") {
  FakeFiles files;
  write_record(files, validated());
  const auto whole = files.at(path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto text = whole;
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      files.put(path, text);
      const auto record = read_record(files);
      REQUIRE(record);
      CAPTURE(at, bit);
      REQUIRE(record->validated_by.empty());
      REQUIRE(mentions(record->damage, path));
    }
  }
}

TEST_CASE("a damaged record is said where the RTC is judged") {
  FakeFiles files;
  files.put(path, "{");
  const auto judged = assess(ds3231(), reading("2026-12-01T12:00:00Z"), read_record(files), built);
  CHECK(judged.trust == Trust::never_set);
  CHECK(mentions(judged.reason, path));
}

TEST_CASE("the record of a version without checksums is read, a newer one's is left alone") {
  FakeFiles files;
  files.put(path, R"({"schema": 1, "rtc_time": "2026-12-01T12:00:00Z", "vouched_by": "operator",
                      "vouched_at": "2026-11-30T12:00:00Z",
                      "system_time": "2026-12-01T12:00:00Z", "traceable": true})");
  const auto older = *read_record(files);
  CHECK(older.validated_by == "operator");
  CHECK(format_utc(older.validated_at) == "2026-11-30T12:00:00Z");
  write_record(files, older);
  CHECK(files.at(path).find("vouched") == std::string::npos);
  CHECK(read_record(files) == older);
  const std::string newer =
      with_checksum("{\n \"schema\": 3,\n \"validated_by\": \"operator\"\n}\n");
  files.put(path, newer);
  CHECK(read_record(files)->validated_by.empty());
  CHECK(mentions(read_record(files)->damage, "newer"));
  CHECK(error_of([&] { write_record(files, validated()); })->kind() == ErrorKind::refused);
  CHECK(files.at(path) == newer);
}

TEST_CASE("root goes by no record that another user could have written") {
  FakeFiles files;
  write_record(files, validated());
  files.set_ownership(system::RootedPath{path}, {0644, 1000, 1000});
  CHECK(read_record(files)->validated_by.empty());
  CHECK(error_of([&] { write_record(files, validated()); })->kind() == ErrorKind::refused);
}

TEST_CASE("a record that could not be written leaves the old one") {
  FakeFiles files;
  write_record(files, validated());
  auto next = validated();
  next.validated_by = "operator";
  for (int n = 1; n <= 2; ++n) {
    files.fail_on_write(n);
    CHECK_THROWS_AS(write_record(files, next), Error);
    CHECK(read_record(files) == validated());
  }
}

TEST_CASE("what other clocks left behind is evidence when it can be read") {
  FakeFiles files{{"/etc/fake-hwclock.data", "2026-12-05 10:00:00\n"},
                  {"/var/lib/systemd/timesync/clock", ""}};
  const auto evidence = read_evidence(files);
  REQUIRE(evidence.size() == 2);
  CHECK(evidence[0].time == at("2026-12-05T10:00:00Z"));
  files.forbid_reading("/etc/fake-hwclock.data");
  CHECK(read_evidence(files).empty());
}

TEST_CASE("a board's own clock is found by its driver, never at an address") {
  const Identity wanted{"rpi-rtc", 1, 0};
  const system::RtcDevice board{"rtc0", "rpi-rtc soc:rpi_rtc", "", "", false};
  CHECK(find_device({*ds3231(), board}, wanted)->name == "rtc0");
  CHECK_FALSE(find_device({*ds3231(), {"rtc1", "rpi-rtc2 soc", "", "", false}}, wanted));
  CHECK_FALSE(find_device({board}, {}));
}
