// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What root writes below a directory that belongs to another user.
#include "base/error.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::Scratch;
using timectl::test::Thrown;

namespace {

constexpr uid_t stranger = 65534;

/// "victim/kept" is another's; below "home", which is the stranger's, links lead to it.
class ForeignHome {
 public:
  ForeignHome() {
    scratch_.put("victim/kept", "untouched");
    scratch_.put("victim/.kept.timectl-new", "untouched");
    std::filesystem::create_directory(home());
    give("home");
  }

  std::string home() const { return (scratch_ / "home").string(); }
  std::string victim() const { return (scratch_ / "victim").string(); }
  const Scratch& scratch() const { return scratch_; }

  void give(const std::string& name) const {
    REQUIRE(lchown((scratch_ / name).c_str(), stranger, stranger) == 0);
  }
  void link(const std::string& name, const std::string& target) const {
    scratch_.link(name, target);
    give(name);
  }
  /// Every name in the victim's directory, its mode, owner and content.
  std::vector<std::string> victims() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator{scratch_ / "victim"}) {
      struct stat info {};
      REQUIRE(lstat(entry.path().c_str(), &info) == 0);
      all.push_back(entry.path().filename().string() + " " + std::to_string(info.st_mode) + " " +
                    std::to_string(info.st_uid) + " " + std::to_string(info.st_nlink) + " " +
                    scratch_.content("victim/" + entry.path().filename().string()));
    }
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  Scratch scratch_;
};

struct Operation {
  std::string name;
  std::function<void(FileStore&, const RootedPath&)> run;
};

/// All that the port can change at a path.
const std::vector<Operation> operations{
    {"stage",
     [](FileStore& files, const RootedPath& path) {
       files.stage(path, "x", {0644, 0, 0});
     }},
    {"stage_link",
     [](FileStore& files, const RootedPath& path) { files.stage_link(path, "/run/x"); }},
    {"stage_attributes",
     [](FileStore& files, const RootedPath& path) { files.stage_attributes(path, path); }},
    {"swap_in", [](FileStore& files, const RootedPath& path) { files.swap_in(path); }},
    {"discard_staged",
     [](FileStore& files, const RootedPath& path) { files.discard_staged(path); }},
    {"remove", [](FileStore& files, const RootedPath& path) { files.remove(path); }},
    {"make_directory",
     [](FileStore& files, const RootedPath& path) {
       files.make_directory(path.parent() / "made", {0755, 0, 0});
     }},
    {"remove_directory_if_empty",
     [](FileStore& files, const RootedPath& path) {
       files.remove_directory_if_empty(path.parent() / "empty");
     }},
    {"set_ownership",
     [](FileStore& files, const RootedPath& path) {
       files.set_ownership(path, {0777, 1, 1});
     }},
    {"write_in_place",
     [](FileStore& files, const RootedPath& path) { files.write_in_place(path, 0, "x"); }},
};

void check_all_refused(const ForeignHome& home, FileStore& files, const std::string& directory,
                       const std::string& link) {
  std::filesystem::create_directory(home.victim() + "/empty");
  const auto before = home.victims();
  for (const Operation& operation : operations) {
    INFO(operation.name << " below " << directory);
    const Thrown thrown = error_of([&] { operation.run(files, RootedPath{directory + "/kept"}); });
    CHECK(thrown.kind == ErrorKind::refused);
    CHECK(thrown.message.find("the link '" + link + "'") != std::string::npos);
    CHECK(thrown.message.find("root does not follow it") != std::string::npos);
    CHECK(home.victims() == before);
  }
}

bool gives_files_away() {
  if (geteuid() != 0) WARN("skipped: only root can give files away");
  return geteuid() == 0;
}

}  // namespace

TEST_CASE("root changes nothing behind a link in a directory of another user") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files("");
  home.link("home/absolute", home.victim());
  home.link("home/relative", "../victim");
  std::filesystem::create_directory(home.scratch() / "home/deep");
  home.give("home/deep");
  home.link("home/deep/twice", "../relative");
  for (const auto* name : {"absolute", "relative", "deep/twice"}) {
    const auto link = home.home() + "/" + name;
    check_all_refused(home, *files, link, link);
    std::filesystem::remove(home.victim() + "/empty");
  }
  // A link that root once made there can be renamed by the directory's owner.
  home.scratch().link("home/of-root", home.victim());
  check_all_refused(home, *files, home.home() + "/of-root", home.home() + "/of-root");
}

TEST_CASE("below another root links of other users are not followed either") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files(home.scratch().path());
  home.link("home/absolute", "/victim");
  home.link("home/dots", "../../../../victim");
  for (const auto* name : {"/home/absolute", "/home/dots"}) {
    check_all_refused(home, *files, name, home.scratch().path() + name);
    std::filesystem::remove(home.victim() + "/empty");
  }
}

