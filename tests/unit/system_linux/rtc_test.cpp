// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/catch.hpp"
#include "system/linux/rtc_sysfs.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <stdlib.h>

using namespace timectl;
using namespace timectl::system;

namespace {

namespace fs = std::filesystem;

/// A sysfs of files, as a Pi with a DS3231 on bus 1 has it.
class SysfsTree {
 public:
  SysfsTree() {
    std::string name = (fs::temp_directory_path() / "timectl-sysfs-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~SysfsTree() { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream{root_ / path} << content << '\n';
  }
  void link(const std::string& path, const std::string& target) {
    fs::create_directories((root_ / path).parent_path());
    fs::create_symlink(target, root_ / path);
  }
  void add_chip(const std::string& client, const std::string& name) {
    put("devices/i2c-1/" + client + "/name", name);
    link("bus/i2c/devices/" + client, "../../../devices/i2c-1/" + client);
    fs::create_directories(root_ / "bus/i2c/devices/i2c-1");
  }
  void add_rtc(const std::string& rtc, const std::string& driver, const std::string& device) {
    put("class/rtc/" + rtc + "/name", driver);
    link("class/rtc/" + rtc + "/device", device);
  }
  os::RtcSysfs rtcs() const { return os::RtcSysfs{root_.string()}; }

 private:
  fs::path root_;
};

SysfsTree pi_with_ds3231(const std::string& chip_name) {
  SysfsTree tree;
  tree.add_chip("1-0068", chip_name);
  tree.link("devices/i2c-1/1-0068/driver", "../../../bus/i2c/drivers/rtc-ds1307");
  tree.put("devices/i2c-1/1-0068/hwmon/hwmon2/temp1_input", "23250");
  tree.add_rtc("rtc0", "rtc-ds1307 1-0068", "../../../devices/i2c-1/1-0068");
  tree.put("class/rtc/rtc0/hctosys", "1");
  return tree;
}

}  // namespace

TEST_CASE("an RTC on I2C is known by chip, client and driver", "[rtc]") {
  const auto tree = pi_with_ds3231("ds3231");
  const auto rtcs = tree.rtcs().list();
  REQUIRE(rtcs.size() == 1);
  CHECK(rtcs[0].name == "rtc0");
  CHECK(rtcs[0].driver == "rtc-ds1307 1-0068");
  CHECK(rtcs[0].chip == "ds3231");
  CHECK(rtcs[0].i2c_client == "1-0068");
  CHECK(rtcs[0].set_system_clock);
}

TEST_CASE("a device-tree name loses its vendor", "[rtc]") {
  const auto tree = pi_with_ds3231("maxim,ds3231");
  CHECK(tree.rtcs().list().at(0).chip == "ds3231");
  CHECK(tree.rtcs().i2c_client(1, 0x68)->name == "ds3231");
}

TEST_CASE("an RTC that is not on I2C has no chip", "[rtc]") {
  SysfsTree tree;
  tree.add_rtc("rtc0", "rtc_cmos rtc_cmos", "../../../devices/pnp0/00:00");
  const auto rtc = tree.rtcs().list().at(0);
  CHECK(rtc.chip.empty());
  CHECK(rtc.i2c_client.empty());
  CHECK_FALSE(rtc.set_system_clock);
  CHECK_FALSE(tree.rtcs().temperature(rtc));
}

TEST_CASE("RTCs are listed by number, not by letter", "[rtc]") {
  SysfsTree tree;
  for (const auto* name : {"rtc10", "rtc2", "rtc0"}) tree.add_rtc(name, "x", "../y");
  const auto rtcs = tree.rtcs().list();
  REQUIRE(rtcs.size() == 3);
  CHECK(rtcs[1].name == "rtc2");
  CHECK(rtcs[2].name == "rtc10");
}

TEST_CASE("the chip's thermometer is read in degrees", "[rtc]") {
  const auto tree = pi_with_ds3231("ds3231");
  CHECK(tree.rtcs().temperature(tree.rtcs().list().at(0)) == 23.25);
}

TEST_CASE("a chip that no driver is bound to has no driver", "[rtc]") {
  SysfsTree tree;
  tree.add_chip("1-0068", "ds1307");
  const auto client = tree.rtcs().i2c_client(1, 0x68);
  REQUIRE(client);
  CHECK(client->name == "ds1307");
  CHECK(client->driver.empty());
  CHECK_FALSE(tree.rtcs().i2c_client(1, 0x57));
}

TEST_CASE("a host without I2C and RTC has neither and says so without an error", "[rtc]") {
  const SysfsTree tree;
  CHECK(tree.rtcs().list().empty());
  CHECK_FALSE(tree.rtcs().has_i2c_bus(1));
  CHECK(pi_with_ds3231("ds3231").rtcs().has_i2c_bus(1));
}

TEST_CASE("the kernel's refusals are told apart", "[rtc]") {
  CHECK(os::rtc_health(EINVAL) == RtcHealth::oscillator_stopped);
  CHECK(os::rtc_health(EIO) == RtcHealth::not_answering);
  CHECK(os::rtc_health(ENXIO) == RtcHealth::not_answering);
  CHECK(os::rtc_health(EACCES) == RtcHealth::no_permission);
  CHECK(os::rtc_health(EBUSY) == RtcHealth::busy);
  CHECK_FALSE(os::rtc_health(ENOMEM));
}

TEST_CASE("an RTC that another reader holds is waited for, and not for ever", "[rtc]") {
  int asked = 0;
  const auto held_for = [&](int times, int then, int error) {
    asked = 0;
    return [&asked, times, then, error] {
      errno = ++asked <= times ? EBUSY : error;
      return asked <= times ? -1 : then;
    };
  };
  CHECK(os::open_when_free(held_for(3, 7, 0)) == 7);
  CHECK(asked == 4);
  CHECK(os::open_when_free(held_for(0, -1, EACCES)) == -1);
  CHECK(errno == EACCES);
  CHECK(asked == 1);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(os::open_when_free(held_for(1000, 7, 0), std::chrono::milliseconds{100}) == -1);
  CHECK(errno == EBUSY);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds{100});
  CHECK(asked < 10);
}

