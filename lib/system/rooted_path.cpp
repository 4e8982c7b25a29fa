// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/rooted_path.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::system {

RootedPath::RootedPath(std::string_view text) {
  if (!text.starts_with('/') || text.find('\0') != std::string_view::npos) {
    throw Error{ErrorKind::refused, fmt::format("'{}' is not an absolute path", text)};
  }
  for (const auto& component : split(text, '/')) {
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      throw Error{ErrorKind::refused, fmt::format("'{}' leaves its directory by '..'", text)};
    }
    text_ += '/';
    text_ += component;
  }
  if (text_.empty()) text_ = "/";
}

std::string RootedPath::name() const { return text_.substr(text_.rfind('/') + 1); }

RootedPath RootedPath::parent() const {
  const auto slash = text_.rfind('/');
  return RootedPath{slash == 0 ? std::string_view{"/"} : std::string_view{text_}.substr(0, slash)};
}

RootedPath RootedPath::operator/(std::string_view child) const {
  return RootedPath{fmt::format("{}/{}", text_, child)};
}

}  // namespace timectl::system
