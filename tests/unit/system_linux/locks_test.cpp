// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <array>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::Scratch;

namespace {

const RootedPath path{"/run/timectl/lock"};

/// Another process that takes the lock, says so, and holds it until it is killed.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& root) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      const auto lock = os::make_locks(root)->take(path, "provision");
      if (write(ends[1], "x", 1) == 1) pause();
      _exit(0);
    }
    char byte = 0;
    REQUIRE(read(ends[0], &byte, 1) == 1);
    close(ends[0]);
    close(ends[1]);
  }
  ~OtherProcess() { die(); }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void die() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("a lock is held by one, says by whom, and ends with its object") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "run");
  const auto locks = os::make_locks(scratch.path());
  CHECK(locks->holder(path).empty());
  {
    const auto lock = locks->take(path, "'timectl provision' of pi");
    const auto thrown = error_of([&] { locks->take(path, "monitor"); });
    CHECK(thrown.kind == ErrorKind::busy);
    CHECK(thrown.message.find("another timectl is at work: 'timectl provision' of pi (process " +
                              std::to_string(getpid()) + ", since 20") == 0);
    CHECK(locks->holder(path) == thrown.message);
  }
  CHECK(locks->holder(path).empty());
  CHECK(locks->take(path, "monitor"));
}

TEST_CASE("the lock of another process ends when that is killed") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "run");
  const auto locks = os::make_locks(scratch.path());
  OtherProcess other{scratch.path()};
  const auto thrown = error_of([&] { locks->take(path, "recover"); });
  CHECK(thrown.kind == ErrorKind::busy);
  CHECK(thrown.message.find("process " + std::to_string(other.pid())) != std::string::npos);
  CHECK_FALSE(locks->holder(path).empty());
  other.die();
  CHECK(locks->holder(path).empty());
  CHECK(locks->take(path, "recover"));
}

TEST_CASE("a program that was started under the lock does not keep it") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "run");
  const auto locks = os::make_locks(scratch.path());
  const auto processes = os::make_processes({});
  auto lock = locks->take(path, "provision");
  const auto running = processes->start({"sleep", {"30"}, {}, {}, {}});
  lock.reset();
  CHECK(locks->take(path, "monitor"));
  CHECK_FALSE(running->poll());
}

TEST_CASE("a lock that cannot be made is an error about its path") {
  const Scratch scratch;
  const auto locks = os::make_locks(scratch.path());
  const auto thrown = error_of([&] { locks->take(RootedPath{"/a/b/lock"}, "provision"); });
  CHECK(thrown.kind == ErrorKind::io);
  CHECK(thrown.message == "cannot take the lock '/a/b/lock' below '" + scratch.path() +
                              "': no such file or directory");
  scratch.link("lock", "/elsewhere");
  CHECK_THROWS_AS(locks->take(RootedPath{"/lock"}, "provision"), Error);
}