TEST_CASE("a directory that its owner exchanges for a link between two steps is not followed") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  std::filesystem::create_directory(home.scratch() / "home/metrics");
  home.give("home/metrics");
  const auto files = os::make_files("");
  const RootedPath target{home.home() + "/metrics/timectl.prom"};
  files->stage_link(target, "/run/timectl/timectl.prom");
  std::filesystem::rename(home.home() + "/metrics", home.home() + "/away");
  home.link("home/metrics", home.victim());
  const auto before = home.victims();
  CHECK(error_of([&] { files->swap_in(target); }).kind == ErrorKind::refused);
  CHECK(error_of([&] { files->discard_staged(target); }).kind == ErrorKind::refused);
  CHECK(home.victims() == before);
}

TEST_CASE(
    "a link of another user in a directory of root's is not followed, and what helps is said") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files("");
  home.link("given", home.victim());
  const RootedPath target{(home.scratch() / "given").string() + "/new"};
  const auto thrown = error_of([&] { files->stage(target, "x", {0644, 0, 0}); });
  CHECK(thrown.message == "cannot change '" + home.scratch().path() + "/given': the link '" +
                              home.scratch().path() +
                              "/given' belongs to uid 65534, and root does not follow it");
  CHECK(thrown.hint ==
        "if it leads where it should: chown -h root: '" + home.scratch().path() + "/given'");
  REQUIRE(lchown((home.scratch() / "given").c_str(), 0, 0) == 0);
  CHECK_NOTHROW(files->stage(target, "x", {0644, 0, 0}));
}

TEST_CASE(
    "a link in a directory that a group or everyone may write is not followed, sticky aside") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files("");
  std::filesystem::create_directory(home.scratch() / "shared");
  home.scratch().link("shared/link", home.victim());
  const RootedPath target{(home.scratch() / "shared/link").string() + "/new"};
  const auto is_refused = [&](mode_t mode, gid_t group) {
    REQUIRE(chown((home.scratch() / "shared").c_str(), 0, group) == 0);
    REQUIRE(chmod((home.scratch() / "shared").c_str(), mode) == 0);
    return error_of([&] { files->stage(target, "x", {0644, 0, 0}); }).kind == ErrorKind::refused;
  };
  CHECK(is_refused(0777, 0));
  CHECK(is_refused(0775, 50));
  CHECK(is_refused(0775, 0));  // the mask of an access list reads like that
  CHECK_FALSE(is_refused(01777, 0));
  CHECK_FALSE(is_refused(0755, 50));
}

TEST_CASE("root goes on writing behind root's own links, as /var/run and /lib are") {
  if (!gives_files_away()) return;
  const Scratch scratch;
  scratch.put("run/here", "");
  scratch.put("usr/lib/here", "");
  scratch.link("var/run", "/run");
  scratch.link("lib", "usr/lib");
  scratch.link("var/lock", "../var/run/../run");
  const auto files = os::make_files(scratch.path());
  for (const auto* path : {"/var/run/new", "/lib/new", "/var/lock/newer"}) {
    files->stage(RootedPath{path}, path, {0644, 0, 0});
    files->swap_in(RootedPath{path});
  }
  CHECK(scratch.content("run/new") == "/var/run/new");
  CHECK(scratch.content("run/newer") == "/var/lock/newer");
  CHECK(scratch.content("usr/lib/new") == "/lib/new");
}

TEST_CASE("links that go round in a circle, or end at a file, are errors of the kernel's words") {
  const Scratch scratch;
  scratch.link("a", "b");
  scratch.link("b", "a");
  scratch.put("file", "");
  scratch.link("to-file", "file");
  const auto files = os::make_files(scratch.path());
  const auto stage = [&](const char* path) {
    return error_of([&] { files->stage(RootedPath{path}, "x", {0644, geteuid(), getegid()}); });
  };
  CHECK(stage("/a/x").message.find("symbolic links") != std::string::npos);
  CHECK(stage("/file/x").message.find("not a directory") != std::string::npos);
  CHECK(stage("/to-file/x").message.find("not a directory") != std::string::npos);
  CHECK(stage("/absent/x").message.find("no such file") != std::string::npos);
}

TEST_CASE(
    "a directory of another user without links is written, and what is in it gets its owner") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files("");
  const RootedPath target{home.home() + "/timectl.prom"};
  // What the owner put in the place of the file and of what is staged: a pipe, a link.
  REQUIRE(mkfifo(target.text().c_str(), 0666) == 0);
  home.link("home/.timectl.prom.timectl-new", home.victim() + "/kept");
  const auto before = home.victims();
  files->stage(target, "metrics", {0644, 0, 0});
  files->swap_in(target);
  CHECK(home.scratch().content("home/timectl.prom") == "metrics");
  CHECK(home.victims() == before);
}

TEST_CASE("a file that another user gave a second name is not changed by that name") {
  if (!gives_files_away()) return;
  const ForeignHome home;
  const auto files = os::make_files("");
  std::filesystem::create_hard_link(home.victim() + "/kept", home.home() + "/mine");
  const auto before = home.victims();
  const RootedPath mine{home.home() + "/mine"};
  for (const auto& thrown : {error_of([&] {
                               files->set_ownership(mine, {0666, 1, 1});
                             }),
                             error_of([&] { files->write_in_place(mine, 0, "x"); })}) {
    CHECK(thrown.message.find("it has other names, and its directory belongs to uid 65534") !=
          std::string::npos);
  }
  CHECK(home.victims() == before);
}
