// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: finds the tokens of a JSON text again, in step with the parser.
#pragma once

#include "profile/tree.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace timectl::profile {

/// nlohmann's SAX events have no positions. Each event is one token of the text, so a cursor that
/// passes one token an event knows where every token starts.
class TokenCursor {
 public:
  TokenCursor(std::string_view text, int document);

  /// Moves to the start of the next token, over blanks, comments, ',' and ':'.
  Position find_token();
  /// Moves behind the token it stands on and returns it.
  std::string_view pass_token();

  /// Moves over blanks and comments only.
  void skip_blanks();
  void pass_character();
  /// '\0' at the end.
  char peek(std::size_t ahead = 0) const;
  Position position() const { return position_; }
  /// What a message about a syntax error says was found here.
  std::string found() const;

 private:
  void pass(std::size_t count);
  std::size_t token_length() const;
  std::size_t comment_length() const;

  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_;
};

}  // namespace timectl::profile