TEST_CASE("RTC time goes to the chip and back unchanged", "[rtc]") {
  for (const auto* text :
       {"2000-01-01T00:00:00Z", "2026-11-20T13:28:46Z", "2096-02-29T23:59:59Z"}) {
    const auto time = *parse_utc(text);
    CHECK(os::from_rtc_time(os::to_rtc_time(time)) == time);
  }
  CHECK(os::to_rtc_time(*parse_utc("2026-11-20T13:28:46Z")).tm_wday == 5);
}

TEST_CASE("an edge reading waits for the second to change", "[rtc]") {
  int asked = 0;
  const auto reading = os::read_at_edge([&] {
    RtcReading now;
    now.time = WallTime{std::chrono::seconds{++asked < 5 ? 100 : 101}};
    return now;
  });
  CHECK(asked == 5);
  CHECK(reading.time == WallTime{std::chrono::seconds{101}});
}

TEST_CASE("an RTC that stands still does not hold an edge reading for ever", "[rtc]") {
  const auto begin = std::chrono::steady_clock::now();
  const auto reading = os::read_at_edge([] { return RtcReading{}; });
  CHECK(reading.health == RtcHealth::readable);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{3});
}

TEST_CASE("an edge reading ends at once when the chip stops answering", "[rtc]") {
  int asked = 0;
  const auto reading = os::read_at_edge([&] {
    RtcReading now;
    if (++asked == 2) now.health = RtcHealth::not_answering;
    return now;
  });
  CHECK(reading.health == RtcHealth::not_answering);
  CHECK(asked == 2);
}
