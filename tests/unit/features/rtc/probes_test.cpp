// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "history/ring.hpp"
#include "rtc/battery.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/chips.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

/// A server whose RTC hardware is yet to be described.
struct Bench : HealthySite {
  Bench() : HealthySite("pi-ntp") {
    rtcs = FakeRtcs{clock};
    facts.boot_config.reset();
  }
};

}  // namespace

TEST_CASE("an RTC registered as ds1307 fails with the trap and the way out of it") {
  Bench site;
  site.rtcs.bind(1, 0x68, "ds1307");
  const auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "the chip at 0x68 is registered as ds1307, not ds3231");
  CHECK(finding.cause.find("2000-01-01") != std::string::npos);
  CHECK(finding.remedy.starts_with("echo 0x68 > /sys/bus/i2c/devices/i2c-1/delete_device"));
  CHECK(finding.remedy.ends_with(
      "If DS1307 is printed on the chip: \"chip\": \"ds1307\" in the profile"));
}

TEST_CASE("another chip at the address is named with what the profile has to say of it") {
  Bench site;
  site.rtcs.bind(1, 0x68, "pcf8523");
  auto finding = site.ask("rtc.device");
  CHECK(finding.cause ==
        "as pcf8523 the kernel uses the registers of the PCF8523, and the DS3231 has others");
  CHECK(finding.remedy.ends_with("\"chip\": \"pcf8523\" in the profile"));
  site.rtcs = FakeRtcs{site.clock};
  site.rtcs.bind(1, 0x68, "mpu6050");
  finding = site.ask("rtc.device");
  CHECK(finding.summary == "the chip at 0x68 is registered as mpu6050, not ds3231");
  CHECK(finding.remedy.find("printed") == std::string::npos);
}

TEST_CASE("each chip is looked for by its name, at its address, with its driver") {
  for (const auto& chip : rtc::chips()) {
    if (!chip.is_on_bus()) continue;
    INFO(chip.name);
    Bench site;
    site.host().rtc = profile::RtcFeature{std::string{chip.name}, 1, chip.address};
    site.rtcs.add_bus(1);
    CHECK(site.ask("rtc.device").remedy.find(fmt::format("shows {:02x}", chip.address)) !=
          std::string::npos);
    site.rtcs.register_chip(1, chip.address, std::string{chip.name});
    CHECK(site.ask("rtc.device").cause.ends_with(fmt::format("{} is missing", chip.driver)));
    site.rtcs = FakeRtcs{site.clock};
    site.rtcs.bind(1, chip.address, std::string{chip.name});
    CHECK(site.ask("rtc.device").summary == fmt::format("the {} on bus 1 is rtc0", chip.name));
    CHECK(site.ask("rtc.time").verdict == Verdict::ok);
    CHECK(site.ask("rtc.kernel").summary ==
          fmt::format("the kernel updates rtc0, which is the {}", chip.name));
  }
}

TEST_CASE("a Pi 5's own clock is asked for by its driver") {
  Bench site;
  site.host().rtc = profile::RtcFeature{"rpi-rtc", 1, 0};
  auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "there is no rpi-rtc here");
  CHECK(text_of(finding, "address") == "absent");
  site.rtcs.bind(1, 0x68, "ds3231");
  site.rtcs.add_platform_rtc("rpi-rtc soc:rpi_rtc");
  finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(finding.summary == "the rpi-rtc is rtc1");
  CHECK(site.ask("rtc.time").verdict == Verdict::ok);
  finding = site.ask("rtc.kernel");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.remedy.starts_with("take the overlay of the other RTC out"));
}

TEST_CASE("an overlay that was written in this boot waits for a reboot, the unit with it") {
  Bench site;
  site.facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  site.services.put("timectl-rtc.service").state.invocation_id = "";
  rtc::note_awaited_reboot(site.files, site.clock.boot_id());
  const auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::pending);
  CHECK(finding.summary == "the ds3231 waits for a reboot");
  CHECK(finding.remedy == "systemctl reboot");
  REQUIRE(finding.waits_for);
  CHECK_FALSE(finding.waits_for->at_most);
  CHECK(site.ask("rtc.boot").verdict == Verdict::pending);
}

