// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/mistakes.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timectl::profile {

namespace {

constexpr std::size_t most_lines = 100;

}  // namespace

int Mistakes::add_document(std::string origin) {
  origins_.push_back(std::move(origin));
  return static_cast<int>(origins_.size()) - 1;
}

void Mistakes::add(Position at, const std::string& pointer, const std::string& what) {
  entries_.push_back({at, pointer, what});
}

void Mistakes::add_outdated(Position at, const std::string& pointer, const std::string& what) {
  auto& entries = outdated_ == Outdated::tolerated ? tolerated_ : entries_;
  entries.push_back({at, pointer, what});
}

void Mistakes::add_note(Position at, const std::string& pointer, const std::string& what) {
  notes_.push_back({at, pointer, what});
}

std::vector<std::string> Mistakes::tolerated() const { return lines_of(tolerated_); }

std::vector<std::string> Mistakes::notes() const { return lines_of(notes_); }

std::vector<std::string> Mistakes::lines_of(const std::vector<Entry>& entries) const {
  std::vector<std::string> lines;
  for (const auto& entry : entries) lines.push_back(line(entry));
  return lines;
}

bool Mistakes::concern(std::string_view pointer) const {
  return std::any_of(entries_.begin(), entries_.end(), [pointer](const Entry& entry) {
    const std::string_view wrong = entry.pointer;
    return wrong.starts_with(pointer) &&
           (wrong.size() == pointer.size() || wrong[pointer.size()] == '/');
  });
}

std::string Mistakes::line(const Entry& entry) const {
  return fmt::format("{}:{}:{}: {}: {}", origins_.at(static_cast<std::size_t>(entry.at.document)),
                     entry.at.line, entry.at.column, entry.pointer.empty() ? "/" : entry.pointer,
                     entry.what);
}

void Mistakes::throw_if_any() const {
  if (entries_.empty()) return;
  auto sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entry& a, const Entry& b) { return a.at < b.at; });
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < std::min(sorted.size(), most_lines); ++i) {
    lines.push_back(line(sorted[i]));
  }
  if (sorted.size() > most_lines) {
    lines.push_back(fmt::format("and {} more mistakes", sorted.size() - most_lines));
  }
  throw Error{ErrorKind::profile, std::move(lines), "timectl-profile(5) describes every key"};
}

}  // namespace timectl::profile
