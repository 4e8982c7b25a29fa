// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using namespace timectl::test;

TEST_CASE("the aliases call the installed timectl, and bash reads them login or not") {
  const auto site = make_site();
  auto facts = make_facts();
  facts.timectl_path = "/usr/local/bin/timectl";
  for (const auto& host : site.hosts) {
    const auto target = render_host(site, host, facts);
    CHECK_THAT(content_of(target, "/etc/timectl/aliases"),
               has("\nalias ntp.status='/usr/local/bin/timectl status'\n"));
    CHECK_THAT(content_of(target, "/etc/bash.bashrc"), has(". /etc/timectl/aliases;"));
    CHECK(find_file(target, "/etc/bash.bashrc")->kind == target::FileKind::block);
  }
}

TEST_CASE("a bash.bashrc that is kept elsewhere refused every plan: it is left alone") {
  const auto site = make_site();
  auto facts = make_facts();
  facts.linked_shell_files = {"/etc/bash.bashrc"};
  const auto target = render_host(site, site.hosts[0], facts);
  CHECK(has_file(target, "/etc/timectl/aliases"));
  CHECK_FALSE(has_file(target, "/etc/bash.bashrc"));
  CHECK_THAT(join(target.notes, "\n"), has("/etc/bash.bashrc is no regular file"));
}

TEST_CASE("zsh is told of the aliases where it is installed") {
  const auto site = make_site();
  auto facts = make_facts();
  CHECK_FALSE(has_file(render_host(site, site.hosts[1], facts), "/etc/zsh/zshrc"));
  facts.packages["zsh-common"] = {5, 9, "5.9-4"};
  const auto target = render_host(site, site.hosts[1], facts);
  CHECK_THAT(content_of(target, "/etc/zsh/zshrc"), has(". /etc/timectl/aliases;"));
  CHECK(find_file(target, "/etc/zsh/zshrc")->kind == target::FileKind::block);
}
