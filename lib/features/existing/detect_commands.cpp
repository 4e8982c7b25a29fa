// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/detect_commands.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

namespace {

/// What "$(" and "`" nest; beyond that they are taken by the letter.
constexpr std::size_t deepest_substitution = 32;

class ShellLexer {
 public:
  ShellLexer(std::string_view text, const std::function<bool(const ShellCommand&)>& take)
      : text_(text), take_(take) {}

  void run() {
    while (at_ < text_.size() && !is_stopped_) {
      if (frame().is_quoted) {
        read_quoted();
      } else {
        read_plain();
      }
    }
    while (!is_stopped_ && frames_.size() > 1) close();
    if (!is_stopped_) end_command(true);
  }

 private:
  /// A command in the making: of the script, or of a substitution in one.
  struct Frame {
    ShellCommand command = {};
    std::string word = {};
    bool has_word = false;
    bool is_quoted = false;
    bool next_is_target = false;
    bool next_is_input = false;
    char end = '\0';  ///< what ends the substitution
    int open = 0;     ///< parentheses in it
  };

  Frame& frame() { return frames_.back(); }
  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void append(char letter) {
    begin_word();
    frame().word += letter;
  }

  void begin_word() {
    auto& now = frame();
    if (!now.has_word && now.command.words.empty()) now.command.line = line_;
    now.has_word = true;
  }

  void read_quoted() {
    const char letter = text_[at_];
    if (letter == '"') {
      frame().is_quoted = false;
      ++at_;
    } else if (letter == '\\') {
      escape();
    } else if (!read_substitution()) {
      if (letter == '\n') ++line_;
      append(letter);
      ++at_;
    }
  }

  void escape() {
    const char letter = next();
    at_ += 2;
    if (letter == '\n') {
      ++line_;
    } else if (letter != '\0') {
      append(letter);
    }
  }

  /// "$(", "`" and "${"; false for every other character.
  bool read_substitution() {
    const char letter = text_[at_];
    if (letter == '`' && frame().end == '`') return close(), ++at_, true;
    const bool is_deep = frames_.size() > deepest_substitution;
    if (letter == '`' && !is_deep) return open('`'), ++at_, true;
    if (letter == '$' && next() == '{') return copy_until("}"), true;
    if (sees("$((")) return copy_until("))"), true;
    if (letter == '$' && next() == '(' && !is_deep) return open(')'), at_ += 2, true;
    return false;
  }

  /// By the letter, through `end`, which stands on the same line.
  void copy_until(std::string_view end) {
    begin_word();
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (sees(end)) {
        frame().word += end;
        at_ += end.size();
        return;
      }
      frame().word += text_[at_++];
    }
  }

  void open(char end) {
    append('$');  // in the place of what comes out
    frames_.emplace_back();
    frame().end = end;
    frame().command.line = line_;
  }

  void close() {
    end_command(false);
    if (frames_.size() > 1) frames_.pop_back();
  }

  void read_plain() {
    const char letter = text_[at_];
    switch (letter) {
      case '\\':
        return escape();
      case '\'':
        return read_single_quotes();
      case '"':
        begin_word();
        frame().is_quoted = true;
        ++at_;
        return;
      case '#':
        if (frame().has_word) break;
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '<':
      case '>':
        return read_redirection(letter);
      case ' ':
      case '\t':
      case '\r':
        end_word();
        ++at_;
        return;
      case '\n':
      case ';':
      case '&':
      case '|':
      case '(':
      case ')':
        return read_separator(letter);
      default:
        break;
    }
    if (read_substitution()) return;
    append(letter);
    ++at_;
  }

