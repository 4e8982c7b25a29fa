// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/regular_expression.hpp"

#include <new>
#include <stdexcept>

#include <regex.h>

namespace timectl {

struct RegularExpression::Compiled {
  explicit Compiled(const std::string& expression) {
    if (::regcomp(&expression_, expression.c_str(), REG_EXTENDED) != 0) {
      throw std::logic_error{"no regular expression: " + expression};
    }
  }
  ~Compiled() { ::regfree(&expression_); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  regex_t expression_{};
};

RegularExpression::RegularExpression(const std::string& expression)
    : compiled_{std::make_shared<const Compiled>(expression)} {}

std::optional<std::vector<std::string_view>> RegularExpression::find_in(
    std::string_view text) const {
  std::vector<regmatch_t> spans(compiled_->expression_.re_nsub + 1);
  spans.front() = {0, static_cast<regoff_t>(text.size())};
  const int status =
      ::regexec(&compiled_->expression_, text.data(), spans.size(), spans.data(), REG_STARTEND);
  if (status == REG_NOMATCH) return std::nullopt;
  // A search that failed does not mean that there is no match.
  if (status != 0) throw std::bad_alloc{};
  std::vector<std::string_view> groups;
  for (const auto& span : spans) {
    const auto begin = static_cast<std::size_t>(span.rm_so < 0 ? 0 : span.rm_so);
    const auto end = static_cast<std::size_t>(span.rm_so < 0 ? 0 : span.rm_eo);
    groups.push_back(text.substr(begin, end - begin));
  }
  return groups;
}

}  // namespace timectl
