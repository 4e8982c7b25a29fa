// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/library.hpp"

#include "profile_text.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::profile;
using test::FakeFiles;

namespace {

std::vector<std::string> names_of(const std::vector<ProfileSource>& sources) {
  std::vector<std::string> names;
  for (const auto& source : sources) names.push_back(source.name);
  return names;
}

}  // namespace

TEST_CASE("files are listed beside the built-in profiles and hide those of the same name") {
  const FakeFiles files{{"/etc/timectl/profiles/site.json", "1"},
                        {"/etc/timectl/profiles/missing-link.json", "2"},
                        {"/usr/share/timectl/profiles/site.json", "3"},
                        {"/usr/share/timectl/profiles/other.json", "4"},
                        {"/etc/timectl/profiles/.site.json", "editor's"},
                        {"/etc/timectl/profiles/notes.txt", "none"}};
  const auto sources = list_profiles(files);
  CHECK(names_of(sources) == std::vector<std::string>{"gps-stratum1", "hotspot-hub", "missing-link",
                                                      "other", "site", "two-servers"});
  CHECK(sources[2].origin == "/etc/timectl/profiles/missing-link.json");
  CHECK(sources[3].text == "4");
  CHECK(sources[4].text == "1");
  CHECK(sources[5].origin == "built-in");
}

TEST_CASE("without a wish it is the machine's own profile, else missing-link") {
  const FakeFiles own{{"/etc/timectl/profile.json", "own"}};
  CHECK(find_profile({}, own, FakeFiles{}).text == "own");
  CHECK(find_profile({}, own, FakeFiles{}).origin == "/etc/timectl/profile.json");
  CHECK(find_profile({}, FakeFiles{}, own).name == "missing-link");
}

TEST_CASE("a path is read on the machine timectl runs on, a name on the one provisioned") {
  const FakeFiles target{{"/etc/timectl/profiles/site.json", "target's"}};
  const FakeFiles host{{"/home/u/site.json", "host's"}};
  CHECK(find_profile("/home/u/site.json", target, host).text == "host's");
  CHECK(find_profile("site", target, host).text == "target's");
}

TEST_CASE("a file that is not there is named") {
  const FakeFiles files;
  CHECK_THROWS_WITH(find_profile("/nowhere.json", files, files),
                    "cannot read profile '/nowhere.json': no such file");
}

TEST_CASE("an unknown name is answered with those there are and the nearest") {
  const FakeFiles files;
  try {
    find_profile("mising-link", files, files);
    FAIL("an unknown profile was found");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::profile);
    CHECK(std::string{error.what()} ==
          "cannot find profile 'mising-link': there are gps-stratum1, hotspot-hub, missing-link, "
          "two-servers");
    CHECK(error.hint() == "did you mean 'missing-link'?");
  }
}

TEST_CASE("the schema is not a profile") {
  const FakeFiles files;
  CHECK_THROWS_AS(find_profile("schema/profile.schema", files, files), Error);
  CHECK_THROWS_AS(find_profile("profile.schema", files, files), Error);
}

TEST_CASE("a file extends a built-in profile, and its mistakes name the file") {
  FakeFiles files{
      {"/etc/timectl/profiles/site.json",
       R"({"extends": "missing-link", "hosts": {"pi-ntp": {"mac": "b8:27:eb:1:2:3"}}})"}};
  const auto source = find_profile("site", files, files);
  CHECK_THROWS_WITH(
      load_profile(source, files),
      "/etc/timectl/profiles/site.json:1:57: /hosts/pi-ntp/mac: found \"b8:27:eb:1:2:3\", expected "
      "the MAC address of a network interface such as \"b8:27:eb:12:34:56\"");
  files.put("/etc/timectl/profiles/site.json", R"({"extends": "missing-link"})");
  CHECK(load_profile(find_profile("site", files, files), files).name == "site");
}

TEST_CASE("two servers stand in for each other in the profile of that name") {
  const FakeFiles files;
  const auto profile = load_profile(find_profile("two-servers", files, files), files);
  CHECK(profile.servers().size() == 2);
  CHECK(profile.name == "two-servers");
}

TEST_CASE("an unreadable profile is an error and not an absent one") {
  FakeFiles files{{"/etc/timectl/profile.json", "x"}};
  files.forbid_reading("/etc/timectl/profile.json");
  CHECK_THROWS_WITH(find_profile({}, files, files),
                    "cannot read '/etc/timectl/profile.json': permission denied");
}
