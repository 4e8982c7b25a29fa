// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/libsystemd.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

namespace timectl::system::os {

namespace {

/// dlerror(3) says what and why: "libsystemd.so.0: cannot open shared object file: …".
[[noreturn]] void fail_to_load() {
  const char* const reason = dlerror();
  throw Error{ErrorKind::missing,
              fmt::format("cannot load libsystemd: {}", reason != nullptr ? reason : "unknown"),
              "apt install --reinstall libsystemd0"};
}

/// By its soname, where ld.so(8) looks for what is linked. It stays until the process ends.
void* load() {
  void* const library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail_to_load();
  return library;
}

}  // namespace

void* find_in_libsystemd(const char* function) {
  static void* const library = load();
  void* const found = dlsym(library, function);
  if (found == nullptr) fail_to_load();
  return found;
}

}  // namespace timectl::system::os
