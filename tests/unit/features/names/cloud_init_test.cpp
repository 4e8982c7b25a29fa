// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/facts.hpp"
#include "features/feature.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/fixture_root.hpp"

using namespace timectl;
using test::FakeFiles;

namespace {

const auto* const own_cloud_file = "/etc/cloud/cloud.cfg.d/99-timectl.cfg";
const auto* const user_data = "/boot/firmware/user-data";
/// As the Imager writes it.
const auto* const of_the_imager =
    "#cloud-config\nhostname: raspberrypi\nmanage_etc_hosts: true\nusers:\n- name: pi\n"
    "  passwd: \"$5$secret\"\n";

facts::CloudInit cloud_init_of(FakeFiles files) {
  const test::LinkedServices services{files};
  const test::StatusPackages packages{files};
  return facts::detect({files, services, packages}, features::detectors()).cloud_init;
}

FakeFiles raspberry_pi_os() {
  return {{"/etc/cloud/cloud.cfg", "preserve_hostname: false\n"}, {user_data, of_the_imager}};
}

target::Target server_with(const facts::CloudInit& cloud_init) {
  const auto site = test::make_site();
  auto machine = test::make_facts();
  machine.cloud_init = cloud_init;
  return test::render_host(site, site.hosts.at(0), machine);
}

}  // namespace

TEST_CASE("what cloud-init makes of names is read as it reads it: what a user gave comes last") {
  auto files = raspberry_pi_os();
  auto found = cloud_init_of(files);
  CHECK(found.sets_host_name());
  CHECK(found.writes_hosts());
  CHECK(found.last("manage_etc_hosts")->file == user_data);
  CHECK(found.last("manage_etc_hosts")->line == 3);
  files.put(own_cloud_file, "preserve_hostname: true\nmanage_etc_hosts: false\n");
  found = cloud_init_of(files);
  CHECK_FALSE(found.sets_host_name());
  CHECK(found.writes_hosts());
  files.put(user_data, "#cloud-config\nhostname: raspberrypi\n#manage_etc_hosts: true\n");
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
  for (const std::string word : {"True", "yes", "ON"}) {
    files.put(user_data, "#cloud-config\nhostname: x\nmanage_etc_hosts: " + word + "\n");
    CHECK(cloud_init_of(files).writes_hosts());
    files.put(user_data, "#cloud-config\nhostname: x\npreserve_hostname: " + word + "\n");
    CHECK_FALSE(cloud_init_of(files).sets_host_name());
  }
  files.put(user_data, "#cloud-config\nx:\n  manage_etc_hosts: true\n");
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
  files.put(user_data, "#cloud-config\nmanage_etc_hosts: localhost\n");
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
}

TEST_CASE("a cloud-init that is absent, switched off or without a datasource changes nothing") {
  CHECK_FALSE(cloud_init_of({}).runs);
  CHECK_FALSE(cloud_init_of({{"/etc/cloud/cloud.cfg", "preserve_hostname: false\n"}}).runs);
  auto files = raspberry_pi_os();
  CHECK(cloud_init_of(files).runs);
  files.put("/boot/firmware/cmdline.txt", "console=tty1 cloud-init=disabled rootwait\n");
  CHECK_FALSE(cloud_init_of(files).runs);
  files.put("/boot/firmware/cmdline.txt", "console=tty1\n");
  CHECK(cloud_init_of(files).runs);
  files.put("/etc/cloud/cloud-init.disabled", "");
  CHECK_FALSE(cloud_init_of(files).runs);
  CHECK_FALSE(test::has_file(server_with({}), own_cloud_file));
}

TEST_CASE("what cloud-init kept of an instance goes before a user-data that it reads no more") {
  auto files = raspberry_pi_os();
  const std::string instance = "/var/lib/cloud/instance/";
  files.put(instance + "cloud-config.txt", "#cloud-config\n\nmanage_etc_hosts: true\n");
  files.put(user_data, "#cloud-config\nhostname: raspberrypi\n");
  // Without an id at hand the datasource is read anew.
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
  files.put("/boot/firmware/cmdline.txt", "console=tty1 ds=nocloud;i=rpi-imager-17 rootwait\n");
  CHECK(cloud_init_of(files).writes_hosts());
  const auto conflicts = server_with(cloud_init_of(files)).conflicts;
  REQUIRE(conflicts.size() == 1);
  CHECK_THAT(conflicts[0].reason, test::has(instance + "cloud-config.txt line 3"));
  CHECK(conflicts[0].remedy == "touch /etc/cloud/cloud-init.disabled");
  files.put("/etc/cloud/cloud-init.disabled", "");
  CHECK_FALSE(cloud_init_of(files).runs);
}

TEST_CASE("a seed in the image names its instance, too") {
  FakeFiles files{{"/etc/cloud/cloud.cfg", "preserve_hostname: false\n"},
                  {"/var/lib/cloud/seed/nocloud/user-data", "#cloud-config\nhostname: x\n"},
                  {"/var/lib/cloud/instance/cloud-config.txt", "manage_etc_hosts: true\n"}};
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
  files.put("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: x\n");
  CHECK(cloud_init_of(files).writes_hosts());
}

TEST_CASE("user data in several parts, as a template or JSON is judged by what was made of it") {
  const std::string kept = "/var/lib/cloud/instance/cloud-config.txt";
  for (const std::string text :
       {"Content-Type: multipart/mixed; boundary=x\n", "## template: jinja\n#cloud-config\n",
        "#cloud-config\n{manage_etc_hosts: true}\n"}) {
    auto files = raspberry_pi_os();
    files.put(user_data, text);
    CHECK_FALSE(cloud_init_of(files).writes_hosts());
    files.put(kept, "#cloud-config\nmanage_etc_hosts: true\n");
    CHECK(cloud_init_of(files).writes_hosts());
  }
}

TEST_CASE("a vendor's data goes before the system's files, and a user's before it") {
  auto files = raspberry_pi_os();
  files.put(user_data, "#cloud-config\nhostname: x\n");
  files.put("/boot/firmware/vendor-data", "#cloud-config\nmanage_etc_hosts: true\n");
  CHECK(cloud_init_of(files).last("manage_etc_hosts")->file == "/boot/firmware/vendor-data");
  files.put(user_data, "#cloud-config\nmanage_etc_hosts: false\n");
  CHECK_FALSE(cloud_init_of(files).writes_hosts());
}

TEST_CASE("names outlast cloud-init by a file of its own, or what is in their way is named") {
  const auto target = server_with(cloud_init_of(raspberry_pi_os()));
  CHECK_THAT(test::content_of(target, own_cloud_file), test::has("preserve_hostname: true"));
  REQUIRE(target.conflicts.size() == 1);
  CHECK_THAT(target.conflicts[0].reason, test::has("/boot/firmware/user-data line 3"));
  CHECK(target.conflicts[0].remedy == "sed -i '3s/^/#/' /boot/firmware/user-data");
  auto files = raspberry_pi_os();
  files.put(user_data, "#cloud-config\nhostname: raspberrypi\n");
  CHECK(server_with(cloud_init_of(files)).conflicts.empty());
  files.put("/etc/cloud/cloud.cfg.d/zz-site.cfg", "preserve_hostname: false\n");
  CHECK(server_with(cloud_init_of(files)).conflicts.size() == 1);
  files.put("/etc/cloud/cloud.cfg.d/zz-site.cfg", "");
  files.put("/etc/cloud/cloud.cfg.d/01_debian.cfg", "manage_etc_hosts: true\n");
  CHECK(server_with(cloud_init_of(files)).conflicts.empty());
}