TEST_CASE("a reboot that did not bring the chip is not waited for again") {
  Bench site;
  site.facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  rtc::note_awaited_reboot(site.files, site.clock.boot_id());
  site.clock.reboot();
  const auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary ==
        "the kernel has no ds3231, though /boot/firmware/config.txt has its overlay");
}

TEST_CASE("an overlay that raspi-firmware has not written into config.txt waits for its hook") {
  Bench site;
  site.facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  site.facts.boot.source = system::RootedPath{"/etc/default/raspi-firmware-custom"};
  const std::string block = "# BEGIN timectl\n[all]\ndtoverlay=i2c-rtc,ds3231\n# END timectl\n";
  site.files.put("/boot/firmware/config.txt", "# Do not modify this file!\n");
  site.files.put("/etc/default/raspi-firmware-custom", block);
  auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.remedy == "update-initramfs -u && systemctl reboot");
  site.files.put("/boot/firmware/config.txt", block);
  finding = site.ask("rtc.device");
  CHECK(finding.summary ==
        "the kernel has no ds3231, though /boot/firmware/config.txt has its overlay");
}

TEST_CASE("without a bus or a registration the hardware is missing, each with its remedy") {
  Bench site;
  auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "there is no I2C bus 1 for the ds3231");
  site.rtcs.add_bus(1);
  finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "the ds3231 at 0x68 on bus 1 is not registered");
  CHECK(finding.remedy.find("i2cdetect -y 1") != std::string::npos);
  CHECK(site.ask("rtc.time").verdict == Verdict::skipped);
}

TEST_CASE("a registered chip that does not answer has no driver, and wiring is looked at") {
  Bench site;
  site.rtcs.add_bus(1);
  site.rtcs.register_chip(1, 0x68, "ds3231");
  const auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.remedy.find("wiring") != std::string::npos);
}

TEST_CASE("the RTC's offset is measured at the second's edge, with the temperature") {
  HealthySite site{"pi-ntp"};
  site.clock.advance(437ms);
  site.rtcs.run_ahead(120ms);
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(number_of(finding, "offset_s") == Approx(0.120).margin(1e-6));
  CHECK(number_of(finding, "temperature_c") == 24.25);
}

TEST_CASE("an RTC that is seconds off is a warning with a command") {
  HealthySite site{"pi-ntp"};
  site.rtcs.run_ahead(5s);
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "RTC and system clock are 5 s apart");
}

TEST_CASE("a stopped oscillator is lost power, not an errno") {
  HealthySite site{"pi-ntp"};
  site.rtcs.stop_oscillator();
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "the RTC lost power: its oscillator had stopped");
  CHECK(finding.remedy.find("timectl rtc set") != std::string::npos);
}

TEST_CASE("an RTC in 2000, or behind its own last reading, cannot be right") {
  HealthySite site{"pi-ntp"};
  site.rtcs.run_ahead(*parse_utc("2000-01-01T00:00:01Z") - site.clock.now());
  CHECK(site.ask("rtc.time").verdict == Verdict::failed);
  site.rtcs.run_ahead(-2h);
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.cause.find("behind its own last reading") != std::string::npos);
}

TEST_CASE("an RTC that is not validated is a warning") {
  HealthySite site{"pi-ntp"};
  site.files.put("/var/lib/timectl/rtc.json", "");
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the RTC runs, and its time is not validated yet");
}

TEST_CASE("an RTC that cannot be read says whether root, a program or the wiring is the matter") {
  HealthySite site{"pi-ntp"};
  site.rtcs.set_health(system::RtcHealth::no_permission);
  CHECK(site.ask("rtc.time").verdict == Verdict::unknown);
  CHECK(site.ask("rtc.time").remedy == "run timectl verify as root");
  site.rtcs.set_health(system::RtcHealth::busy);
  CHECK(site.ask("rtc.time").verdict == Verdict::unknown);
  CHECK(site.ask("rtc.time").remedy.find("fuser") != std::string::npos);
  site.rtcs.set_health(system::RtcHealth::not_answering);
  CHECK(site.ask("rtc.time").verdict == Verdict::failed);
}

