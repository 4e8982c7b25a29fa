// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_commands.hpp"

#include "support/catch.hpp"

#include <chrono>

using namespace timectl;
using namespace timectl::features;

namespace {

/// The effect of the first command that has one, and its line.
std::pair<std::string, std::size_t> first_effect(const std::string& script) {
  std::pair<std::string, std::size_t> found{"", 0};
  for_each_command(script, [&](const ShellCommand& command) {
    found = {effect_on_clock(command), command.line};
    return found.first.empty();
  });
  return found;
}

bool sets(const std::string& script) { return !first_effect(script).first.empty(); }

}  // namespace

TEST_CASE("commands that set the clock are told in many spellings") {
  for (const auto* script : {"hwclock -s",
                             "/sbin/hwclock --hctosys",
                             "hwclock --hcto",
                             "hwclock -us",
                             "hwclock -sf /dev/rtc1",
                             "hwclock -f /dev/rtc1 -s",
                             "sudo -n /usr/sbin/hwclock -s",
                             "nohup hwclock -s &",
                             "timeout 10 hwclock -s",
                             "timeout -k 5 10 hwclock -s",
                             "env TZ=UTC hwclock -s",
                             "TZ=UTC LANG=C hwclock -s",
                             "sh -c 'sleep 5; hwclock -s'",
                             "/bin/bash -ec \"hwclock -s\"",
                             "sudo sh -c 'sh -c \"hwclock -s\"'",
                             "su root -c 'hwclock -s'",
                             "eval hwclock -s",
                             "sleep 1 && hwclock -s",
                             "sleep 1; hwclock -s",
                             "if true; then hwclock -s; fi",
                             "if hwclock -s; then :; fi",
                             "! hwclock -s",
                             "x=$(hwclock -s)",
                             "echo \"$(hwclock -s)\"",
                             "echo `hwclock -s`",
                             "(sleep 20; hwclock -s) &",
                             "{ hwclock -s; }",
                             "f() { hwclock -s; }",
                             "function f { hwclock -s; }",
                             "function f() { hwclock -s; }",
                             "case x in start) hwclock -s;; esac",
                             "exec hwclock -s",
                             "nice -n 10 hwclock -s",
                             "flock /run/lock/x hwclock -s",
                             "flock -n /run/lock/x -c 'hwclock -s'",
                             "hwclock \\\n  -s",
                             "\"/sbin/hwclock\" '-s'",
                             "hwclock -s >/dev/null 2>&1",
                             "2>/dev/null hwclock -s",
                             "$HWCLOCK -s",
                             "${HWCLOCK} --hctosys",
                             "busybox hwclock -s",
                             "ntpdate pool.ntp.org",
                             "ntpdate -u 192.168.4.2",
                             "ntpdate-debian",
                             "ntpdig -S pool.ntp.org",
                             "sntp -Ss pool.ntp.org",
                             "sntp -s pool.ntp.org",
                             "rdate -n time.nist.gov",
                             "rdate time.nist.gov",
                             "htpdate -s www.debian.org",
                             "htpdate -D www.debian.org",
                             "tlsdate -H www.debian.org",
                             "chronyd -q 'server pool.ntp.org iburst'",
                             "ntpd -gq",
                             "ntpd -g -q",
                             "busybox ntpd -p pool.ntp.org",
                             "date -s 2026-01-01",
                             "date -us 2026-01-01",
                             "date --set=@1700000000",
                             "date --set 12:00",
                             "date -s \"$(curl -sI x | grep Date)\"",
                             "date 010112002026",
                             "date -u 01011200",
                             "timedatectl set-time 2026-01-01",
                             "timedatectl set-ntp true",
                             "adjtimex --tick 10001",
                             "phc2sys -s eth0 -w",
                             "phc2sys -a -r",
                             "fake-hwclock load",
                             "chronyc settime 12:00",
                             "echo ds1307 0x68 > /sys/class/i2c-adapter/i2c-1/new_device",
                             "echo ds3231 0x68 >/sys/bus/i2c/devices/i2c-1/new_device",
                             "echo 'pcf8523 0x68' > /sys/class/i2c-dev/i2c-1/device/new_device"}) {
    INFO(script);
    CHECK(sets(script));
  }
}

