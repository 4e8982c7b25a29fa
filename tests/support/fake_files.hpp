// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

/// A file tree in memory that works like the real one, counts its writes and fails on request.
/// /dev/null is a device in it, whose content nothing can be.
class FakeFiles : public system::FileStore {
 public:
  struct Node {
    system::FileType type = system::FileType::regular;
    std::string content;  ///< a symlink's target
    system::Ownership ownership;
    WallTime modified{};
    std::map<std::string, std::string> attributes = {};

    bool operator==(const Node&) const = default;
  };
  using Tree = std::map<std::string, Node>;

  FakeFiles() = default;
  /// Regular files with their parents.
  FakeFiles(std::initializer_list<std::pair<std::string, std::string>> files);

  void put(const std::string& path, const std::string& content, std::uint32_t mode = 0644);
  void put_link(const std::string& path, const std::string& target);
  void put_other(const std::string& path);  ///< a FIFO, say
  void put_directory(const std::string& path);
  void erase(const std::string& path);
  void set_attribute(const std::string& path, const std::string& name, const std::string& value) {
    tree_.at(path).attributes[name] = value;
  }
  bool has(const std::string& path) const { return tree_.count(path) != 0; }
  /// The content of a file that must be there.
  const std::string& at(const std::string& path) const { return tree_.at(path).content; }

  /// Everything, for comparing before and after. Staged files included.
  const Tree& snapshot() const { return tree_; }
  int writes() const { return writes_; }
  /// The n-th changing call from now on (1 is the next) fails with "no space left on device", and
  /// so do all after it when `forever`.
  void fail_on_write(int n, bool forever = false);
  /// False after all writes of what was tried: no later one can fail.
  bool has_failed() const { return fail_at_ != 0 && writes_ >= fail_at_; }
  /// Reading this path throws Error{permission}.
  void forbid_reading(const std::string& path) { forbidden_.push_back(path); }
  void allow_reading() { forbidden_.clear(); }

  std::optional<system::FileStatus> status(const system::RootedPath& path) const override;
  std::optional<std::string> read_link(const system::RootedPath& path) const override;
  std::vector<std::string> list(const system::RootedPath& path) const override;
  std::uint32_t user() const override { return user_; }
  std::string host_path(const system::RootedPath& path) const override { return path.text(); }
  void become(std::uint32_t user) { user_ = user; }
  void stage(const system::RootedPath& target, std::string_view content,
             const system::Ownership& ownership, std::optional<WallTime> modified) override;
  void stage_attributes(const system::RootedPath& target, const system::RootedPath& from) override;
  void stage_link(const system::RootedPath& target, std::string_view link_target) override;
  void swap_in(const system::RootedPath& target) override;
  void discard_staged(const system::RootedPath& target) override;
  void make_link(const system::RootedPath& path, std::string_view link_target) override;
  void remove(const system::RootedPath& path) override;
  void make_directory(const system::RootedPath& path, const system::Ownership& ownership) override;
  void remove_directory_if_empty(const system::RootedPath& path) override;
  void set_ownership(const system::RootedPath& path, const system::Ownership& ownership) override;
  void write_in_place(const system::RootedPath& path, std::uint64_t offset,
                      std::string_view content) override;
  void sync_directory(const system::RootedPath& path) override;

 private:
  std::optional<system::File> read_within(const system::RootedPath& path,
                                          const system::ReadLimit& limit) const override;
  void count_write(const system::RootedPath& path);
  void put_node(const std::string& path, Node node);
  std::string staged_name(const system::RootedPath& target) const;
  std::string resolve(const std::string& path, int depth = 0) const;

  Tree tree_{{"/", {system::FileType::directory, "", {0755, 0, 0}, {}}}};
  std::vector<std::string> forbidden_;
  std::uint32_t user_ = 0;
  int writes_ = 0;
  int fail_at_ = 0;
  bool fail_forever_ = false;
};

}  // namespace timectl::test
