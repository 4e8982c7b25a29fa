// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/read_tree.hpp"

#include "profile/token_cursor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace timectl::profile {

namespace {

using json = nlohmann::ordered_json;

/// The reason that nlohmann gives for a broken string or comment, without its wrapping:
/// "[…] parse error at …: syntax error while parsing value - invalid string: missing closing
/// quote; last read: '"abc'" becomes "missing closing quote".
std::string lexer_reason(std::string_view message, std::string_view kind) {
  // What was read last is the profile's, and may have any words and bytes in it.
  message = message.substr(0, message.find("; last read"));
  const auto at = message.find(kind);
  return at == std::string_view::npos ? "" : std::string{message.substr(at + kind.size())};
}

class TreeBuilder : public nlohmann::json_sax<json> {
 public:
  TreeBuilder(std::string_view text, int document, Mistakes& mistakes)
      : cursor_(text, document), mistakes_(mistakes) {}

  Value take() { return std::move(root_); }

  bool null() override { return scalar(Value::Kind::null); }
  bool boolean(bool truth) override {
    Value value = token(Value::Kind::boolean);
    value.truth = truth;
    return place(std::move(value));
  }
  bool number_integer(json::number_integer_t number) override {
    Value value = token(Value::Kind::integer);
    value.number = number;
    return place(std::move(value));
  }
  bool number_unsigned(json::number_unsigned_t number) override {
    constexpr auto most = std::numeric_limits<long long>::max();
    Value value = token(Value::Kind::integer);
    value.number =
        number > static_cast<unsigned long long>(most) ? most : static_cast<long long>(number);
    return place(std::move(value));
  }
  bool number_float(json::number_float_t, const json::string_t&) override {
    return scalar(Value::Kind::real);
  }
  bool string(json::string_t& text) override {
    Value value = token(Value::Kind::string);
    value.text = text;
    return place(std::move(value));
  }
  bool binary(json::binary_t&) override { return false; }  // JSON text has none

  bool start_object(std::size_t) override { return open(Value::Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::Kind::array); }
  bool end_array() override { return close(); }

  bool key(json::string_t& text) override {
    Frame& frame = open_.back();
    frame.key_at = cursor_.find_token();
    frame.key = text;
    frame.after_key = true;
    cursor_.pass_token();
    if (!frame.keys.insert(text).second) {
      mistakes_.add(frame.key_at, pointer(), "found the key a second time, expected it once");
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& why) override;

 private:
  /// An array or object whose end was not seen yet.
  struct Frame {
    Value value;
    std::string key;  ///< the last one read
    Position key_at;
    bool after_key = false;
    bool has_members = false;
    std::set<std::string> keys;
  };

  Value token(Value::Kind kind) {
    Value value;
    value.kind = kind;
    value.at = cursor_.find_token();
    value.text = cursor_.pass_token();
    return value;
  }
  bool scalar(Value::Kind kind) { return place(token(kind)); }

  bool open(Value::Kind kind) {
    Frame frame;
    frame.value = token(kind);
    if (open_.size() == deepest_nesting) {
      mistakes_.add(frame.value.at, pointer(),
                    fmt::format("found values nested deeper than {} levels, expected a profile",
                                deepest_nesting));
      return false;
    }
    open_.push_back(std::move(frame));
    return true;
  }

  bool close() {
    cursor_.find_token();
    cursor_.pass_token();
    Value value = std::move(open_.back().value);
    open_.pop_back();
    return place(std::move(value));
  }

  bool place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      finished_ = true;
      return true;
    }
    Frame& frame = open_.back();
    frame.after_key = false;
    frame.has_members = true;
    if (frame.value.kind == Value::Kind::array) {
      frame.value.items.push_back(std::move(value));
    } else if (frame.value.members.size() < frame.keys.size()) {
      frame.value.members.push_back({frame.key, frame.key_at, std::move(value)});
    }
    return true;
  }

  /// Where the value being read will stand.
  std::string pointer() const {
    std::string pointer;
    for (const Frame& frame : open_) {
      if (frame.value.kind == Value::Kind::array) {
        pointer = pointer_to(pointer, std::to_string(frame.value.items.size()));
      } else if (frame.after_key) {
        pointer = pointer_to(pointer, frame.key);
      }
    }
    return pointer;
  }

  std::string expected();
  std::string expected_after_key();

  TokenCursor cursor_;
  Mistakes& mistakes_;
  std::vector<Frame> open_;
  Value root_;
  bool finished_ = false;
};

/// What may stand where the cursor is; moves it over the separator that is in order.
std::string TreeBuilder::expected() {
  cursor_.skip_blanks();
  if (open_.empty()) return finished_ ? "the end of the document" : "an object in braces";
  const Frame& frame = open_.back();
  const bool object = frame.value.kind == Value::Kind::object;
  if (frame.after_key) return expected_after_key();
  if (!frame.has_members) {
    return object ? "a key in double quotes or '}'" : "a value or ']'";
  }
  if (cursor_.peek() != ',') return object ? "',' or '}'" : "',' or ']'";
  cursor_.pass_character();
  return object ? "a key in double quotes" : "a value";
}

std::string TreeBuilder::expected_after_key() {
  if (cursor_.peek() != ':') return "':' behind the key";
  cursor_.pass_character();
  return "a value";
}

bool TreeBuilder::parse_error(std::size_t, const std::string&,
                              const nlohmann::detail::exception& why) {
  constexpr int number_out_of_range = 406;
  const auto expected_here = expected();
  cursor_.skip_blanks();
  const std::string broken_string = lexer_reason(why.what(), "invalid string: ");
  const std::string broken_comment = lexer_reason(why.what(), "invalid comment; ");
  std::string what = fmt::format("found {}, expected {}", cursor_.found(), expected_here);
  if (!broken_string.empty()) {
    what = fmt::format("found a broken string ({}), expected {}", broken_string, expected_here);
  } else if (!broken_comment.empty()) {
    what = fmt::format("found a broken comment, {}", broken_comment);
  } else if (why.id == number_out_of_range) {
    what = fmt::format("number out of range: {}", cursor_.found());
  }
  mistakes_.add(cursor_.position(), pointer(), what);
  return false;
}

bool is_readable(std::string_view text, int document, Mistakes& mistakes) {
  if (text.size() > most_bytes) {
    mistakes.add({document, 1, 1}, "",
                 fmt::format("found {} bytes, expected at most {}", text.size(), most_bytes));
    return false;
  }
  // nlohmann takes NUL for the end, and what is behind it would go unseen.
  const auto nul = text.find('\0');
  if (nul == std::string_view::npos) return true;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(nul), '\n');
  mistakes.add({document, static_cast<int>(line), 1}, "",
               "found a NUL byte on this line, expected text");
  return false;
}

}  // namespace

std::optional<Value> read_tree(std::string_view text, int document, Mistakes& mistakes) {
  if (!is_readable(text, document, mistakes)) return std::nullopt;
  TreeBuilder builder{text, document, mistakes};
  constexpr bool whole_text = true;
  constexpr bool with_comments = true;
  if (!json::sax_parse(text, &builder, json::input_format_t::json, whole_text, with_comments)) {
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace timectl::profile