TEST_CASE("what reads the clock, sets the RTC or only names a command is none") {
  for (const auto* script : {"hwclock -w",
                             "hwclock --systohc",
                             "hwclock -r",
                             "hwclock --rtc=/dev/rtc0 --systz",
                             "hwclock -a",
                             "hwclock --adjust",
                             "hwclock -f /dev/s",
                             "hwclock --hctosys --test",
                             "# hwclock -s",
                             "true # hwclock -s",
                             "echo hwclock -s",
                             "echo \"run: hwclock -s\"",
                             "printf '%s\\n' 'a; hwclock -s'",
                             "logger 'then hwclock -s; done'",
                             "echo 'one\nhwclock -s\ntwo'",
                             "cat <<EOF\nhwclock -s\nEOF\n",
                             "cat <<-'END' >x\n\thwclock -s\n\tEND\n",
                             "command -v hwclock",
                             "which hwclock; type ntpdate",
                             "[ -x /sbin/hwclock ] || true",
                             "for x in hwclock -s; do :; done",
                             "HWCLOCK='hwclock -s'",
                             "apt-get install ntpdate",
                             "systemctl restart chrony",
                             "ntpdate -q pool.ntp.org",
                             "ntpdig pool.ntp.org",
                             "sntp pool.ntp.org",
                             "rdate -p time.nist.gov",
                             "htpdate -q www.debian.org",
                             "tlsdate -n",
                             "chronyd -Q",
                             "chronyd -F 1",
                             "ntpd -u ntp:ntp -g",
                             "busybox ntpd -w -p pool.ntp.org",
                             "date",
                             "date +%s",
                             "date -d 01011200",
                             "date -d @1700000000 +%s",
                             "date -r /etc/passwd",
                             "date --rfc-3339=seconds",
                             "date -Iseconds",
                             "timedatectl status",
                             "timedatectl -H other set-time 2026-01-01",
                             "timedatectl set-timezone Europe/Berlin",
                             "adjtimex --print",
                             "phc2sys -s CLOCK_REALTIME -c eth0",
                             "fake-hwclock save",
                             "chronyc tracking",
                             "chronyc makestep",
                             "echo lm75 0x48 > /sys/class/i2c-adapter/i2c-1/new_device",
                             "echo ds1307 0x68 > /tmp/new_device",
                             "echo $((1<<2)); true"}) {
    INFO(script);
    CHECK_FALSE(sets(script));
  }
}

TEST_CASE("a command's line is that of its first word") {
  CHECK(first_effect("#!/bin/sh\n\nsleep 1 && \\\n  hwclock \\\n -s\n").second == 4);
  CHECK(first_effect("cat <<X\na\nb\nX\nhwclock -s\n").second == 5);
  CHECK(first_effect("echo 'a\nb'\nhwclock -s\n").second == 3);
}

TEST_CASE("only a command that its line has alone is said to be so") {
  const auto is_whole = [](const std::string& script) {
    bool whole = false;
    for_each_command(script, [&](const ShellCommand& command) {
      if (effect_on_clock(command).empty()) return true;
      whole = command.is_whole_line;
      return false;
    });
    return whole;
  };
  for (const auto* script : {"hwclock -s", "  hwclock -s  \nexit 0\n", "hwclock -s &\n",
                             "true\nhwclock -s # at boot\n", "hwclock -s;\n"}) {
    INFO(script);
    CHECK(is_whole(script));
  }
  for (const auto* script : {"true; hwclock -s", "true && hwclock -s", "true &&\nhwclock -s\n",
                             "hwclock -s &&\ntrue\n", "hwclock \\\n-s\n", "hwclock -s; true",
                             "true |\n hwclock -s\n", "x=$(hwclock -s)", "a=1 \\\n hwclock -s"}) {
    INFO(script);
    CHECK_FALSE(is_whole(script));
  }
}

TEST_CASE("lines of any length and nesting take time in proportion") {
  const std::string size(500'000, 'x');
  std::vector<std::string> scripts{size, "echo " + size, std::string(500'000, ' ') + "hwclock -s"};
  for (const auto* part : {"$(", "`", "(", "a;", "\"", "'x' ", "${", "<<A ", "\\\n", "#\n", "; ",
                           "sh -c ", "sudo ", "$((", "if ", ">", "\n"}) {
    std::string script;
    while (script.size() < 300'000) script += part;
    scripts.push_back(std::move(script));
  }
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& script : scripts) sets(script);
  // Built with sanitizers a pass takes milliseconds; a quadratic one takes minutes.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{30});
}
