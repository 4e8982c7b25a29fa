// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/attributes.hpp"

#include "system/linux/files_root.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <map>
#include <optional>

#include <sys/xattr.h>

namespace timectl::system::os {

namespace {

using Attributes = std::map<std::string, std::string>;

/// What xattr calls fill: asked for its size first, and again when it has grown in between. nullopt
/// where the file system has no attributes or this one is gone.
template <typename Call>
std::optional<std::string> fill(Call call, const std::string& what) {
  std::string text;
  for (;;) {
    const auto size = call(nullptr, 0);
    if (size >= 0) text.resize(static_cast<std::size_t>(size));
    const auto got = size > 0 ? call(text.data(), text.size()) : size;
    if (got >= 0) {
      text.resize(static_cast<std::size_t>(got));
      return text;
    }
    if (errno == ENOTSUP || errno == ENODATA) return std::nullopt;
    if (errno != ERANGE) throw_system_error(errno, what);
  }
}

Attributes attributes_of(int file, const std::string& what) {
  const auto names =
      fill([&](char* place, std::size_t size) { return flistxattr(file, place, size); }, what);
  Attributes attributes;
  for (std::size_t at = 0; names && at < names->size();) {
    const std::string name{names->c_str() + at};
    const auto value = fill(
        [&](char* place, std::size_t size) { return fgetxattr(file, name.c_str(), place, size); },
        what);
    if (value) attributes.emplace(name, *value);
    at += name.size() + 1;
  }
  return attributes;
}

}  // namespace

bool copy_attributes(int from, int to, const std::string& what) {
  auto wanted = attributes_of(from, what);
  // capabilities(7): a configuration file has none, and the writer of a copy could have given it
  // some.
  wanted.erase("security.capability");
  const auto present = attributes_of(to, what);
  bool changed = false;
  for (const auto& [name, value] : present) {
    if (wanted.count(name) != 0) continue;
    if (fremovexattr(to, name.c_str()) != 0) throw_system_error(errno, what);
    changed = true;
  }
  for (const auto& [name, value] : wanted) {
    const auto there = present.find(name);
    if (there != present.end() && there->second == value) continue;
    const bool is_set = fsetxattr(to, name.c_str(), value.data(), value.size(), 0) == 0;
    if (!is_set && errno != ENOTSUP) throw_system_error(errno, what);
    changed = changed || is_set;
  }
  return changed;
}

}  // namespace timectl::system::os
