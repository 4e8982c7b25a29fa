// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a host with a GNSS receiver gets. The rows of boards are what the documentation of the
// Raspberry Pi says of their serial ports.
#include "features/gps/render.hpp"

#include "base/error.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::test;

namespace {

const std::string gps_config = "/boot/firmware/config.txt";
const std::string command_line_txt = "/boot/firmware/cmdline.txt";

facts::Facts facts_of(const std::string& board) {
  auto facts = make_facts();
  facts.board = board;
  facts.os.is_raspberry_pi_os = true;
  facts.boot_config = system::RootedPath{gps_config};
  facts.boot.command_line = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootwait\n";
  return facts;
}

target::Target render_gps(const facts::Facts& facts, const profile::GpsFeature& gps = {}) {
  auto site = make_site();
  site.hosts[0].rtc.reset();
  site.hosts[0].gps = gps;
  return render_host(site, site.hosts[0], facts);
}

bool has_exact_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

bool stops(const target::Target& target, const std::string& unit) {
  return std::any_of(target.units.begin(), target.units.end(), [&](const auto& each) {
    return each.name == unit && each.activity == target::Activity::stopped && each.optional;
  });
}

bool notes_say(const target::Target& target, const std::string& words) {
  return std::any_of(target.notes.begin(), target.notes.end(),
                     [&](const auto& note) { return note.find(words) != std::string::npos; });
}

facts::Overlay gps_overlay(const std::string& name, std::vector<std::string> parameters) {
  facts::Overlay overlay{name, std::move(parameters), 12};
  overlay.file = gps_config;
  overlay.text = "dtoverlay=" + name;
  for (const auto& word : overlay.parameters) overlay.text += "," + word;
  return overlay;
}

target::Target render_gps_beside(const facts::Overlay& overlay,
                                 const profile::GpsFeature& gps = {}) {
  auto facts = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  facts.overlays = {overlay};
  return render_gps(facts, gps);
}

const std::string gpsd_drop_in = "/etc/systemd/system/gpsd.service.d/50-timectl.conf";

}  // namespace

TEST_CASE("the header's serial port is the board's own", "[gps]") {
  struct Row {
    const char* board;
    const char* device;
    bool enable_uart;
    bool rp1;
  };
  for (const auto& [board, device, enable_uart, rp1] :
       {Row{"Raspberry Pi 5 Model B Rev 1.0", "/dev/ttyAMA0", false, true},
        Row{"Raspberry Pi 500 Rev 1.0", "/dev/ttyAMA0", false, true},
        Row{"Raspberry Pi Compute Module 5 Rev 1.0", "/dev/ttyAMA0", false, true},
        Row{"Raspberry Pi 4 Model B Rev 1.4", "/dev/serial0", true, false},
        Row{"Raspberry Pi Zero 2 W Rev 1.0", "/dev/serial0", true, false},
        Row{"Raspberry Pi Zero W Rev 1.1", "/dev/serial0", true, false},
        Row{"Raspberry Pi 2 Model B Rev 1.1", "/dev/serial0", true, false},
        Row{"Raspberry Pi Model B Plus Rev 1.2", "/dev/serial0", true, false}}) {
    INFO(board);
    const auto target = render_gps(facts_of(board));
    CHECK(target.conflicts.empty());
    const auto firmware = content_of(target, gps_config);
    CHECK(has_exact_line(firmware, "enable_uart=1") == enable_uart);
    CHECK(has_exact_line(firmware, "dtparam=uart0=on") == rp1);
    CHECK(has_exact_line(firmware, "dtoverlay=pps-gpio,gpiopin=18"));
    CHECK(firmware.find("disable-bt") == std::string::npos);
    CHECK(has_exact_line(content_of(target, gpsd_drop_in),
                         std::string{"ExecStart=/usr/sbin/gpsd -n "} + device));
  }
}

TEST_CASE("Debian numbers the ports, Raspberry Pi OS names the header's", "[gps]") {
  auto facts = facts_of("Raspberry Pi 3 Model B Rev 1.2");
  facts.os.is_raspberry_pi_os = false;
  CHECK(has_exact_line(content_of(render_gps(facts), gpsd_drop_in),
                       "ExecStart=/usr/sbin/gpsd -n /dev/ttyS1"));
  const auto off = render_gps(facts, {.bluetooth = profile::Radio::off});
  CHECK(has_exact_line(content_of(off, gpsd_drop_in), "ExecStart=/usr/sbin/gpsd -n /dev/ttyAMA0"));
}

TEST_CASE("Bluetooth gives its port up where it has one, and only where the profile says so",
          "[gps]") {
  const profile::GpsFeature off{.bluetooth = profile::Radio::off};
  const auto with = render_gps(facts_of("Raspberry Pi Zero W Rev 1.1"), off);
  CHECK(has_exact_line(content_of(with, gps_config), "dtoverlay=disable-bt"));
  CHECK(stops(with, "hciuart.service"));
  CHECK(stops(with, "bluetooth.service"));
  for (const auto* board : {"Raspberry Pi Zero Rev 1.3", "Raspberry Pi 5 Model B Rev 1.0"}) {
    const auto without = render_gps(facts_of(board), off);
    CHECK(content_of(without, gps_config).find("disable-bt") == std::string::npos);
    CHECK_FALSE(stops(without, "bluetooth.service"));
  }
  CHECK_FALSE(stops(render_gps(facts_of("Raspberry Pi Zero W Rev 1.1")), "bluetooth.service"));
}

