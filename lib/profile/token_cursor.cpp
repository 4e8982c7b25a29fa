// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/token_cursor.hpp"

#include <algorithm>

namespace timectl::profile {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

constexpr std::size_t literal_length = 4;  // true and null

std::size_t digits_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
  return end - at;
}

/// By the grammar of JSON: "01" is a 0 and something else.
std::size_t number_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  std::size_t length = at(0) == '-' ? 1 : 0;
  length += at(length) == '0' ? 1 : digits_at(text, length);
  if (at(length) == '.') length += 1 + digits_at(text, length + 1);
  if (at(length) != 'e' && at(length) != 'E') return length;
  ++length;
  if (at(length) == '+' || at(length) == '-') ++length;
  return length + digits_at(text, length);
}

std::size_t string_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

}  // namespace

TokenCursor::TokenCursor(std::string_view text, int document)
    : text_(text), position_{document, 1, 1} {
  if (text_.starts_with(byte_order_mark)) offset_ = byte_order_mark.size();
}

char TokenCursor::peek(std::size_t ahead) const {
  return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
}

void TokenCursor::pass(std::size_t count) {
  for (const std::size_t end = std::min(offset_ + count, text_.size()); offset_ < end; ++offset_) {
    if (text_[offset_] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if (!is_continuation(text_[offset_])) {
      ++position_.column;
    }
  }
}

void TokenCursor::pass_character() { pass(1); }

/// 0 unless a comment starts here. As nlohmann has it, CR ends a line comment too.
std::size_t TokenCursor::comment_length() const {
  const auto rest = text_.substr(offset_);
  if (rest.starts_with("//")) return std::min(rest.find_first_of("\r\n"), rest.size());
  if (!rest.starts_with("/*")) return 0;
  const auto end = rest.find("*/", 2);
  return end == std::string_view::npos ? rest.size() : end + 2;
}

void TokenCursor::skip_blanks() {
  for (;;) {
    if (const auto comment = comment_length(); comment != 0) {
      pass(comment);
    } else if (is_blank(peek())) {
      pass(1);
    } else {
      return;
    }
  }
}

Position TokenCursor::find_token() {
  skip_blanks();
  while (peek() == ',' || peek() == ':') {
    pass(1);
    skip_blanks();
  }
  return position_;
}

std::size_t TokenCursor::token_length() const {
  const auto rest = text_.substr(offset_);
  if (rest.empty()) return 0;
  switch (rest.front()) {
    case '"':
      return string_length(rest);
    case 't':
    case 'n':
      return literal_length;
    case 'f':
      return literal_length + 1;
    default:
      return std::max<std::size_t>(number_length(rest), 1);
  }
}

std::string_view TokenCursor::pass_token() {
  const auto token = text_.substr(offset_, token_length());
  pass(token.size());
  return token;
}

std::string TokenCursor::found() const {
  const auto rest = text_.substr(offset_);
  if (rest.empty()) return "the end of the document";
  if (rest.front() == '"') return "a string";
  const auto word = rest.substr(0, rest.find_first_of(" \t\r\n,:[]{}\"/"));
  return "'" + printable(word.empty() ? rest.substr(0, 1) : word) + "'";
}

}  // namespace timectl::profile
