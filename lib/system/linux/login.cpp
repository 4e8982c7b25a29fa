// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/login.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/libsystemd.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <sys/sysmacros.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

struct ProcessLine {
  int parent = 0;
  dev_t terminal = 0;  ///< 0: it has none
};

/// proc(5), /proc/PID/stat: "7 (name) S PPID PGRP SESSION TTY …"; the name may have anything in it.
std::optional<ProcessLine> line_of(int pid, const std::string& proc) {
  const auto text = kernel::read_attribute(fmt::format("{}/{}/stat", proc, pid));
  const auto end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const auto words = words_of(std::string_view{text}.substr(end + 1));
  if (words.size() < 5) return std::nullopt;
  const auto parent = to_integer(words[1]);
  const auto terminal = to_integer(words[4]);
  if (!parent || !terminal) return std::nullopt;
  return ProcessLine{static_cast<int>(*parent), static_cast<dev_t>(*terminal)};
}

/// The kernel's Documentation/admin-guide/devices.txt: 136 to 143, and 3 of BSD's.
bool is_pseudo(dev_t terminal) {
  const auto kind = major(terminal);
  return (kind >= 136 && kind <= 143) || kind == 3;
}

using Text = std::unique_ptr<char, decltype(&std::free)>;

/// Of this process; null where it is in none, and where there is no libsystemd. It is the same
/// behind sudo and su.
Text own_session() {
  char* name = nullptr;
  try {
    if (sd_pid_get_session(0, &name) < 0) name = nullptr;
  } catch (const Error&) {
  }
  return Text{name, &std::free};
}

/// logind knows it too when the connection that logged in is gone (mosh).
std::optional<IpAddress> remote_host_of(const char* session) {
  char* host = nullptr;
  if (sd_session_get_remote_host(session, &host) < 0) return std::nullopt;
  const Text remote{host, &std::free};
  return IpAddress::parse(remote.get());
}

/// nullopt where logind does not know it any more.
std::optional<Session> look_up(const char* session) {
  char* type = nullptr;
  if (sd_session_get_type(session, &type) < 0) return std::nullopt;
  const Text owned{type, &std::free};
  return Session{owned.get(), sd_session_is_remote(session) > 0};
}

/// The path of systemd's own hierarchy: "0::/system.slice/x.service" or "9:name=systemd:/…".
std::string control_group(int pid, const std::string& proc) {
  std::string unified;
  for (const auto& line :
       lines_of(kernel::read_attribute(fmt::format("{}/{}/cgroup", proc, pid)))) {
    const auto path = line.find(":/");
    if (path == std::string::npos) continue;
    const auto hierarchy = line.substr(line.find(':') + 1);
    if (hierarchy.starts_with("name=systemd:")) return line.substr(path + 1);
    if (hierarchy.starts_with(":")) unified = line.substr(path + 1);
  }
  return unified;
}

/// "CLIENT PORT SERVER PORT" (ssh(1)); sudo takes it away.
std::optional<IpAddress> remote_host_of_ssh() {
  const char* said = std::getenv("SSH_CONNECTION");
  const auto words = words_of(said == nullptr ? "" : said);
  return words.empty() ? std::nullopt : IpAddress::parse(words.front());
}

}  // namespace

bool is_below_console(int pid, const std::string& proc) {
  constexpr int far = 100;
  for (int steps = 0; steps < far && pid > 0; ++steps) {
    const auto line = line_of(pid, proc);
    if (!line || line->terminal == 0) return false;
    if (!is_pseudo(line->terminal)) return true;
    pid = line->parent;
  }
  return false;
}

bool is_of_service(int pid, const std::string& proc) {
  constexpr std::array<std::string_view, 3> gettys{
      "system-getty.slice", "system-serial\\x2dgetty.slice", "system-container\\x2dgetty.slice"};
  constexpr std::array<std::string_view, 4> shells{"console-getty.service", "rescue.service",
                                                   "emergency.service", "debug-shell.service"};
  const auto is_among = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  bool is_service = false;
  for (const auto& part : split(control_group(pid, proc), '/')) {
    if (is_among(gettys, part) || is_among(shells, part)) return false;
    // A login's own scope: user-1000.slice/session-3.scope.
    if (part.starts_with("session-") && part.ends_with(".scope")) return false;
    is_service = is_service || part.ends_with(".service");
  }
  return is_service;
}

bool is_at_terminal(const Session& session) { return session.type == "tty" && !session.is_remote; }

Login own_login() {
  const int self = ::getpid();
  Login login;
  login.is_console = is_below_console(self, "/proc") && !is_of_service(self, "/proc");
  if (const auto session = own_session()) {
    const auto known = look_up(session.get());
    if (known && !is_at_terminal(*known)) login.is_console = false;
    login.remote_host = remote_host_of(session.get());
  }
  if (!login.remote_host) login.remote_host = remote_host_of_ssh();
  return login;
}

}  // namespace timectl::system::os
