// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_files.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::test {

using system::FileType;
using system::RootedPath;

FakeFiles::FakeFiles(std::initializer_list<std::pair<std::string, std::string>> files) {
  for (const auto& [path, content] : files) put(path, content);
}

void FakeFiles::put_node(const std::string& path, Node node) {
  for (RootedPath parent = RootedPath{path}.parent(); !has(parent.text());
       parent = parent.parent()) {
    tree_[parent.text()] = {FileType::directory, "", {0755, 0, 0}, {}};
  }
  tree_[path] = std::move(node);
}

void FakeFiles::put(const std::string& path, const std::string& content, std::uint32_t mode) {
  put_node(path, {FileType::regular, content, {mode, 0, 0}, {}});
}
void FakeFiles::put_link(const std::string& path, const std::string& target) {
  put_node(path, {FileType::symlink, target, {0777, 0, 0}, {}});
}
void FakeFiles::put_other(const std::string& path) {
  put_node(path, {FileType::other, "", {0644, 0, 0}, {}});
}
void FakeFiles::put_directory(const std::string& path) {
  put_node(path, {FileType::directory, "", {0755, 0, 0}, {}});
}

void FakeFiles::erase(const std::string& path) { tree_.erase(path); }

void FakeFiles::fail_on_write(int n, bool forever) {
  fail_at_ = writes_ + n;
  fail_forever_ = forever;
}

void FakeFiles::count_write(const RootedPath& path) {
  ++writes_;
  const bool fails = fail_at_ != 0 && (fail_forever_ ? writes_ >= fail_at_ : writes_ == fail_at_);
  if (fails) {
    throw Error{ErrorKind::io,
                fmt::format("cannot write '{}': no space left on device", path.text())};
  }
}

std::string FakeFiles::staged_name(const RootedPath& target) const {
  return (target.parent() / fmt::format(".{}.timectl-new", target.name())).text();
}

std::string FakeFiles::resolve(const std::string& path, int depth) const {
  const auto node = tree_.find(path);
  if (node == tree_.end() || node->second.type != FileType::symlink) return path;
  if (depth > 20) throw Error{ErrorKind::io, fmt::format("cannot read '{}': link loop", path)};
  // As in a chroot: an absolute target starts at the root, ".." at the root stays there.
  std::string next = node->second.content;
  if (!next.starts_with('/')) next = RootedPath{path}.parent().text() + "/" + next;
  std::vector<std::string> kept;
  for (const auto& part : split(next, '/')) {
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!part.empty() && part != "." && part != "..") kept.push_back(part);
  }
  return resolve("/" + join(kept, "/"), depth + 1);
}

std::optional<system::FileStatus> FakeFiles::status(const RootedPath& path) const {
  const auto found = tree_.find(path.text());
  if (found == tree_.end()) return std::nullopt;
  const Node& node = found->second;
  return system::FileStatus{node.type, node.ownership, node.modified, node.content.size()};
}

std::optional<system::File> FakeFiles::read_within(const RootedPath& path,
                                                   const system::ReadLimit& limit) const {
  if (std::find(forbidden_.begin(), forbidden_.end(), path.text()) != forbidden_.end()) {
    throw Error{ErrorKind::permission,
                fmt::format("cannot read '{}': permission denied", path.text())};
  }
  const RootedPath real{resolve(path.text())};
  const auto what = status(real);
  const bool is_null = real.text() == "/dev/null";  // there without having been put there
  if (!what && !is_null) return std::nullopt;
  if (is_null || what->type != FileType::regular) {
    throw Error{ErrorKind::io, fmt::format("cannot read '{}': not a regular file", path.text())};
  }
  if (what->size > limit.bytes) {
    system::throw_too_large(fmt::format("read '{}'", path.text()), limit);
  }
  return system::File{tree_.at(real.text()).content, *what};
}

std::optional<std::string> FakeFiles::read_link(const RootedPath& path) const {
  const auto found = tree_.find(path.text());
  if (found == tree_.end() || found->second.type != FileType::symlink) return std::nullopt;
  return found->second.content;
}

std::vector<std::string> FakeFiles::list(const RootedPath& path) const {
  const RootedPath real{resolve(path.text())};
  const auto what = status(real);
  if (what && what->type != FileType::directory) {
    throw Error{ErrorKind::io, fmt::format("cannot list '{}': not a directory", path.text())};
  }
  std::vector<std::string> names;
  for (const auto& [name, node] : tree_) {
    const RootedPath candidate{name};
    if (candidate.text() != "/" && candidate.parent() == real) names.push_back(candidate.name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void FakeFiles::stage(const RootedPath& target, std::string_view content,
                      const system::Ownership& ownership, std::optional<WallTime> modified) {
  count_write(target);
  if (!has(target.parent().text())) {
    throw Error{ErrorKind::io, fmt::format("cannot write '{}': no such directory", target.text())};
  }
  tree_[staged_name(target)] = {FileType::regular, std::string{content}, ownership,
                                modified.value_or(WallTime{std::chrono::seconds{writes_}})};
}

void FakeFiles::stage_attributes(const RootedPath& target, const RootedPath& from) {
  count_write(target);
  tree_.at(staged_name(target)).attributes = tree_.at(from.text()).attributes;
}

void FakeFiles::stage_link(const RootedPath& target, std::string_view link_target) {
  count_write(target);
  tree_[staged_name(target)] = {FileType::symlink, std::string{link_target}, {0777, 0, 0}, {}};
}

void FakeFiles::swap_in(const RootedPath& target) {
  count_write(target);
  const auto staged = tree_.extract(staged_name(target));
  if (staged.empty()) {
    throw Error{ErrorKind::io, fmt::format("cannot replace '{}': nothing staged", target.text())};
  }
  const auto there = tree_.find(target.text());
  if (there != tree_.end() && there->second.type == FileType::directory) {
    throw Error{ErrorKind::io, fmt::format("cannot replace '{}': is a directory", target.text())};
  }
  tree_[target.text()] = staged.mapped();
}

void FakeFiles::discard_staged(const RootedPath& target) {
  count_write(target);
  tree_.erase(staged_name(target));
}

void FakeFiles::make_link(const RootedPath& path, std::string_view link_target) {
  count_write(path);
  if (has(path.text()) || !has(path.parent().text())) {
    throw Error{ErrorKind::io, fmt::format("cannot make the link '{}'", path.text())};
  }
  tree_[path.text()] = {FileType::symlink, std::string{link_target}, {0777, 0, 0}, {}};
}

void FakeFiles::remove(const RootedPath& path) {
  count_write(path);
  tree_.erase(path.text());
}

void FakeFiles::make_directory(const RootedPath& path, const system::Ownership& ownership) {
  count_write(path);
  if (has(path.text())) return;
  if (!has(path.parent().text())) {
    throw Error{ErrorKind::io, fmt::format("cannot make '{}': no such directory", path.text())};
  }
  tree_[path.text()] = {FileType::directory, "", ownership, {}};
}

void FakeFiles::remove_directory_if_empty(const RootedPath& path) {
  count_write(path);
  if (list(path).empty()) tree_.erase(path.text());
}

void FakeFiles::set_ownership(const RootedPath& path, const system::Ownership& ownership) {
  count_write(path);
  tree_.at(path.text()).ownership = ownership;
}

void FakeFiles::write_in_place(const RootedPath& path, std::uint64_t offset,
                               std::string_view content) {
  count_write(path);
  Node& node = tree_[path.text()];
  node.content = node.content.substr(0, offset) + std::string{content};
}

void FakeFiles::sync_directory(const RootedPath& path) { count_write(path); }

}  // namespace timectl::test
