// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <time.h>

/// What every adapter that calls the kernel directly needs.
namespace timectl::system::os::kernel {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();
  void close();

 private:
  int number_;
};

/// Throws "cannot `what`: reason" with the kind that belongs to `error`.
[[noreturn]] void fail(const std::string& what, int error = errno);

ErrorKind kind_of(int error);

/// The system clock at this instant.
WallTime wall_now();
WallTime to_wall_time(const timespec& time);
timespec to_timespec(std::chrono::nanoseconds span);

/// Four bytes or sixteen, in network order; nullopt for any other number.
std::optional<IpAddress> address_from(std::span<const std::uint8_t> bytes);

/// The content of a small file of /proc or /sys without its final white space; "" when it cannot
/// be read (attributes vanish with their device at any moment) or is larger than a page can be.
std::string read_attribute(const std::string& path);

/// The last component of the symlink's target; "" when `path` is no symlink.
std::string link_name(const std::string& path);

}  // namespace timectl::system::os::kernel
