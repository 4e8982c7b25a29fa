// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_flow.hpp"

#include <algorithm>
#include <array>

namespace timectl::features {

bool ScriptFlow::reaches(const ShellCommand& command) {
  if (!command.words.empty()) read_structure(command.words.front());
  const auto words = bare_words(command);
  if (words.empty()) return true;
  const bool is_top = depth_ == 0;
  if (!command.is_conditional && is_top) asks_ = Asks::nothing;
  if (const auto asked = asked_by(command.words); asked != Asks::nothing) {
    asks_ = asked;
    is_for_others_ = !is_top && asked == Asks::without_systemd;
    return true;
  }
  if (is_for_others_ || is_passed_over(command)) return false;
  if (words.front() != "exit") return true;
  is_over_ = asks_ == Asks::with_systemd || (is_top && !command.is_conditional);
  return !is_over_;
}

void ScriptFlow::read_structure(std::string_view first) {
  constexpr std::array<std::string_view, 7> openers{"if",    "case", "for",   "while",
                                                    "until", "{",    "select"};
  constexpr std::array<std::string_view, 4> closers{"fi", "done", "esac", "}"};
  if (std::find(openers.begin(), openers.end(), first) != openers.end()) {
    ++depth_;
  } else if (std::find(closers.begin(), closers.end(), first) != closers.end()) {
    depth_ = std::max(depth_ - 1, 0);
    if (first == "fi") asks_ = Asks::nothing;
    if (first == "fi") is_for_others_ = false;
  } else if (first == "else" || first == "elif") {
    is_for_others_ = asks_ == Asks::with_systemd;
  }
}

ScriptFlow::Asks ScriptFlow::asked_by(const std::vector<std::string>& words) {
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const bool is_test = has("[") || has("[[") || has("test");
  const bool is_about = has("/run/systemd/system") || has("/run/systemd/system/");
  if (!is_test || !is_about) return Asks::nothing;
  return has("!") ? Asks::without_systemd : Asks::with_systemd;
}

/// "[ -e /run/systemd/system ] || hwclock -s"
bool ScriptFlow::is_passed_over(const ShellCommand& command) const {
  if (depth_ != 0 || !command.is_conditional) return false;
  return asks_ == (command.is_alternative ? Asks::with_systemd : Asks::without_systemd);
}

}  // namespace timectl::features
