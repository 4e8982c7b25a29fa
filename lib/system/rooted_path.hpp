// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace timectl::system {

/// The path of a file on the machine being read or changed: absolute, normalized, without "..".
/// Only the files adapter joins it to the real root, so --root cannot be forgotten.
class RootedPath {
 public:
  /// Throws Error{refused} unless `text` is absolute and free of ".." and NUL bytes.
  explicit RootedPath(std::string_view text);

  const std::string& text() const { return text_; }
  std::string name() const;
  /// The directory above; "/" is its own parent.
  RootedPath parent() const;
  /// `child` may have several components ("a/b").
  RootedPath operator/(std::string_view child) const;

  auto operator<=>(const RootedPath&) const = default;

 private:
  std::string text_;
};

}  // namespace timectl::system
