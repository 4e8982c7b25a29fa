// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "state_lock.hpp"

#include "apply/generations.hpp"
#include "base/error.hpp"
#include "interruption.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>

#include <utility>

#include <unistd.h>

namespace timectl::cli {

namespace {

class StateLock : public system::Lock {
 public:
  explicit StateLock(std::unique_ptr<system::Lock> lock) : lock_(std::move(lock)) {}
  std::string notice() const override { return lock_->notice(); }

 private:
  StopsHeldBack until_it_is_free_;  // before lock_, and so gone after it
  std::unique_ptr<system::Lock> lock_;
};

}  // namespace

std::unique_ptr<system::Lock> take_state_lock(Context& context) {
  system::require_roots_own_tree(context.files(), apply::state_directory);
  // A bare image may not even have /var/lib.
  for (const auto* directory : {"/var", "/var/lib", "/var/lib/timectl"}) {
    const system::RootedPath path{directory};
    if (!context.files().status(path)) context.files().make_directory(path, {0755, 0, 0});
  }
  const auto& caller = context.caller();
  auto lock = std::make_unique<StateLock>(context.locks().take(
      state_lock_path, fmt::format("'{}' of {}", caller.command, caller.user)));
  if (const auto notice = lock->notice(); !notice.empty()) context.report().warning(notice);
  return lock;
}

void require_root(Context& context, const std::string& command) {
  if (!context.is_offline() && geteuid() != 0) {
    throw Error{ErrorKind::permission, fmt::format("cannot {}: needs root", command),
                fmt::format("sudo timectl {}", command)};
  }
  system::require_roots_own_tree(context.files(), apply::state_directory);
}

}  // namespace timectl::cli
