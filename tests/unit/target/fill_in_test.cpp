// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/fill_in.hpp"

#include "base/error.hpp"
#include "features/feature.hpp"
#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using target::fill_in;
using target::Model;

namespace {

std::string message_of(const std::string& text, const Model& model) {
  try {
    return "no error: " + fill_in(text, "/etc/x.conf", model);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::profile);
    return error.what();
  }
}

}  // namespace

TEST_CASE("values are put in as they are, not escaped for HTML") {
  CHECK(fill_in("a={{a}} {{{a}}}", "/x", Model{"a", "<&\">'"}) == "a=<&\">' <&\">'");
}

TEST_CASE("a section's own line leaves nothing behind") {
  Model model{"on", Model{true}};
  CHECK(fill_in("a\n{{#on}}\nb\n{{/on}}\nc\n", "/x", model) == "a\nb\nc\n");
  CHECK(fill_in("a\n{{^on}}\nb\n{{/on}}\nc\n", "/x", model) == "a\nc\n");
  CHECK(fill_in("{{#on}}\n\nb\n{{/on}}\n{{! why }}\nc", "/x", model) == "\nb\nc");
}

TEST_CASE("a misspelled variable is an error that names it and the template") {
  CHECK(message_of("{{intreface}}", Model{"interface", "eth0"}) ==
        "cannot fill in template '/etc/x.conf': there is no variable 'intreface'");
}

TEST_CASE("a misspelled section is an error too, also an inverted one") {
  CHECK(message_of("{{#nx}}a{{/nx}}", Model{"x", "1"}).find("'nx'") != std::string::npos);
  CHECK(message_of("{{^nx}}a{{/nx}}", Model{"x", "1"}).find("'nx'") != std::string::npos);
}

TEST_CASE("a value with a newline cannot become a directive") {
  const Model model{"name", "pool\nallow 0.0.0.0/0"};
  const auto expected =
      "cannot fill in template '/etc/x.conf': the value of 'name' has control characters";
  CHECK(message_of("server {{name}}", model) == expected);
  CHECK(message_of("server {{{name}}}", model) == expected);
}

TEST_CASE("mistakes in a template's syntax are errors") {
  const Model model{"a", Model{true}};
  for (const auto* wrong : {"{{a", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{=x=}}", "{{"}) {
    INFO(wrong);
    CHECK(message_of(wrong, model).starts_with("cannot fill in template '/etc/x.conf': "));
  }
}

TEST_CASE("a section or list where a text belongs is an error, not silence") {
  CHECK(message_of("{{a}}", Model{"a", Model{true}}) ==
        "cannot fill in template '/etc/x.conf': 'a' is no text");
}

TEST_CASE("templates include nothing") {
  CHECK(message_of("{{>other}}", Model{"other", "x"}).find("includes 'other'") !=
        std::string::npos);
}

TEST_CASE("a template of the machine's own is used, and named when it is wrong") {
  const auto site = test::make_site();
  const auto own = [](const system::RootedPath& path) {
    if (path.text() == "/etc/chrony/conf.d/50-timectl.conf") return std::string{"deny {{x}}\n"};
    return target::built_in_template(path).value();
  };
  CHECK_THROWS_WITH(
      target::render(site, site.hosts[0], test::make_facts(), features::contributions(), own),
      "cannot fill in template '/etc/chrony/conf.d/50-timectl.conf': there is no variable 'x'");
}
