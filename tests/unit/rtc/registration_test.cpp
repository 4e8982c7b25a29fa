// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/registration.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "support/fake_rtcs.hpp"

using namespace timectl;
using namespace std::chrono_literals;
using test::FakeClock;
using test::FakeRtcs;

namespace {

const rtc::Identity chip{"ds3231", 1, 0x68};

/// A clock whose sleeping gives udev the time to load the driver.
class UdevClock : public FakeClock {
 public:
  FakeRtcs* rtcs = nullptr;
  std::chrono::nanoseconds loaded_at{};

  void sleep(std::chrono::milliseconds span) const override {
    FakeClock::sleep(span);
    const bool is_due = rtcs->list().empty() && since_boot() >= loaded_at;
    if (is_due) rtcs->bind(1, 0x68, "ds3231");
  }
};

}  // namespace

TEST_CASE("a chip whose driver is loaded late is waited for, so that the next step finds it") {
  UdevClock clock;
  FakeRtcs rtcs{clock};
  clock.rtcs = &rtcs;
  clock.loaded_at = clock.since_boot() + 2s;
  CHECK(rtc::wait_until_usable(rtcs, clock, chip, 5s));
  CHECK(clock.since_boot() == clock.loaded_at);
  CHECK(rtc::wait_until_usable(rtcs, clock, chip, 5s));
  CHECK(clock.since_boot() == clock.loaded_at);
}

TEST_CASE("a chip that no driver takes is waited for no longer than said") {
  FakeClock clock;
  FakeRtcs rtcs{clock};
  rtcs.add_bus(1);
  const auto start = clock.since_boot();
  CHECK_FALSE(rtc::wait_until_usable(rtcs, clock, chip, 5s));
  CHECK(clock.since_boot() - start == 5s);
}

TEST_CASE("a bus that comes late is waited for") {
  class BusClock : public FakeClock {
   public:
    FakeRtcs* rtcs = nullptr;
    void sleep(std::chrono::milliseconds span) const override {
      FakeClock::sleep(span);
      if (since_boot() >= comes_at) rtcs->add_bus(1);
    }
    std::chrono::nanoseconds comes_at = since_boot() + 3s;
  } clock;
  FakeRtcs rtcs{clock};
  clock.rtcs = &rtcs;
  CHECK(rtc::wait_for_bus(rtcs, clock, 1, 10s));
  CHECK(clock.since_boot() == clock.comes_at);
}

TEST_CASE("a bus that does not come is waited for no longer than said") {
  FakeClock clock;
  FakeRtcs rtcs{clock};
  const auto start = clock.since_boot();
  CHECK_FALSE(rtc::wait_for_bus(rtcs, clock, 1, 10s));
  CHECK(clock.since_boot() - start == 10s);
  CHECK_FALSE(rtc::wait_for_bus(rtcs, clock, 1, 0s));
  CHECK(clock.since_boot() - start == 10s);
}

TEST_CASE("nothing is waited for where udev does not run: what is not there will not come") {
  test::FakeFiles files;
  CHECK(rtc::patience(files, 10s) == 0s);
  files.put_other("/run/udev/control");
  CHECK(rtc::patience(files, 10s) == 10s);
}
