// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/unit_name.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

#include <string>

using namespace timectl;
using namespace timectl::system;

TEST_CASE("a unit's name is what systemd.unit(5) allows") {
  for (const auto* name : {"chrony.service", "getty@.service", "getty@tty1.service",
                           "dev-rtc0.device", "systemd-fsck@dev-disk-by\\x2dlabel-boot.service",
                           "a:b_c.timer", "x.y.target", "user@1000.service", "a@b@c.service",
                           "tmp.mount", "org.example.path", "-.mount", "-.slice"}) {
    INFO(name);
    CHECK(is_unit_name(name));
  }
  CHECK(is_unit_name(std::string(247, 'a') + ".service"));
}

TEST_CASE("nothing that leaves a directory or looks like an option is a unit's name") {
  for (const auto* name : {"",
                           ".",
                           "..",
                           "../../../x.service",
                           "/etc/x.service",
                           "a/b.service",
                           "a/../b.service",
                           "-Hroot",
                           "-Hroot.service",
                           "--root=.service",
                           "-.mount.mount",
                           "-.service",
                           "chrony",
                           "chrony.conf",
                           ".service",
                           "a b.service",
                           "a.service\n",
                           "a\x1b[m.service",
                           "@.service",
                           "*.service",
                           "a.service ",
                           "ä.service"}) {
    INFO(name);
    CHECK_FALSE(is_unit_name(name));
  }
  CHECK_FALSE(is_unit_name(std::string{"a\0.service", 10}));
  CHECK_FALSE(is_unit_name(std::string(248, 'a') + ".service"));
  CHECK_THROWS_AS(require_unit_name("-Hroot.service", "enable it"), Error);
}

TEST_CASE("templates and instances are told apart") {
  CHECK(template_of("getty@tty1.service") == "getty@.service");
  CHECK(template_of("getty@.service").empty());
  CHECK(template_of("getty.service").empty());
  CHECK(instance_of("getty@tty1.service") == "tty1");
  CHECK(instance_of("getty.service").empty());
  CHECK(instance_of("a@b@c.d.service") == "b@c.d");
  CHECK(instantiate("getty@.service", "tty2") == "getty@tty2.service");
  CHECK(is_template("getty@.service"));
  CHECK_FALSE(is_template("getty@tty1.service"));
}
