// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using namespace timectl::test;

TEST_CASE("the aliases name the host's own daemon, and bash reads them login or not") {
  const auto site = make_site();
  const auto client = render_host(site, site.hosts[1], make_facts());
  const auto server = render_host(site, site.hosts[0], make_facts());
  const auto* const aliases = "/etc/timectl/aliases.sh";
  CHECK_THAT(content_of(client, aliases),
             has("alias ntp.status='systemctl status "
                 "systemd-timesyncd.service timectl-monitor.timer'\n"));
  CHECK_THAT(content_of(server, aliases), has("alias ntp.status='systemctl status "
                                              "chrony.service timectl-monitor.timer'\n"));
  CHECK_THAT(content_of(client, "/etc/bash.bashrc"), has(". /etc/timectl/aliases.sh"));
  CHECK(find_file(client, "/etc/bash.bashrc")->kind == render::FileKind::block);
}

TEST_CASE("zsh is told of the aliases where it is installed") {
  const auto site = make_site();
  auto facts = make_facts();
  CHECK_FALSE(has_file(render_host(site, site.hosts[1], facts), "/etc/zsh/zshrc"));
  facts.packages["zsh-common"] = {5, 9, "5.9-4"};
  const auto target = render_host(site, site.hosts[1], facts);
  CHECK_THAT(content_of(target, "/etc/zsh/zshrc"), has(". /etc/timectl/aliases.sh"));
  CHECK(find_file(target, "/etc/zsh/zshrc")->kind == render::FileKind::block);
}