TEST_CASE("behind the clock of a Pi 5 the DS3231 is rtc1, which no program keeps right") {
  Bench site;
  site.rtcs.add_platform_rtc("rpi-rtc");
  site.rtcs.bind(1, 0x68, "ds3231");
  CHECK(site.ask("rtc.device").verdict == Verdict::ok);
  const auto finding = site.ask("rtc.kernel");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the RTC is rtc1, and the kernel writes only rtc0");
  CHECK(finding.remedy.find("dtparam=rtc=off") != std::string::npos);
  CHECK(text_of(finding, "devices") == "rtc0: rpi-rtc, rtc1: rtc-ds1307 1-0068");
}

TEST_CASE("a kernel that is built for rtc1 reads and keeps rtc1") {
  Bench site;
  site.rtcs.add_platform_rtc("rpi-rtc");
  site.rtcs.bind(1, 0x68, "ds3231");
  site.files.put("/proc/sys/kernel/osrelease", "6.6.51-site\n");
  site.files.put("/boot/config-6.6.51-site",
                 "CONFIG_RTC_HCTOSYS_DEVICE=\"rtc1\"\nCONFIG_RTC_SYSTOHC_DEVICE=\"rtc1\"\n");
  CHECK(site.ask("rtc.kernel").summary == "the kernel updates rtc1, which is the ds3231");
  site.rtcs.mark_hctosys("rtc0");
  const auto finding = site.ask("rtc.kernel");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the kernel set the clock from rtc0 in this boot");
  site.files.put("/proc/sys/kernel/osrelease", "../../etc/x\n");
  CHECK(site.ask("rtc.kernel").summary == "the RTC is rtc1, and the kernel writes only rtc0");
}

TEST_CASE(
    "an RTC that was set again after it lost power is right today, and its battery is in doubt") {
  HealthySite site{"pi-ntp"};
  site.processes.install("journalctl", 0, "rtc-ds1307 1-0068: SET TIME!\n");
  const auto finding = site.ask("rtc.time");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the RTC had lost its time when this host booted, and was set since");
  site.processes.install("journalctl", 1, "");  // nothing matches
  CHECK(site.ask("rtc.time").verdict == Verdict::ok);
}

TEST_CASE(
    "a kernel that never clears a DS3231's flag warned of a lost time at each boot for ever") {
  HealthySite site{"pi-ntp"};
  site.processes.install("journalctl", 0, "rtc-ds1307 1-0068: SET TIME!\n");
  rtc::note_rtc_kept_time(site.files, site.clock.boot_id());
  CHECK(site.ask("rtc.time").verdict == Verdict::ok);
  site.clock.reboot();
  CHECK(site.ask("rtc.time").verdict == Verdict::warning);
}

TEST_CASE(
    "an RTC's drift is what the monitor learned on the island, against what its chip may do") {
  const auto after_two_days_of = [](double ppm, const std::string& chip = "ds3231") {
    HealthySite site{"pi-ntp"};
    site.host().rtc->chip = chip;
    site.rtcs = FakeRtcs{site.clock};
    site.rtcs.bind(1, 0x68, chip);
    for (int minute = 0; minute < 2 * 1440; ++minute) {
      history::Sample seen;
      seen.at = site.clock.now() - 48h + std::chrono::minutes{minute};
      seen.state = quality::State::rtc_only;
      // Whole seconds are read at any part of one.
      seen.rtc_ahead_s = ppm * 1e-6 * 60 * minute + (minute % 10 - 4.5) / 10;
      history::add_sample(site.files, seen);
    }
    return site.ask("rtc.time");
  };
  const auto fine = after_two_days_of(1.5);
  CHECK(fine.verdict == Verdict::ok);
  CHECK(number_of(fine, "drift_ppm") == Approx(1.5).margin(0.5));
  const auto fast = after_two_days_of(40);
  CHECK(fast.verdict == Verdict::warning);
  CHECK(fast.summary.starts_with("the RTC gains "));
  CHECK(fast.cause.starts_with("the DS3231 stays within 5 ppm: "));
  CHECK(after_two_days_of(-40).summary.starts_with("the RTC loses "));
  CHECK(after_two_days_of(40, "ds1307").verdict == Verdict::ok);
  CHECK(after_two_days_of(120, "ds1307").cause.starts_with("the DS1307 stays within 90 ppm: "));
  CHECK(text_of(HealthySite{"pi-ntp"}.ask("rtc.time"), "drift_ppm") == "absent");
}

