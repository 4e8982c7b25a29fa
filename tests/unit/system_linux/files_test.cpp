// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using namespace std::chrono_literals;
using timectl::test::error_of;
using timectl::test::Scratch;

namespace {

Ownership mine(std::uint32_t mode) { return {mode, geteuid(), getegid()}; }

bool is_root() { return geteuid() == 0; }

}  // namespace

TEST_CASE("a root that is no directory is refused at once") {
  const Scratch scratch;
  scratch.put("file", "");
  CHECK(error_of([&] { os::make_files((scratch / "file").string()); }).kind == ErrorKind::io);
  CHECK(error_of([&] { os::make_files((scratch / "absent").string()); }).message ==
        "cannot use the root '" + scratch.path() + "/absent': no such file or directory");
}

TEST_CASE("a file below the root is read with its status, and a missing one is nothing") {
  const Scratch scratch;
  scratch.put("etc/hosts", "127.0.0.1 localhost\n");
  chmod((scratch / "etc/hosts").c_str(), 0640);
  const auto files = os::make_files(scratch.path());
  const auto file = files->read(RootedPath{"/etc/hosts"});
  REQUIRE(file);
  CHECK(file->content == "127.0.0.1 localhost\n");
  CHECK(file->status.ownership == mine(0640));
  CHECK(file->status.size == 20);
  CHECK_FALSE(files->read(RootedPath{"/etc/absent"}));
  CHECK_FALSE(files->read(RootedPath{"/etc/hosts/below"}));
  CHECK_FALSE(files->status(RootedPath{"/nowhere/at/all"}));
  CHECK(files->list(RootedPath{"/absent"}).empty());
  CHECK(files->list(RootedPath{"/"}) == std::vector<std::string>{"etc"});
  CHECK_THROWS_AS(files->list(RootedPath{"/etc/hosts"}), Error);
}

TEST_CASE("a symlink does not lead out of the root, neither by an absolute path nor by dots") {
  const Scratch scratch;
  scratch.put("secret", "outside");
  scratch.put("root/etc/real", "inside");
  scratch.link("root/etc/absolute", (scratch / "secret").string());
  scratch.link("root/etc/dots", "../../../../../../secret");
  scratch.link("root/etc/within", "/etc/real");
  scratch.link("root/way-out", scratch.path());
  const auto files = os::make_files((scratch / "root").string());
  CHECK_FALSE(files->read(RootedPath{"/etc/absolute"}));
  CHECK_FALSE(files->read(RootedPath{"/etc/dots"}));
  CHECK_FALSE(files->read(RootedPath{"/way-out/secret"}));
  CHECK(files->read(RootedPath{"/etc/within"})->content == "inside");
  CHECK(files->read_link(RootedPath{"/etc/within"}) == "/etc/real");
  CHECK_FALSE(files->read_link(RootedPath{"/etc/real"}));
  CHECK(files->status(RootedPath{"/etc/within"})->type == FileType::symlink);
  CHECK_THROWS_AS(files->stage(RootedPath{"/way-out/secret"}, "x", mine(0644)), Error);
  CHECK(scratch.content("secret") == "outside");
}