TEST_CASE("a receiver by USB needs nothing of the board", "[gps]") {
  const profile::GpsFeature usb{.device = "/dev/ttyACM0", .pps_gpio = std::nullopt, .baud = 9600};
  auto facts = make_facts();
  facts.board.reset();
  facts.boot_config.reset();
  const auto target = render_gps(facts, usb);
  CHECK(target.conflicts.empty());
  CHECK(has_exact_line(content_of(target, gpsd_drop_in),
                       "ExecStart=/usr/sbin/gpsd -n -s 9600 /dev/ttyACM0"));
  CHECK(find_file(target, "/etc/udev/rules.d/85-timectl-pps.rules") == nullptr);
  CHECK(
      content_of(target, "/etc/systemd/system/chrony.service.d/50-timectl.conf").find("dev-pps0") ==
      std::string::npos);
  CHECK(std::count(target.packages.begin(), target.packages.end(), "gpsd") == 1);
}

TEST_CASE("where no board says it, the port has to be named", "[gps]") {
  auto other = make_facts();
  other.board = "Generic PC";
  other.boot_config.reset();
  auto card = facts_of("");
  card.board.reset();
  card.is_offline_root = true;
  for (const auto& facts : {other, card}) {
    const auto error = error_of([&] { render_gps(facts); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(error->hint().find("\"device\"") != std::string::npos);
  }
}

TEST_CASE("chronyd waits for the pulse, and reads the receiver's lines at each start", "[gps]") {
  const auto target = render_gps(facts_of("Raspberry Pi 4 Model B Rev 1.4"));
  const auto unit = content_of(target, "/etc/systemd/system/chrony.service.d/50-timectl.conf");
  CHECK(has_exact_line(unit, "Wants=dev-pps0.device"));
  CHECK(has_exact_line(unit, "After=dev-pps0.device"));
  CHECK(has_exact_line(unit, "ExecStartPre=-+/usr/bin/timectl gps enable"));
  CHECK(has_exact_line(content_of(target, "/etc/chrony/conf.d/50-timectl.conf"),
                       "confdir /run/chrony-dhcp"));
  CHECK(has_exact_line(content_of(target, "/etc/systemd/system/dev-pps0.device.d/50-timectl.conf"),
                       "JobRunningTimeoutSec=60s"));
}

TEST_CASE("a pin that has another owner is refused with both places", "[gps]") {
  struct Row {
    const char* overlay;
    std::vector<std::string> parameters;
    int pin;
  };
  for (const auto& [name, parameters, pin] :
       {Row{"w1-gpio", {}, 4}, Row{"w1-gpio", {"gpiopin=18"}, 18}, Row{"gpio-ir", {}, 18},
        Row{"gpio-ir-tx", {}, 18}, Row{"pwm-2chan", {}, 19}, Row{"pwm", {"pin=12"}, 12},
        Row{"gpio-shutdown", {}, 3}, Row{"gpio-fan", {}, 12}, Row{"gpio-poweroff", {}, 26},
        Row{"dht11", {}, 4}, Row{"hifiberry-dacplus", {}, 21}, Row{"uart3", {}, 5},
        Row{"i2c-gpio", {"i2c_gpio_sda=17"}, 17}}) {
    INFO(name << " " << pin);
    const auto target = render_gps_beside(gps_overlay(name, parameters), {.pps_gpio = pin});
    REQUIRE(target.conflicts.size() == 1);
    const auto& reason = target.conflicts[0].reason;
    CHECK(reason.find("GPIO " + std::to_string(pin) + " can have one owner only") == 0);
    CHECK(reason.find(std::string{"the overlay "} + name +
                      " (/boot/firmware/config.txt line 12)") != std::string::npos);
  }
}

TEST_CASE("an overlay at another pin is no matter", "[gps]") {
  for (const auto& overlay :
       {gps_overlay("w1-gpio", {}), gps_overlay("gpio-fan", {"gpiopin=14,temp"}),
        gps_overlay("i2c-rtc", {"ds3231"}), gps_overlay("vc4-kms-v3d", {})}) {
    INFO(overlay.text);
    const auto target = render_gps_beside(overlay);
    CHECK((target.conflicts.empty() || overlay.name == "gpio-fan"));
  }
}

TEST_CASE("the pins of serial port, RTC and HAT are no pulse's", "[gps]") {
  for (const int pin : {0, 1, 14, 15}) {
    INFO(pin);
    const auto target = render_gps(facts_of("Raspberry Pi 4 Model B Rev 1.4"), {.pps_gpio = pin});
    CHECK(target.conflicts.size() == 1);
  }
  auto site = make_site();
  site.hosts[0].rtc = profile::RtcFeature{};
  site.hosts[0].gps = profile::GpsFeature{.pps_gpio = 3};
  const auto target = render_host(site, site.hosts[0], facts_of("Raspberry Pi 4 Model B Rev 1.4"));
  REQUIRE(target.conflicts.size() == 1);
  CHECK(target.conflicts[0].reason.find("the RTC's I2C bus") != std::string::npos);
}

TEST_CASE("a pulse that config.txt has already gives way, a second one is refused", "[gps]") {
  const auto same = render_gps_beside(gps_overlay("pps-gpio", {}));
  CHECK(same.conflicts.empty());
  CHECK(find_file(same, gps_config)->superseded.contains("dtoverlay=pps-gpio"));
  const auto other = render_gps_beside(gps_overlay("pps-gpio", {"gpiopin=4"}));
  REQUIRE(other.conflicts.size() == 1);
  CHECK(other.conflicts[0].reason.find("a pulse at another pin") != std::string::npos);
  const auto with_more =
      render_gps_beside(gps_overlay("pps-gpio", {"gpiopin=18", "assert_falling_edge"}));
  CHECK(with_more.conflicts.size() == 1);
}

TEST_CASE("console words become blanks, and nothing else of the line moves", "[gps]") {
  const std::vector<std::string> devices{"serial0", "ttyAMA0"};
  const auto freed = [&](const char* line) { return features::without_consoles(line, devices); };
  CHECK(freed("console=serial0,115200 console=tty1 root=x\n") ==
        "                       console=tty1 root=x\n");
  CHECK(freed("a console=ttyAMA0 b") == "a                 b");
  CHECK(freed("a console=ttyAMA0\n") == "a                \n");
  CHECK(freed("console=serial0,1 console=ttyAMA0,2") == std::string(35, ' '));
  for (const auto* kept : {"console=serial01 x", "xconsole=serial0", "console=tty1", "serial0", "",
                           "earlycon=console=serial0", "console=ttyS0,115200"}) {
    CHECK(freed(kept) == kept);
  }
}

TEST_CASE("the console leaves the port in place, at the next boot", "[gps]") {
  const auto target = render_gps(facts_of("Raspberry Pi 4 Model B Rev 1.4"));
  const auto* file = find_file(target, command_line_txt);
  REQUIRE(file != nullptr);
  CHECK(file->kind == target::FileKind::edited);
  CHECK(file->in_place);
  CHECK(file->content == "                       console=tty1 root=PARTUUID=1-02 rootwait\n");
  CHECK(file->reactions == std::vector<target::Reaction>{{target::ReactionKind::reboot, ""}});
  CHECK(stops(target, "serial-getty@serial0.service"));
  CHECK(stops(target, "serial-getty@ttyS0.service"));
  auto free = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  free.boot.command_line = "console=tty1 root=/dev/mmcblk0p2\n";
  const auto without = render_gps(free);
  CHECK(find_file(without, command_line_txt) == nullptr);
}

TEST_CASE("a command line that one write does not replace whole is left to the user", "[gps]") {
  auto longer = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  longer.boot.command_line = "console=serial0,115200 " + std::string(489, 'x') + "\n";
  REQUIRE(longer.boot.command_line.size() == 513);
  auto lines = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  lines.boot.command_line = "console=serial0,115200 root=x\nsecond=line\n";
  auto generated = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  generated.boot.is_generated = true;
  generated.boot.source = system::RootedPath{"/etc/default/raspi-firmware-custom"};
  for (const auto& facts : {longer, lines, generated}) {
    const auto target = render_gps(facts);
    CHECK(find_file(target, command_line_txt) == nullptr);
    REQUIRE(target.conflicts.size() == 1);
    CHECK(target.conflicts[0].reason.find("'console=serial0,115200'") != std::string::npos);
  }
  longer.boot.command_line.erase(500, 1);
  CHECK(render_gps(longer).conflicts.empty());
}

TEST_CASE("Wi-Fi that the host is reached by is not switched off", "[gps]") {
  const profile::GpsFeature off{.wifi = profile::Radio::off};
  auto facts = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  CHECK(has_exact_line(content_of(render_gps(facts, off), gps_config), "dtoverlay=disable-wifi"));
  system::Interface wifi;
  wifi.name = "wlan0";
  wifi.is_wireless = wifi.is_up = true;
  facts.interfaces.push_back(wifi);
  CHECK_NOTHROW(render_gps(facts, off));
  facts.interfaces.back().addresses = {*Subnet::parse("192.168.4.20/24")};
  CHECK_THROWS_AS(render_gps(facts, off), Error);
}

TEST_CASE("a plan says what is missing before the pulse is used", "[gps]") {
  const auto facts = facts_of("Raspberry Pi 4 Model B Rev 1.4");
  CHECK(notes_say(render_gps(facts), "timectl gps calibrate"));
  CHECK_FALSE(notes_say(render_gps(facts, {.nmea_offset = Seconds{0.1}}), "timectl gps calibrate"));
  auto site = make_site();
  site.hosts[0].sources.reset();
  site.hosts[0].gps = profile::GpsFeature{};
  CHECK(notes_say(render_host(site, site.hosts[0], facts), "no other source shows"));
}
