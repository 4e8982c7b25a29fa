// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/fill_in.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace timectl::target {

namespace {

[[noreturn]] void fail(const std::string& template_name, const std::string& reason) {
  throw Error{ErrorKind::profile,
              fmt::format("cannot fill in template '{}': {}", template_name, reason),
              "the copies below /etc/timectl/templates override the built-in ones"};
}

/// The names that stand for a text in the template: {{name}}, {{{name}}}, {{&name}}.
std::set<std::string> text_variables(std::string_view text) {
  std::set<std::string> names;
  for (auto begin = text.find("{{"); begin != text.npos; begin = text.find("{{", begin)) {
    begin += 2;
    auto name = trim(text.substr(begin, text.find("}}", begin) - begin));
    if (name.starts_with('{') || name.starts_with('&')) name = trim(name.substr(1));
    const bool is_other_tag = !name.empty() && name.find_first_of("#^/!>=") == 0;
    if (!is_other_tag) names.emplace(name);
  }
  return names;
}

/// Stands at the end of a line that holds nothing but a tag; no text may hold it.
constexpr char tag_line_end = '\x01';

/// kainjow takes a line with only a tag out of the text when the section is shown, and leaves an
/// empty line when it is not. Marked, both lines come out, and unmark() takes them away.
std::string mark_tag_lines(std::string_view text) {
  std::string marked;
  for (const auto& line : split(text, '\n')) {
    const auto tag = trim(line);
    const bool is_only_tag = tag.size() > 4 && tag.starts_with("{{") &&
                             tag.find_first_of("#^/!") == 2 && tag.find("}}") == tag.size() - 2;
    marked += is_only_tag ? std::string{tag} + tag_line_end : line;
    marked += '\n';
  }
  marked.pop_back();
  return marked;
}

std::string unmark(const std::string& text) {
  std::string kept;
  bool is_marked = false;
  for (const char c : text) {
    // The mark goes, and the newline behind it.
    if (c != tag_line_end && !(is_marked && c == '\n')) kept += c;
    is_marked = c == tag_line_end;
  }
  return kept;
}

/// Resolves names from the innermost section outwards, as mustache does, but rejects unknown ones.
class StrictContext : public kainjow::mustache::basic_context<std::string> {
 public:
  StrictContext(const Model& model, const std::string& text, std::string template_name)
      : names_(&model), texts_(text_variables(text)), template_name_(std::move(template_name)) {}

  void push(const Model* data) override { names_.push(data); }
  void pop() override { names_.pop(); }

  const Model* get(const std::string& name) const override {
    const Model* found = names_.get(name);
    if (found == nullptr) {
      fail(template_name_, fmt::format("there is no variable '{}'", name));
    }
    if (!found->is_string() && texts_.count(name) != 0) {
      fail(template_name_, fmt::format("'{}' is no text", name));
    }
    if (found->is_string() && has_control_characters(found->string_value())) {
      fail(template_name_, fmt::format("the value of '{}' has control characters", name));
    }
    return found;
  }

  const Model* get_partial(const std::string& name) const override {
    fail(template_name_, fmt::format("it includes '{}', and templates include nothing", name));
  }

 private:
  kainjow::mustache::context<std::string> names_;
  std::set<std::string> texts_;
  std::string template_name_;
};

}  // namespace

std::string fill_in(const std::string& text, const std::string& template_name, const Model& model) {
  if (text.find(tag_line_end) != text.npos) fail(template_name, "it has control characters");
  kainjow::mustache::mustache parsed{mark_tag_lines(text)};
  if (!parsed.is_valid()) fail(template_name, parsed.error_message());
  parsed.set_custom_escape([](const std::string& value) { return value; });
  StrictContext context{model, text, template_name};
  return unmark(parsed.render(context));
}

}  // namespace timectl::target
