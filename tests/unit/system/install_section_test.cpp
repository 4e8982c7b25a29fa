// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/install_section.hpp"

#include "support/catch.hpp"

using timectl::system::parse_install_section;
using Words = std::vector<std::string>;

TEST_CASE("an install section is read with its lists, quotes and continued lines") {
  const auto install = parse_install_section(
      {"[Unit]\nWantedBy=no.target\n"
       "[Install]\n"
       "WantedBy=a.target \"b.target\" \\\n"
       "# a comment in between, even one that ends so \\\n"
       "  ; and another\n"
       "  c.target\n"
       " WantedBy = d.target\n"
       "RequiredBy=e.target\nUpheldBy='f.target'\nAlias=x.service y.service\nAlso=z.socket\n"
       "DefaultInstance= one \nwantedby=no.target\nWantedBy\n"
       "[install]\nWantedBy=no.target\n"
       "[Service]\nAlias=no.service\n"});
  CHECK(install.wanted_by == Words{"a.target", "b.target", "c.target", "d.target"});
  CHECK(install.required_by == Words{"e.target"});
  CHECK(install.upheld_by == Words{"f.target"});
  CHECK(install.aliases == Words{"x.service", "y.service"});
  CHECK(install.also == Words{"z.socket"});
  CHECK(install.default_instance == "one");
  CHECK(install.makes_links());
}

TEST_CASE("a drop-in adds to an install section, and an empty value takes back what was said") {
  const auto install = parse_install_section(
      {"[Install]\nWantedBy=a.target\nAlias=x.service\nAlso=y.socket\n",
       "[Install]\nWantedBy=\nWantedBy=b.target\nAlias=\n", "[Install]\nAlso=\n",
       "WantedBy=in.no.section\n", "[Install]\nWantedBy=c.target \\"});
  CHECK(install.wanted_by == Words{"b.target", "c.target"});
  CHECK(install.aliases.empty());
  CHECK(install.also == Words{"y.socket"});
}

TEST_CASE("a unit without an install section makes no links") {
  CHECK_FALSE(parse_install_section({}).makes_links());
  CHECK_FALSE(parse_install_section({"[Service]\nExecStart=/bin/true\n"}).makes_links());
  CHECK_FALSE(parse_install_section({"[Install]\nWantedBy=\nAlso=a.socket\n"}).makes_links());
}
