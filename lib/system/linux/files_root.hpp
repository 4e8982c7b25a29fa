// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/rooted_path.hpp"

#include <string>
#include <utility>

#include <sys/types.h>

namespace timectl::system::os {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void close();

 private:
  int number_ = -1;
};

/// "no space left on device": what errno means, as the end of one of our sentences.
std::string reason_of(int error);

/// Throws "cannot `what`: reason": Error{permission} for EACCES and EPERM, else Error{io}.
[[noreturn]] void throw_system_error(int error, const std::string& what);

/// The directory that is "/" of the machine.
class Root {
 public:
  /// "" and "/" are the running host. Throws Error{io} when `directory` is none.
  explicit Root(const std::string& directory);

  /// Opens as open(2) would for a program whose root directory this is (O_CLOEXEC is added). An
  /// empty Descriptor, and errno, when it fails.
  Descriptor open(const RootedPath& path, int flags, mode_t mode = 0) const;
  /// The directory that holds `path`, as a place for the *at() calls that change something. Root
  /// follows no links of others there (walk_to_directory): Error{refused}.
  Descriptor open_parent(const RootedPath& path) const;

  /// "'/etc/hosts'", and below which root if it is not the host's own.
  std::string shown(const RootedPath& path) const;
  /// Where `path` is on the host, as long as no link leads elsewhere.
  std::string path_of(const RootedPath& path) const { return directory_ + path.text(); }

 private:
  std::string directory_;  ///< "" for the host
  Descriptor place_;       ///< only for a root that is not the host's
};

}  // namespace timectl::system::os