TEST_CASE("a pipe or a directory where a file should be is an error and not a wait") {
  const Scratch scratch;
  REQUIRE(mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_directory(scratch / "directory");
  const auto files = os::make_files(scratch.path());
  CHECK(files->status(RootedPath{"/pipe"})->type == FileType::other);
  CHECK(error_of([&] { files->read(RootedPath{"/pipe"}); }).message ==
        "cannot read '/pipe' below '" + scratch.path() + "': not a regular file");
  CHECK(error_of([&] { files->read(RootedPath{"/directory"}); }).kind == ErrorKind::io);
  CHECK_THROWS_AS(files->write_in_place(RootedPath{"/pipe"}, 0, "x"), Error);
  CHECK_THROWS_AS(files->set_ownership(RootedPath{"/pipe"}, mine(0644)), Error);
}

TEST_CASE("a file of the kernel, which claims another size, is read whole") {
  const auto files = os::make_files("");
  const auto status = files->read(RootedPath{"/proc/self/status"});
  REQUIRE(status);
  CHECK(status->status.size == 0);
  CHECK(status->content.find("Name:") == 0);
}

TEST_CASE("what is staged changes nothing until it is swapped in, with its owner, mode and time") {
  const Scratch scratch;
  scratch.put("etc/chrony.conf", "old");
  const auto files = os::make_files(scratch.path());
  const RootedPath target{"/etc/chrony.conf"};
  const auto then = *parse_utc("2020-02-02T02:02:02Z");
  files->stage(target, "new", mine(0600), then);
  CHECK(scratch.content("etc/chrony.conf") == "old");
  CHECK(files->list(RootedPath{"/etc"}) ==
        std::vector<std::string>{".chrony.conf.timectl-new", "chrony.conf"});
  files->swap_in(target);
  files->sync_directory(target.parent());
  const auto file = files->read(target);
  CHECK(file->content == "new");
  CHECK(file->status.ownership == mine(0600));
  CHECK(file->status.modified == then);
  CHECK(files->list(RootedPath{"/etc"}) == std::vector<std::string>{"chrony.conf"});
  CHECK(error_of([&] { files->swap_in(target); }).message.find("nothing is staged") !=
        std::string::npos);
}

TEST_CASE("a mode with setgid and a mode that the umask would cut are set as they are") {
  const Scratch scratch;
  const auto files = os::make_files(scratch.path());
  const auto before = umask(077);
  files->stage(RootedPath{"/tool"}, "x", mine(02775));
  files->make_directory(RootedPath{"/made"}, mine(0755));
  umask(before);
  files->swap_in(RootedPath{"/tool"});
  CHECK(files->status(RootedPath{"/tool"})->ownership.mode == 02775);
  CHECK(files->status(RootedPath{"/made"})->ownership.mode == 0755);
}

TEST_CASE("a leftover of an earlier attempt, even a symlink, does not stand in the way") {
  const Scratch scratch;
  scratch.put("victim", "untouched");
  scratch.link("etc/.hosts.timectl-new", "../victim");
  const auto files = os::make_files(scratch.path());
  files->stage(RootedPath{"/etc/hosts"}, "new", mine(0644));
  CHECK(scratch.content("victim") == "untouched");
  files->stage(RootedPath{"/etc/hosts"}, "newer", mine(0644));
  files->discard_staged(RootedPath{"/etc/hosts"});
  files->discard_staged(RootedPath{"/etc/hosts"});
  files->discard_staged(RootedPath{"/absent/hosts"});
  CHECK(files->list(RootedPath{"/etc"}).empty());
}

TEST_CASE("a symlink at the target is replaced and not followed") {
  const Scratch scratch;
  scratch.put("real", "untouched");
  scratch.link("link", "real");
  const auto files = os::make_files(scratch.path());
  CHECK_THROWS_AS(files->write_in_place(RootedPath{"/link"}, 0, "x"), Error);
  CHECK_THROWS_AS(files->set_ownership(RootedPath{"/link"}, mine(0600)), Error);
  files->stage(RootedPath{"/link"}, "new", mine(0644));
  files->swap_in(RootedPath{"/link"});
  CHECK(scratch.content("real") == "untouched");
  CHECK(files->status(RootedPath{"/link"})->type == FileType::regular);
  files->stage_link(RootedPath{"/link"}, "/etc/real");
  files->swap_in(RootedPath{"/link"});
  CHECK(files->read_link(RootedPath{"/link"}) == "/etc/real");
}

TEST_CASE("a link is made where nothing is, and nowhere else") {
  const Scratch scratch;
  scratch.put("file", "untouched");
  const auto files = os::make_files(scratch.path());
  files->make_link(RootedPath{"/link"}, "/dev/null");
  CHECK(files->read_link(RootedPath{"/link"}) == "/dev/null");
  for (const auto* taken : {"/link", "/file", "/missing/link"}) {
    CHECK_THROWS_AS(files->make_link(RootedPath{taken}, "/etc"), Error);
  }
  CHECK(scratch.content("file") == "untouched");
}

TEST_CASE("a directory in the way of a file is said and left alone") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "hosts");
  const auto files = os::make_files(scratch.path());
  files->stage(RootedPath{"/hosts"}, "new", mine(0644));
  CHECK(error_of([&] { files->swap_in(RootedPath{"/hosts"}); }).message ==
        "cannot replace '/hosts' below '" + scratch.path() + "': is a directory");
  CHECK_THROWS_AS(files->remove(RootedPath{"/hosts"}), Error);
  CHECK(std::filesystem::is_directory(scratch / "hosts"));
}

TEST_CASE("directories are made once and removed only when empty") {
  const Scratch scratch;
  const auto files = os::make_files(scratch.path());
  const RootedPath directory{"/conf.d"};
  files->make_directory(directory, mine(0750));
  files->make_directory(directory, mine(0700));  // it is there: it stays as it is
  CHECK(files->status(directory)->ownership == mine(0750));
  scratch.put("conf.d/a", "");
  files->remove_directory_if_empty(directory);
  CHECK(files->status(directory));
  files->remove(directory / "a");
  files->remove(directory / "a");
  files->remove_directory_if_empty(directory);
  files->remove_directory_if_empty(directory);
  CHECK_FALSE(files->status(directory));
  scratch.put("file", "");
  CHECK_THROWS_AS(files->make_directory(RootedPath{"/file"}, mine(0755)), Error);
  CHECK_THROWS_AS(files->remove_directory_if_empty(RootedPath{"/file"}), Error);
  CHECK_THROWS_AS(files->make_directory(RootedPath{"/no/parent"}, mine(0755)), Error);
}

