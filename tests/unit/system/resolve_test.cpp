// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/resolve.hpp"

#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <string>
#include <vector>

using namespace timectl;
using system::resolved;
using system::RootedPath;
using test::FakeFiles;

TEST_CASE("a path leads where its links do, and a link's way up is that of the place it is in") {
  FakeFiles files{{"/srv/deep/real/file", ""}};
  files.put_link("/etc/short", "/srv/deep/real");
  files.put_link("/srv/deep/real/up", "../other");
  files.put_link("/etc/out", "../../../../srv");
  const auto end_of = [&](const char* path) {
    const auto end = resolved(RootedPath{path}, files);
    return end ? end->text() : "none";
  };
  CHECK(end_of("/etc/short/file") == "/srv/deep/real/file");
  CHECK(end_of("/etc/short/up") == "/srv/deep/other");
  CHECK(end_of("/etc/out/deep") == "/srv/deep");
  CHECK(end_of("/not/there") == "/not/there");
  CHECK(end_of("/") == "/");
}

TEST_CASE("a ring of links leads nowhere") {
  FakeFiles files{};
  files.put_link("/a", "b");
  files.put_link("/b", "/a");
  CHECK_FALSE(resolved(RootedPath{"/a/x"}, files));
}

TEST_CASE("each place on the way is shown before what is in it, until the visitor says no") {
  FakeFiles files{{"/srv/real/file", ""}};
  files.put_link("/etc", "srv/real");
  std::vector<std::string> seen;
  const auto visit = [&](const RootedPath& place) {
    seen.push_back(place.text());
    return place.text() != "/srv/real";
  };
  CHECK_FALSE(resolved(RootedPath{"/etc/file"}, files, visit));
  CHECK(seen == std::vector<std::string>{"/", "/etc", "/srv", "/srv/real"});
}
