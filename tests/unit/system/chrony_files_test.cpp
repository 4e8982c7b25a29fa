// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/chrony_files.hpp"

#include "base/text.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using system::ChronyFiles;
using system::RootedPath;
using test::FakeFiles;
using Lines = std::vector<std::string>;

namespace {

const std::string main_file = "/etc/chrony/chrony.conf";
const system::ChronyPaths paths{main_file, "/etc/chrony/conf.d/50-timectl.conf",
                                "/etc/chrony/sources.d/timectl.sources"};

ChronyFiles read(const FakeFiles& files, const std::optional<std::string>& block = {}) {
  return read_chrony_files(files, paths, block);
}

Lines texts(const ChronyFiles& read) {
  Lines lines;
  for (const auto& directive : read.directives) lines.push_back(directive.text);
  return lines;
}

FakeFiles stock() {
  return {{main_file,
           "# comment\nconfdir /etc/chrony/conf.d\npool a iburst\n"
           "sourcedir /run/chrony-dhcp\nsourcedir /etc/chrony/sources.d\nrtcsync\n"}};
}

}  // namespace

TEST_CASE("the stock chrony.conf reads timectl's files, also before they are there") {
  const auto found = read(stock());
  CHECK(found.has_main);
  CHECK(found.may_edit_main);
  CHECK_FALSE(found.has_block);
  CHECK(found.own_at == std::vector<std::size_t>{1});
  CHECK(found.reads_own_sources);
  CHECK((found.hides_own.empty() && found.hides_own_sources.empty() && found.doubts.empty()));
  CHECK_FALSE(read(FakeFiles{}).has_main);
}

TEST_CASE("names have no case, comments begin with one of four characters, only at the start") {
  const auto found = read({{main_file, "! a\n  ; b\n\t#c\n%d\n\n  RtcFile   /x # y\nPOOL a\n"}});
  REQUIRE(found.directives.size() == 2);
  CHECK(found.directives[0].words == Lines{"rtcfile", "/x", "#", "y"});
  CHECK(found.directives[0].line == 6);
  CHECK(found.named("pool").size() == 1);
}

TEST_CASE("of several directories the first file of a name counts, and all are read by name") {
  auto files = FakeFiles{{main_file, "ConfDir /b/ /a /none\nrtcsync\n"},
                         {"/a/10.conf", "log a\n"},
                         {"/a/20.conf", "log hidden\n"},
                         {"/b/20.conf", "log b\n"},
                         {"/a/.hidden.conf", "log dot\n"},
                         {"/a/README", "log readme\n"}};
  files.put_link("/a/30.conf", "/dev/null");
  const auto found = read(files);
  CHECK(texts(found) == Lines{"ConfDir /b/ /a /none", "log a", "log b", "rtcsync"});
  CHECK(found.doubts.empty());
  CHECK(found.own_at.empty());
}

TEST_CASE("a file of timectl's name in a directory before its own hides it") {
  auto files = FakeFiles{
      {main_file,
       "confdir /etc/mine /etc/chrony/conf.d\nsourcedir /etc/mine /etc/chrony/sources.d\n"},
      {"/etc/mine/timectl.sources", "pool a\n"}};
  auto found = read(files);
  CHECK(found.own_at.size() == 1);
  CHECK(found.hides_own.empty());
  CHECK_FALSE(found.reads_own_sources);
  CHECK(found.hides_own_sources == "/etc/mine/timectl.sources");
  files.put_link("/etc/mine/50-timectl.conf", "/dev/null");
  found = read(files);
  CHECK(found.own_at.empty());
  CHECK(found.hides_own == "/etc/mine/50-timectl.conf");
}

TEST_CASE("a masked drop-in of timectl's keeps its place, and its name says nothing of others") {
  auto files = stock();
  files.put_link(paths.own_drop_in, "/dev/null");
  files.put_link("/etc/chrony/conf.d/60.conf", "/dev/null");
  const auto found = read(files);
  CHECK(found.own_at.size() == 1);
  CHECK(found.doubts.empty());
}