TEST_CASE("a chip that says its battery is low is trusted") {
  HealthySite site{"pi-ntp"};
  site.rtcs.set_voltage_low(true);
  CHECK(site.ask("rtc.time").verdict == Verdict::ok);
  const auto finding = site.ask("rtc.battery");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "the RTC's battery is low");
  CHECK(text_of(finding, "voltage_low") == "true");
}

TEST_CASE("a battery that is older than the profile says is a warning; without a date it is none") {
  HealthySite site{"pi-ntp"};
  site.files.remove(system::RootedPath{"/var/lib/timectl/battery.json"});
  auto finding = site.ask("rtc.battery");
  CHECK(finding.verdict == Verdict::skipped);
  CHECK(finding.summary.ends_with("timectl rtc battery --replaced DATE"));
  const auto today = std::chrono::floor<std::chrono::days>(site.clock.now());
  const auto note = [&](int days_ago) {
    rtc::note_battery(site.files, today - std::chrono::days{days_ago}, "ds3231");
    return site.ask("rtc.battery");
  };
  CHECK(note(3 * 365).verdict == Verdict::ok);
  finding = note(3 * 366);
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.remedy.ends_with("timectl rtc battery --replaced"));
  CHECK(text_of(finding, "due") != "absent");
  site.host().rtc->battery_years = 10;
  CHECK(note(3 * 366).verdict == Verdict::ok);
  site.host().rtc->battery_years = 0;
  CHECK(note(30 * 366).verdict == Verdict::ok);
  CHECK(text_of(site.ask("rtc.battery"), "due") == "absent");
  finding = note(-30);
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.remedy.starts_with("if the clock is behind: timectl rtc set --time"));
  site.files.put("/var/lib/timectl/battery.json", "rot");
  CHECK(site.ask("rtc.battery").verdict == Verdict::unknown);
}

TEST_CASE("no battery is called old by a clock that nothing confirms") {
  HealthySite site{"pi-ntp"};
  rtc::note_battery(site.files, rtc::Date{std::chrono::year{2001} / 1 / 1}, "ds3231");
  CHECK(site.ask("rtc.battery").verdict == Verdict::warning);
  site.daemons.run_unsynchronized();
  site.rtcs.stop_oscillator();
  CHECK(text_of(site.ask("time.quality"), "state") == "unsynchronized");
  CHECK(site.ask("rtc.battery").verdict == Verdict::unknown);
}

TEST_CASE("an RTC that the system keeps in local time is read wrongly, and the remedy ends that") {
  HealthySite site{"pi-ntp"};
  CHECK(site.ask("rtc.adjtime").verdict == Verdict::ok);
  for (const auto* text : {"0.0 0 0\n0\nUTC\n", "0.0 0 0\n0\n", "", "0.0 0 0\n0\nLOCALE\n"}) {
    site.files.put("/etc/adjtime", text);
    CHECK(site.ask("rtc.adjtime").verdict == Verdict::ok);
  }
  for (const auto* text : {"0.0 0 0\n0\nLOCAL\n", "0.000000 1764460800 0.000000\n0\nLOCAL"}) {
    site.files.put("/etc/adjtime", text);
    const auto finding = site.ask("rtc.adjtime");
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.remedy.ends_with(": timedatectl set-local-rtc 0 && systemctl reboot"));
  }
  site.facts.is_offline_root = true;
  CHECK(site.ask("rtc.adjtime").remedy ==
        "write UTC as the third line of etc/adjtime below the root");
}

