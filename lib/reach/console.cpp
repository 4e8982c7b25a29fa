// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/console.hpp"

#include "base/text.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace timectl::reach {

namespace {

std::vector<std::string> consoles_of(const std::string& command_line) {
  auto words = words_of(command_line);
  std::erase_if(words, [](const auto& word) { return !word.starts_with("console="); });
  return words;
}

std::vector<std::string> lost_words(const plan::FileChange& file) {
  auto lost = consoles_of(file.content_before);
  const auto kept = consoles_of(file.content_after);
  std::erase_if(lost, [&](const auto& word) {
    return std::find(kept.begin(), kept.end(), word) != kept.end();
  });
  return lost;
}

}  // namespace

std::vector<std::string> lost_consoles(const plan::Plan& plan) {
  std::vector<std::string> reasons;
  for (const auto& change : plan.changes) {
    if (const auto* unit = std::get_if<plan::UnitChange>(&change)) {
      const bool is_login = unit->unit.starts_with(platform::serial_login);
      if (is_login && unit->action == plan::UnitAction::stop) {
        reasons.push_back(fmt::format("the login of {} is stopped", unit->unit));
      }
    }
    const auto* file = std::get_if<plan::FileChange>(&change);
    if (file == nullptr || file->path.name() != platform::command_line_file) continue;
    for (const auto& word : lost_words(*file)) {
      reasons.push_back(fmt::format("'{}' leaves {} at the next boot", word, file->path.text()));
    }
  }
  return reasons;
}

}  // namespace timectl::reach
