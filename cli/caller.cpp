// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "caller.hpp"

#include "base/visible.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>

#include <pwd.h>
#include <unistd.h>

namespace timectl::cli {

namespace {

/// The user who logged in, whatever su and sudo made of them since.
std::optional<uid_t> login_uid() {
  constexpr uid_t never_logged_in = std::numeric_limits<uid_t>::max();
  std::ifstream file{"/proc/self/loginuid"};
  uid_t uid = never_logged_in;
  return file >> uid && uid != never_logged_in ? std::optional{uid} : std::nullopt;
}

std::string name_of(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry != nullptr ? entry->pw_name : fmt::format("uid {}", uid);
}

std::string user_name() {
  const char* behind_sudo = std::getenv("SUDO_USER");
  if (geteuid() == 0 && behind_sudo != nullptr && *behind_sudo != '\0') return behind_sudo;
  return name_of(login_uid().value_or(geteuid()));
}

}  // namespace

apply::Who find_caller(int argc, char** argv) {
  std::string command = "timectl";
  for (int i = 1; i < argc; ++i) command += fmt::format(" {}", argv[i]);
  // A line of its own in the journal and in the lock; JSON has to be UTF-8.
  return {visible(user_name()), visible(command)};
}

}  // namespace timectl::cli
