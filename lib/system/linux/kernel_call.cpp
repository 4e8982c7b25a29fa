// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/kernel_call.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace timectl::system::os::kernel {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() { return std::exchange(number_, -1); }

void Descriptor::close() {
  if (number_ >= 0) ::close(release());
}

ErrorKind kind_of(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return ErrorKind::permission;
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return ErrorKind::missing;
    case EBUSY:
      return ErrorKind::busy;
    case ETIMEDOUT:
      return ErrorKind::timeout;
    default:
      return ErrorKind::io;
  }
}

void fail(const std::string& what, int error) {
  // strerror's words begin with a capital, ours do not.
  std::string reason = std::generic_category().message(error);
  if (!reason.empty() && reason.front() >= 'A' && reason.front() <= 'Z') {
    reason.front() = static_cast<char>(reason.front() - 'A' + 'a');
  }
  throw Error{kind_of(error), fmt::format("cannot {}: {}", what, reason)};
}

WallTime wall_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return to_wall_time(now);
}

WallTime to_wall_time(const timespec& time) {
  return WallTime{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

timespec to_timespec(std::chrono::nanoseconds span) {
  // Towards minus infinity: tv_nsec is never negative, not even before 1970.
  const auto whole = std::chrono::floor<std::chrono::seconds>(span);
  timespec result{};
  result.tv_sec = static_cast<time_t>(whole.count());
  result.tv_nsec = static_cast<long>((span - whole).count());
  return result;
}

std::optional<IpAddress> address_from(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  return IpAddress::parse(::inet_ntop(family, bytes.data(), text.data(), text.size()));
}

std::string read_attribute(const std::string& path) {
  // An attribute has a page at most (Documentation/filesystems/sysfs.rst), and pages up to 64 KiB.
  constexpr std::size_t most = 65536;
  std::string content(most + 1, '\0');
  std::ifstream file{path};
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  return size > most ? std::string{} : std::string{trim(content.substr(0, size))};
}

std::string link_name(const std::string& path) {
  std::error_code problem;
  const auto target = std::filesystem::read_symlink(path, problem);
  return problem ? std::string{} : target.filename().string();
}

}  // namespace timectl::system::os::kernel
