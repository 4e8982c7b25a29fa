// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/catch.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"

#include <thread>

using namespace timectl;
using namespace timectl::system;

// make_clock_setter() is never called in tests: it would step the clock of the machine.

TEST_CASE("the clock agrees with the standard library's", "[clock]") {
  const auto clock = os::make_clock();
  const auto difference = clock->now() - std::chrono::system_clock::now();
  CHECK(std::chrono::abs(difference) < std::chrono::seconds{1});
}

TEST_CASE("time since boot only grows", "[clock]") {
  const auto clock = os::make_clock();
  const auto before = clock->since_boot();
  clock->sleep(std::chrono::milliseconds{2});
  CHECK(clock->since_boot() - before >= std::chrono::milliseconds{2});
}

TEST_CASE("the boot id is the kernel's and stays the same", "[clock]") {
  const auto clock = os::make_clock();
  CHECK(clock->boot_id().size() == 36);
  CHECK(clock->boot_id() == clock->boot_id());
}

TEST_CASE("the discipline is read without changing it", "[clock]") {
  const auto clock = os::make_clock();
  const auto first = clock->discipline();
  const auto second = clock->discipline();
  CHECK(first.maximum_error.count() >= 0);
  CHECK(first.synchronized == second.synchronized);
  CHECK(std::abs(second.frequency_ppm) <= 512);
}

TEST_CASE("a time before 1970 has a nanosecond part that is not negative", "[clock]") {
  const auto time = os::kernel::to_timespec(std::chrono::milliseconds{-1500});
  CHECK(time.tv_sec == -2);
  CHECK(time.tv_nsec == 500'000'000);
}

TEST_CASE("a failed call says what, why and of which kind", "[clock]") {
  try {
    os::kernel::fail("set the system clock", EPERM);
    FAIL("it must throw");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::permission);
    CHECK(std::string{error.what()} == "cannot set the system clock: operation not permitted");
  }
}
