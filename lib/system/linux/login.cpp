// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/login.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/libsystemd.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

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

/// logind knows it behind sudo and su too, and when the connection that logged in is gone (mosh).
std::optional<IpAddress> remote_host_of_session() {
  try {
    char* name = nullptr;
    if (sd_pid_get_session(0, &name) < 0) return std::nullopt;
    const Text session{name, &std::free};
    char* host = nullptr;
    if (sd_session_get_remote_host(session.get(), &host) < 0) return std::nullopt;
    const Text remote{host, &std::free};
    return IpAddress::parse(remote.get());
  } catch (const Error&) {
    return std::nullopt;  // there is no libsystemd
  }
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

Login own_login() {
  Login login;
  login.is_console = is_below_console(::getpid(), "/proc");
  login.remote_host = remote_host_of_session();
  if (!login.remote_host) login.remote_host = remote_host_of_ssh();
  return login;
}

}  // namespace timectl::system::os
