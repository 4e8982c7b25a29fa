// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: everything that is wrong with a profile, said at once.
#pragma once

#include "profile/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace timectl::profile {

/// Whether what earlier versions took is a mistake.
enum class Outdated { refused, tolerated };

class Mistakes {
 public:
  explicit Mistakes(Outdated outdated = Outdated::refused) : outdated_(outdated) {}

  /// Numbers the document for Position::document; `origin` stands before its mistakes.
  int add_document(std::string origin);

  /// `what` is "found …, expected …".
  void add(Position at, const std::string& pointer, const std::string& what);

  /// Of a value that earlier versions took although it never worked. Where it is tolerated the
  /// reader goes on without it.
  void add_outdated(Position at, const std::string& pointer, const std::string& what);

  /// Of what is right, and worth a word.
  void add_note(Position at, const std::string& pointer, const std::string& what);

  bool empty() const { return entries_.empty(); }
  /// Whether something is wrong with the value at `pointer` or with a part of it.
  bool concern(std::string_view pointer) const;

  /// Throws Error{profile} with a line for each, in the order of the documents. Only the first
  /// hundred are printed.
  void throw_if_any() const;

  /// A line for each that was tolerated.
  std::vector<std::string> tolerated() const;
  /// A line for each note.
  std::vector<std::string> notes() const;

 private:
  struct Entry {
    Position at;
    std::string pointer;
    std::string what;
  };

  std::string line(const Entry& entry) const;
  std::vector<std::string> lines_of(const std::vector<Entry>& entries) const;

  Outdated outdated_;
  std::vector<std::string> origins_;
  std::vector<Entry> entries_;
  std::vector<Entry> tolerated_;
  std::vector<Entry> notes_;
};

}  // namespace timectl::profile
