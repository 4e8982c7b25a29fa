// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/login.hpp"

#include "scratch.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

using namespace timectl::system;

namespace {

// proc(5): the device's number, as the kernel makes it up of major and minor.
constexpr int none = 0;
constexpr int tty1 = 4 << 8 | 1;
constexpr int serial = 204 << 8 | 64;
constexpr int pts0 = 136 << 8;

void put_process(const timectl::test::Scratch& proc, int pid, int parent, int terminal) {
  proc.put(fmt::format("{}/stat", pid), fmt::format("{} (a (name) b) S {} {} {} {} -1 4194304\n",
                                                    pid, parent, pid, pid, terminal));
}

}  // namespace

TEST_CASE("a terminal that no network leads to is a console", "[login]") {
  const timectl::test::Scratch proc;
  put_process(proc, 7, 1, tty1);
  CHECK(os::is_below_console(7, proc.path()));
  put_process(proc, 7, 1, serial);
  CHECK(os::is_below_console(7, proc.path()));
}

TEST_CASE("a command behind sudo is at the terminal of its user", "[login]") {
  const timectl::test::Scratch proc;
  put_process(proc, 7, 6, pts0);
  put_process(proc, 6, 5, pts0);
  put_process(proc, 5, 1, tty1);
  CHECK(os::is_below_console(7, proc.path()));
}

TEST_CASE("a login over the network is none at a console, nor is a process without any",
          "[login]") {
  const timectl::test::Scratch proc;
  put_process(proc, 7, 6, pts0);
  put_process(proc, 6, 5, none);
  // sshd, started by hand.
  put_process(proc, 5, 1, tty1);
  CHECK_FALSE(os::is_below_console(7, proc.path()));
  CHECK_FALSE(os::is_below_console(6, proc.path()));
  CHECK_FALSE(os::is_below_console(99, proc.path()));
}

TEST_CASE("a service with a console's terminal is no operator at the console", "[login]") {
  const timectl::test::Scratch proc;
  const auto is_of_service = [&](const std::string& groups) {
    proc.put("7/cgroup", groups + "\n");
    return os::is_of_service(7, proc.path());
  };
  CHECK(is_of_service("0::/system.slice/first-boot.service"));
  CHECK(is_of_service("0::/system.slice/system-provision.slice/provision@1.service"));
  CHECK(is_of_service("0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service"));
  // The first version of control groups, and both at once.
  CHECK(is_of_service("9:name=systemd:/system.slice/cron.service\n8:pids:/\n0::/"));
  CHECK(is_of_service("8:pids:/\n0::/system.slice/cron.service"));
}

TEST_CASE("a login at a terminal is no service, with logind or without", "[login]") {
  const timectl::test::Scratch proc;
  const auto is_of_service = [&](const std::string& groups) {
    proc.put("7/cgroup", groups + "\n");
    return os::is_of_service(7, proc.path());
  };
  CHECK_FALSE(is_of_service("0::/user.slice/user-1000.slice/session-3.scope"));
  CHECK_FALSE(is_of_service("0::/system.slice/system-getty.slice/getty@tty1.service"));
  CHECK_FALSE(
      is_of_service("0::/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service"));
  CHECK_FALSE(is_of_service("0::/system.slice/rescue.service"));
  // Without systemd, or as a container sees it.
  CHECK_FALSE(is_of_service("0::/"));
  CHECK_FALSE(os::is_of_service(99, proc.path()));
}

TEST_CASE("a session is at the console by a terminal that is not remote", "[login]") {
  CHECK(os::is_at_terminal({.type = "tty"}));
  CHECK_FALSE(os::is_at_terminal({.type = "tty", .is_remote = true}));
  CHECK_FALSE(os::is_at_terminal({.type = "wayland"}));
  CHECK_FALSE(os::is_at_terminal({.type = "unspecified"}));
}