TEST_CASE("an address that only an earlier version took is said of the host that has it") {
  HealthySite site{"pi-ntp"};
  site.profile.tolerated = {"/etc/timectl/profile.json:3:9: /hosts/main-pi/rtc/address: found 1"};
  CHECK(site.ask("rtc.device").verdict == Verdict::ok);
  site.profile.tolerated = {"/etc/timectl/profile.json:3:9: /hosts/pi-ntp/rtc/address: found 1"};
  const auto finding = site.ask("rtc.device");
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.cause == site.profile.tolerated[0]);
  site.rtcs.unplug(1, 0x68);
  CHECK(site.ask("rtc.device").verdict == Verdict::failed);
}

TEST_CASE("the RTC's unit has to be there, enabled, early, and to have succeeded in this boot") {
  struct Row {
    const char* what;
    std::function<void(HealthySite&)> change;
    Verdict verdict;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"absent", [](auto& s) { s.services = SmallServices{}; }, Verdict::failed,
       "there is no timectl-rtc.service"},
      {"disabled",
       [](auto& s) { s.services.put("timectl-rtc.service").state.unit_file_state = "disabled"; },
       Verdict::failed, "timectl-rtc.service is disabled"},
      {"masked",
       [](auto& s) {
         auto& state = s.services.put("timectl-rtc.service").state;
         state.load_state = state.unit_file_state = "masked";
       },
       Verdict::failed, "timectl-rtc.service is masked"},
      {"failed",
       [](auto& s) {
         auto& state = s.services.put("timectl-rtc.service").state;
         state.active_state = "failed";
         state.result = "exit-code";
       },
       Verdict::failed, "timectl-rtc.service failed in this boot"},
      {"not run", [](auto& s) { s.services.put("timectl-rtc.service").state.invocation_id = ""; },
       Verdict::warning, "timectl-rtc.service has not run in this boot"},
      {"late",
       [](auto& s) {
         s.files.put("/etc/systemd/system/timectl-rtc.service", "[Unit]\nBefore=chrony.service\n");
       },
       Verdict::warning, "timectl-rtc.service is not ordered before the time services"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"pi-ntp"};
    row.change(site);
    const auto finding = site.ask("rtc.boot");
    CHECK(finding.verdict == row.verdict);
    CHECK(finding.summary == row.summary);
    CHECK_FALSE(finding.remedy.empty());
  }
}

TEST_CASE("rtc1 that is years off, or that is not validated, was told only that it is rtc1") {
  Bench site;
  site.rtcs.add_platform_rtc("rpi-rtc");
  site.rtcs.bind(1, 0x68, "ds3231");
  site.rtcs.run_ahead(5s);
  CHECK(site.ask("rtc.time").summary == "RTC and system clock are 5 s apart");
  site.rtcs.run_ahead(0s);
  site.files.put("/var/lib/timectl/rtc.json", "");
  CHECK(site.ask("rtc.time").summary == "the RTC runs, and its time is not validated yet");
}

TEST_CASE("an overlay outside of timectl's block, or of another chip, promised a reboot's help") {
  Bench site;
  site.rtcs.add_bus(1);
  site.facts.boot_config = system::RootedPath{"/boot/firmware/config.txt"};
  for (const auto* text : {"dtoverlay=i2c-rtc,ds3231\n", "#dtoverlay=i2c-rtc,ds3231\n",
                           "# BEGIN timectl\ndtoverlay=i2c-rtc,pcf8523\n# END timectl\n",
                           "# BEGIN timectl\n# END timectl\ndtoverlay=i2c-rtc,ds3231\n"}) {
    INFO(text);
    site.files.put("/boot/firmware/config.txt", text);
    CHECK(site.ask("rtc.device").verdict == Verdict::failed);
  }
}