TEST_CASE("a directory by another name, a pattern and an included file lead to timectl's drop-in") {
  for (const std::string line :
       {"confdir /etc/other", "include /etc/chrony/conf.d/*.conf", "include /etc/ch*/conf.?/5*",
        "include /etc/chrony/conf.d/50-timectl.conf", "confdir etc/chrony//conf.d/",
        "include /etc/more.conf"}) {
    CAPTURE(line);
    FakeFiles files{{main_file, line + "\n"},
                    {"/etc/more.conf", "confdir /etc/chrony/conf.d\n"},
                    {"/etc/chrony/conf.d/90.conf", "log x\n"}};
    files.put_link("/etc/other", "/etc/chrony/conf.d");
    CHECK(read(files).own_at.size() == 1);
    files.put(paths.own_drop_in, "allow 192.168.4.0/24\n");
    const auto found = read(files);
    REQUIRE(found.own_at.size() == 1);
    CHECK(found.named("allow").empty());
    CHECK(texts(found)[found.own_at[0]] == "allow 192.168.4.0/24");
  }
  CHECK(read({{main_file, "include /etc/chrony/conf.d/[a-z]*\n"}}).doubts.size() == 1);
  CHECK(read({{main_file, "confdir /etc/chrony/../chrony/conf.d\n"}}).doubts.size() == 1);
}

TEST_CASE("timectl's block is its own, and can be thought away or added") {
  auto files = FakeFiles{{main_file,
                          "# BEGIN timectl (x)\nconfdir /etc/chrony/conf.d\n# END timectl\n"
                          "deny all\n"}};
  auto found = read(files);
  CHECK(found.has_block);
  CHECK(found.own_at == std::vector<std::size_t>{1});
  CHECK(found.named("confdir").empty());
  CHECK(read(files, "").own_at.empty());
  CHECK(read(files, "confdir /etc/chrony/conf.d\n").own_at == std::vector<std::size_t>{1});
  files.put(main_file, "deny all");
  CHECK(read(files, "confdir /etc/chrony/conf.d\n").own_at == std::vector<std::size_t>{2});
}

TEST_CASE("loops of include lines end, with a doubt") {
  FakeFiles files{{main_file, "include /etc/chrony/a\n"},
                  {"/etc/chrony/a", "include /etc/chrony/a\ninclude /etc/chrony/a\n"}};
  CHECK_FALSE(read(files).doubts.empty());
  CHECK(read(files).directives.size() < 500);
}

TEST_CASE("what cannot be read is a doubt, and what only others can change is not edited") {
  auto files = stock();
  files.put("/etc/chrony/conf.d/10.conf", "log a\n");
  files.put("/etc/chrony/conf.d/20.conf", "log b\n", 0640);
  files.put("/home/pi/30.conf", "log c\n");
  files.put_link("/etc/chrony/conf.d/30.conf", "/home/pi/30.conf");
  files.put("/etc/chrony/conf.d/40.conf", "log d\n");
  files.set_ownership(RootedPath{"/etc/chrony/conf.d/40.conf"}, {0644, 1000, 1000});
  std::string editable, closed;
  const auto found = read(files);
  for (const auto* each : found.named("log")) {
    if (each->may_be_edited) editable += each->words[1];
    if (each->is_closed) closed += each->words[1];
  }
  CHECK(editable == "ab");
  CHECK(closed == "b");
  files.forbid_reading("/etc/chrony/conf.d/20.conf");
  files.put_link("/etc/chrony/conf.d/50.conf", "/nowhere");
  const auto doubtful = read(files);
  CHECK(doubtful.lacks_permission);
  CHECK(doubtful.doubts == Lines{"'/etc/chrony/conf.d/20.conf' cannot be read",
                                 "'/etc/chrony/conf.d/50.conf' is not there"});
  CHECK(doubtful.has("rtcsync"));
}
