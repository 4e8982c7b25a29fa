// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using namespace timectl::test;

TEST_CASE("the short commands are programs that call the installed timectl") {
  const auto site = make_site();
  auto facts = make_facts();
  facts.timectl_path = "/opt/timectl/bin/timectl";
  for (const auto& host : site.hosts) {
    const auto target = render_host(site, host, facts);
    const auto content = content_of(target, "/usr/local/bin/ntp.status");
    CHECK(content.starts_with("#!/bin/sh\n# timectl manages this"));
    CHECK(content.ends_with("\nexec /opt/timectl/bin/timectl status \"$@\"\n"));
    for (const auto* name : {"show", "test", "monitor.status", "monitor.logs", "monitor.run"}) {
      const auto path = std::string{"/usr/local/bin/ntp."} + name;
      REQUIRE(has_file(target, path));
      CHECK(find_file(target, path)->mode == 0755);
      CHECK(find_file(target, path)->reactions.empty());
    }
  }
}

TEST_CASE("no file that a package asks about at its upgrade is edited for them") {
  const auto site = make_site();
  auto facts = make_facts();
  facts.packages["zsh-common"] = {5, 9, "5.9-4"};
  const auto target = render_host(site, site.hosts[0], facts);
  for (const auto* path : {"/etc/bash.bashrc", "/etc/zsh/zshrc", "/etc/timectl/aliases"}) {
    CHECK_FALSE(has_file(target, path));
  }
}