  void read_single_quotes() {
    begin_word();
    const auto end = std::min(text_.find('\'', at_ + 1), text_.size());
    const auto inside = text_.substr(at_ + 1, end - at_ - 1);
    frame().word += inside;
    line_ += static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '\n'));
    at_ = std::min(end + 1, text_.size());
  }

  void read_redirection(char letter) {
    auto& now = frame();
    const bool is_number = std::all_of(now.word.begin(), now.word.end(),
                                       [](char each) { return each >= '0' && each <= '9'; });
    if (now.has_word && is_number) {
      now.word.clear();
      now.has_word = false;
    }
    end_word();
    if (letter == '<' && next() == '<' && !sees("<<<")) return read_here_document();
    while (at_ < text_.size() && (text_[at_] == letter || text_[at_] == '|')) ++at_;
    if (at_ < text_.size() && text_[at_] == '&') ++at_;
    frame().next_is_target = letter == '>';
    frame().next_is_input = letter == '<';
  }

  /// Its text begins behind the line; "1<<2" is none.
  void read_here_document() {
    at_ += 2;
    while (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == ' ')) ++at_;
    const auto end = std::min(text_.find_first_of(" \t\r\n;|&<>()", at_), text_.size());
    std::string word;
    for (const char each : text_.substr(at_, end - at_)) {
      if (each != '\'' && each != '"' && each != '\\') word += each;
    }
    at_ = end;
    const bool is_number = word.empty() || (word.front() >= '0' && word.front() <= '9');
    if (!is_number) here_documents_.push_back(std::move(word));
  }

  void skip_here_documents() {
    for (const auto& word : here_documents_) {
      while (at_ < text_.size()) {
        const auto end = std::min(text_.find('\n', at_), text_.size());
        auto content = text_.substr(at_, end - at_);
        content.remove_prefix(std::min(content.find_first_not_of('\t'), content.size()));
        at_ = std::min(end + 1, text_.size());
        ++line_;
        if (content == word) break;
      }
    }
    here_documents_.clear();
  }

  bool ends_substitution(char letter) {
    auto& now = frame();
    if (letter == '(') ++now.open;
    if (letter != ')') return false;
    if (now.open == 0) return now.end == ')';
    --now.open;
    return false;
  }

  void read_separator(char letter) {
    if (letter == '&' && next() == '>') return ++at_, void();
    if (ends_substitution(letter)) return close(), ++at_, void();
    const bool is_double = (letter == '&' || letter == '|') && next() == letter;
    at_ += is_double ? 2 : 1;
    const bool is_condition = is_double || letter == '|';
    end_command(!is_condition && ends_line(letter));
    if (letter == '\n') {
      ++line_;
      skip_here_documents();
    }
    // A line break behind "&&" ends nothing.
    if (letter != '\n' || !frame().command.is_conditional) {
      frame().command.is_conditional = is_condition;
      frame().command.is_alternative = is_double && letter == '|';
    }
    is_first_of_line_ = letter == '\n';
  }

  bool ends_line(char separator) const {
    if (separator == '\n') return true;
    if (separator != ';' && separator != '&') return false;
    const auto rest = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
    return rest == text_.size() || text_[rest] == '\n';
  }

  void end_word() {
    auto& now = frame();
    if (!now.has_word) return;
    if (now.next_is_target) {
      now.command.targets.push_back(std::move(now.word));
    } else if (!now.next_is_input) {
      now.command.words.push_back(std::move(now.word));
    }
    now.next_is_target = now.next_is_input = now.has_word = false;
    now.word.clear();
  }

  void end_command(bool is_at_end) {
    end_word();
    auto& command = frame().command;
    if (command.words.empty() && command.targets.empty()) return;
    command.is_whole_line = is_at_end && is_first_of_line_ && frames_.size() == 1 &&
                            command.line == line_ && !command.is_conditional;
    is_first_of_line_ = false;
    is_stopped_ = !take_(command);
    command = {};
  }

  std::string_view text_;
  const std::function<bool(const ShellCommand&)>& take_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool is_stopped_ = false;
  bool is_first_of_line_ = true;
  std::vector<Frame> frames_{1};
  std::vector<std::string> here_documents_;
};

}  // namespace

std::string command_of(std::string_view value) {
  value = trim(value);
  bool has_name = false;
  while (!value.empty() && std::string_view{"@-+!:|"}.find(value.front()) != value.npos) {
    has_name = has_name || value.front() == '@';
    value.remove_prefix(1);
  }
  if (!has_name) return std::string{value};
  const auto program = value.substr(0, value.find(' '));
  const auto rest = trim(value.substr(program.size()));
  const auto name = rest.substr(0, rest.find(' '));
  return fmt::format("{} {}", program, rest.substr(name.size()));
}

void for_each_command(std::string_view script,
                      const std::function<bool(const ShellCommand&)>& take) {
  ShellLexer{script, take}.run();
}

}  // namespace timectl::features