TEST_CASE("writing in place keeps the bytes before the offset and cuts those behind") {
  const Scratch scratch;
  scratch.put("config.txt", "keep\nold tail that is longer\n");
  const auto files = os::make_files(scratch.path());
  const RootedPath path{"/config.txt"};
  const auto inode = std::filesystem::hard_link_count(scratch / "config.txt");
  files->write_in_place(path, 5, "new\n");
  CHECK(scratch.content("config.txt") == "keep\nnew\n");
  CHECK(std::filesystem::hard_link_count(scratch / "config.txt") == inode);
  CHECK(error_of([&] { files->write_in_place(path, 100, "x"); }).message.find("shorter") !=
        std::string::npos);
  files->write_in_place(RootedPath{"/fresh.txt"}, 0, "a");
  CHECK(scratch.content("fresh.txt") == "a");
}

TEST_CASE("the owner and mode of a file change and its content stays") {
  const Scratch scratch;
  scratch.put("key", "secret");
  const auto files = os::make_files(scratch.path());
  files->set_ownership(RootedPath{"/key"}, mine(0600));
  CHECK(files->read(RootedPath{"/key"})->status.ownership == mine(0600));
  if (is_root()) {
    files->set_ownership(RootedPath{"/key"}, {0640, 65534, 65534});
    CHECK(files->status(RootedPath{"/key"})->ownership == Ownership{0640, 65534, 65534});
    files->stage(RootedPath{"/key"}, "new", {04755, 65534, 65534});
    files->swap_in(RootedPath{"/key"});
    CHECK(files->status(RootedPath{"/key"})->ownership == Ownership{04755, 65534, 65534});
  }
  CHECK(scratch.content("key").size() >= 3);
}

TEST_CASE("what replaces a file has its extended attributes and no others") {
  const Scratch scratch;
  scratch.put("old", "old");
  scratch.put("bare", "bare");
  const std::string value{"the owner's\0own", 15};
  const auto old = scratch / "old";
  if (setxattr(old.c_str(), "user.origin", value.data(), value.size(), 0) != 0) {
    WARN("skipped: this file system has no user attributes");
    return;
  }
  const auto files = os::make_files(scratch.path());
  const RootedPath target{"/old"};
  files->stage(target, "new", mine(0640));
  files->stage_attributes(target, target);
  files->swap_in(target);
  std::string kept(100, '\0');
  const auto length = getxattr(old.c_str(), "user.origin", kept.data(), kept.size());
  CHECK(scratch.content("old") == "new");
  REQUIRE(length == static_cast<ssize_t>(value.size()));
  CHECK(kept.substr(0, value.size()) == value);

  files->stage(target, "newer", mine(0640));
  files->stage_attributes(target, target);
  files->stage_attributes(target, RootedPath{"/bare"});
  files->swap_in(target);
  CHECK(getxattr(old.c_str(), "user.origin", kept.data(), kept.size()) == -1);
  CHECK(files->status(target)->ownership.mode == 0640);
}

TEST_CASE("a full disk is said, and the half file is gone") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "small");
  const bool mounted = is_root() && mount("none", (scratch / "small").c_str(), "tmpfs",
                                          MS_NOSUID | MS_NODEV, "size=64k") == 0;
  if (!mounted) {
    WARN("skipped: a tmpfs can be mounted by root only");
    return;
  }
  const auto files = os::make_files(scratch.path());
  const auto thrown = error_of(
      [&] { files->stage(RootedPath{"/small/file"}, std::string(1024 * 1024, 'x'), mine(0644)); });
  const auto left = files->list(RootedPath{"/small"});
  umount((scratch / "small").c_str());
  CHECK(thrown.kind == ErrorKind::io);
  CHECK(thrown.message ==
        "cannot write '/small/file' below '" + scratch.path() + "': no space left on device");
  CHECK(left.empty());
}

TEST_CASE("on a read-only file system what is not there could not be removed, so an undo failed") {
  const Scratch scratch;
  const auto place = scratch / "fixed";
  std::filesystem::create_directory(place);
  if (!is_root() || mount("none", place.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, nullptr) != 0) {
    WARN("skipped: a tmpfs can be mounted by root only");
    return;
  }
  const auto files = os::make_files(scratch.path());
  scratch.put("fixed/file", "old");
  REQUIRE(mount("none", place.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  const auto thrown = error_of([&] { files->remove(RootedPath{"/fixed/file"}); });
  CHECK_NOTHROW(files->discard_staged(RootedPath{"/fixed/file"}));
  CHECK_NOTHROW(files->remove(RootedPath{"/fixed/other"}));
  CHECK_NOTHROW(files->remove_directory_if_empty(RootedPath{"/fixed/none"}));
  umount(place.c_str());
  CHECK(thrown.message ==
        "cannot remove '/fixed/file' below '" + scratch.path() + "': read-only file system");
}

TEST_CASE("where the kernel says no to a user, the error is about permission") {
  if (is_root()) {
    WARN("skipped: root may do everything");
    return;
  }
  const auto files = os::make_files("");
  const auto thrown = error_of([&] { files->stage(RootedPath{"/etc/x"}, "", mine(0644)); });
  CHECK(thrown.kind == ErrorKind::permission);
  CHECK(thrown.message == "cannot write '/etc/x': permission denied");
  CHECK(thrown.hint == "run it as root");
}
