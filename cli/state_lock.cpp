// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "state_lock.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace timectl::cli {

std::unique_ptr<system::Lock> take_state_lock(Context& context) {
  // A bare image may not even have /var/lib.
  for (const auto* directory : {"/var", "/var/lib", "/var/lib/timectl"}) {
    const system::RootedPath path{directory};
    if (!context.files().status(path)) context.files().make_directory(path, {0755, 0, 0});
  }
  const auto& caller = context.caller();
  auto lock =
      context.locks().take(state_lock_path, fmt::format("'{}' of {}", caller.command, caller.user));
  if (const auto notice = lock->notice(); !notice.empty()) context.report().warning(notice);
  return lock;
}

void require_root(const Context& context, const std::string& command) {
  if (context.is_offline() || geteuid() == 0) return;
  throw Error{ErrorKind::permission, fmt::format("cannot {}: needs root", command),
              fmt::format("sudo timectl {}", command)};
}

}  // namespace timectl::cli
