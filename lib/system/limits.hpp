// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace timectl::system {

/// The most that timectl reads of one kind of file. timectl runs as root on machines with 512 MB
/// of memory, and not every file it reads was written by root: what is read is held whole, split
/// into lines (32 bytes and more each) or parsed (up to 20 times the size), so each kind has a
/// limit above anything in use and below what such a machine cannot hold.
struct ReadLimit {
  std::uint64_t bytes;
  const char* subject;             ///< "a profile": what the limit is for
  ErrorKind kind = ErrorKind::io;  ///< of the refusal
};

namespace limits {

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = 1024 * kibibyte;

/// The configuration of other programs, unit files, leases, and every other file whose reader
/// names no kind. The largest in use are lists of advertisers in /etc/hosts, 2 to 6 MB.
constexpr ReadLimit configuration{8 * mebibyte, "a configuration file"};

/// The shipped profiles have 3 kB; one with a thousand hosts has 200 kB.
constexpr ReadLimit profile{mebibyte, "a profile", ErrorKind::profile};
/// The longest shipped template has 3 kB.
constexpr ReadLimit site_template{mebibyte, "a template", ErrorKind::profile};

/// A journal, a record, after.json. They hold the contents of files that timectl changes, at most
/// one of them /etc/hosts at its limit, with a byte more for each newline. What would be larger is
/// not written (apply::stage_document).
constexpr ReadLimit state{16 * mebibyte, "a state file"};

/// /var/lib/dpkg/status: 1 kB a package, and Debian has 64,000 of them.
constexpr ReadLimit package_status{64 * mebibyte, "dpkg's status"};

/// /proc/PID/environ: execve(2) takes 2 MiB of arguments and environment under the stack limit of
/// 8 MiB that systemd gives a service. A process can let it claim more (prctl(2), PR_SET_MM).
constexpr ReadLimit environment{2 * mebibyte, "the environment of a process"};

/// A Debian package that the user gives: timectl's has 1.5 MB, chrony's and dnsmasq's less. It is
/// held whole, so that what is written to a card is what was checked.
constexpr ReadLimit package{64 * mebibyte, "a package"};

/// A directory: what is in it is sorted, and mostly read. apt keeps thousands of packages in one.
constexpr std::size_t names_in_directory = 65536;

}  // namespace limits

/// Throws "cannot `what`: it is larger than 8 MiB, the limit for a configuration file".
[[noreturn]] void throw_too_large(const std::string& what, const ReadLimit& limit,
                                  const std::string& hint = {});

}  // namespace timectl::system
