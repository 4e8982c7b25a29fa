// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/limits.hpp"
#include "system/rooted_path.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::system {

enum class FileType { regular, directory, symlink, other };

/// Who owns a file and who may use it.
struct Ownership {
  std::uint32_t mode = 0644;  ///< permission bits, setuid and sticky included
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;

  bool operator==(const Ownership&) const = default;
};

struct FileStatus {
  FileType type = FileType::regular;
  Ownership ownership;
  WallTime modified{};
  std::uint64_t size = 0;
};

struct File {
  std::string content;
  FileStatus status;
};

/// The right to read files below the root. Paths resolve as they would for a program whose root
/// directory is the root: a symlink never leads out of it (openat2, RESOLVE_IN_ROOT).
class FileReader {
 public:
  virtual ~FileReader() = default;

  /// What is at `path` itself (a symlink is not followed); nullopt when nothing is.
  virtual std::optional<FileStatus> status(const RootedPath& path) const = 0;

  /// The regular file `path` leads to (symlinks are followed). A missing file is nullopt; anything
  /// else that prevents reading throws Error{io or permission}. Directories, devices and pipes
  /// throw Error{io}: they are never opened for reading. A file beyond the limit throws
  /// Error{limit.kind}, before it is read if its size says so, after a byte too many if the size is
  /// wrong (/proc, /sys) or the file grows.
  std::optional<File> read(const RootedPath& path,
                           const ReadLimit& limit = limits::configuration) const {
    return read_within(path, limit);
  }

  /// The target of the symlink at `path`; nullopt when it is absent or not a symlink.
  virtual std::optional<std::string> read_link(const RootedPath& path) const = 0;

  /// Names in the directory, sorted, without "." and "..". A missing directory has none; more names
  /// than limits::names_in_directory throw Error{io}.
  virtual std::vector<std::string> list(const RootedPath& path) const = 0;

  /// The user who reads and writes here (geteuid(2)); 0 is root.
  virtual std::uint32_t user() const = 0;
  /// Where `path` is on the running host, for commands that messages show to the user.
  virtual std::string host_path(const RootedPath& path) const = 0;

 private:
  virtual std::optional<File> read_within(const RootedPath& path, const ReadLimit& limit) const = 0;
};

/// The right to change files below the root. Every call either happens or throws Error{io or
/// permission}; what is durable when is said at each. The last component of a path is never
/// followed when it is a symlink.
class FileStore : public FileReader {
 public:
  /// Writes `content` beside `target` (same directory, a name of ours that is derived from the
  /// target's) with the final ownership and fsyncs it. Nothing at `target` changes.
  /// With `modified` the file also gets that time (a restored file keeps its old one).
  virtual void stage(const RootedPath& target, std::string_view content, const Ownership& ownership,
                     std::optional<WallTime> modified = {}) = 0;
  /// Gives what was staged for `target` the extended attributes (xattr(7), access lists among them)
  /// of the regular file at `from`, no others, and fsyncs it. Its mode stays, so an access list
  /// grants no more than that; capabilities (capabilities(7)) are never passed on. What the file
  /// system of `target` cannot keep is left out.
  virtual void stage_attributes(const RootedPath& target, const RootedPath& from) = 0;
  /// As stage(), a symlink to `link_target`.
  virtual void stage_link(const RootedPath& target, std::string_view link_target) = 0;
  /// Renames what was staged over `target`: readers see the old or the new, never a mixture.
  /// Durable after sync_directory(target.parent()).
  virtual void swap_in(const RootedPath& target) = 0;
  /// Removes what was staged for `target`, if anything.
  virtual void discard_staged(const RootedPath& target) = 0;

  /// Makes a symlink where nothing is, in one step; throws when something is there. Durable after
  /// sync_directory(path.parent()).
  virtual void make_link(const RootedPath& path, std::string_view link_target) = 0;

  /// Removes a file or symlink; absent is fine.
  virtual void remove(const RootedPath& path) = 0;
  /// Makes one directory; its parent exists. An existing directory is fine.
  virtual void make_directory(const RootedPath& path, const Ownership& ownership) = 0;
  /// Removes a directory if it is empty; absent or not empty is fine.
  virtual void remove_directory_if_empty(const RootedPath& path) = 0;

  /// Gives the file at `path` another owner and mode, and its content stays.
  virtual void set_ownership(const RootedPath& path, const Ownership& ownership) = 0;

  /// For VFAT, where a rename does not survive a power cut: writes `content` at `offset` of the
  /// existing file, cuts it there behind what was written, fsyncs. Bytes before `offset` never
  /// move. A missing file is created.
  virtual void write_in_place(const RootedPath& path, std::uint64_t offset,
                              std::string_view content) = 0;

  virtual void sync_directory(const RootedPath& path) = 0;  ///< absent is fine
};

}  // namespace timectl::system
