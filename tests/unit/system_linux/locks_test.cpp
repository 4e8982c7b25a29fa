// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::Scratch;

namespace {

const RootedPath path{"/run/timectl/lock"};

/// A process that does something, says so, and stays until it is killed.
class OtherProcess {
 public:
  explicit OtherProcess(const std::function<void()>& begin) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      begin();
      if (write(ends[1], "x", 1) == 1) pause();
      _exit(0);
    }
    close(ends[1]);
    char byte = 0;
    REQUIRE(read(ends[0], &byte, 1) == 1);
    close(ends[0]);
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
  std::string words() const { return "process " + std::to_string(pid_); }

 private:
  pid_t pid_ = 0;
};

/// As any program can that may open the file.
void lock_file(const std::string& file, short type) {
  const int descriptor = open(file.c_str(), type == F_RDLCK ? O_RDONLY : O_RDWR);
  struct flock whole {};
  whole.l_type = type;
  whole.l_whence = SEEK_SET;
  if (descriptor < 0 || fcntl(descriptor, F_OFD_SETLK, &whole) != 0) _exit(1);
}

/// A machine on which a timectl has worked, with its lock file of this mode.
struct Machine {
  explicit Machine(mode_t mode = 0600) {
    scratch.put("run/timectl/lock", "");
    set_mode("run/timectl/lock", mode);
  }
  void set_mode(const std::string& name, mode_t mode) const {
    REQUIRE(chmod((scratch / name).c_str(), mode) == 0);
  }
  struct stat status(const std::string& name) const {
    struct stat info {};
    REQUIRE(lstat((scratch / name).c_str(), &info) == 0);
    return info;
  }
  mode_t mode(const std::string& name) const { return status(name).st_mode & 07777U; }

  Scratch scratch;
  std::string file = scratch / "run/timectl/lock";
  std::unique_ptr<Locks> locks = os::make_locks(scratch.path());
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Who holds the lock, as a user hears it to whom the file is closed.
LockState state_for_others(const Machine& machine) {
  if (geteuid() != 0) {
    machine.set_mode("run/timectl/lock", 0);
    const auto state = machine.locks->state(path);
    machine.set_mode("run/timectl/lock", 0600);
    return state;
  }
  REQUIRE(chmod(machine.scratch.path().c_str(), 0755) == 0);
  REQUIRE(seteuid(65534) == 0);
  const auto locks = os::make_locks(machine.scratch.path());
  const auto state = locks->state(path);
  REQUIRE(seteuid(0) == 0);
  return state;
}

}  // namespace

TEST_CASE("a lock is held by one, says by whom, and ends with its object") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "run");
  const auto locks = os::make_locks(scratch.path());
  CHECK(locks->state(path).holder == LockHolder::none);
  {
    const auto lock = locks->take(path, "'timectl provision' of pi");
    const auto thrown = error_of([&] { locks->take(path, "monitor"); });
    CHECK(thrown.kind == ErrorKind::busy);
    CHECK(thrown.message.find("another timectl is at work: 'timectl provision' of pi (process " +
                              std::to_string(getpid()) + ", since 20") == 0);
    CHECK(locks->state(path).holder == LockHolder::timectl);
    CHECK(locks->state(path).sentence == thrown.message);
    CHECK(lock->notice().empty());
  }
  CHECK(locks->state(path).holder == LockHolder::none);
  CHECK(locks->take(path, "monitor"));
}

TEST_CASE("the lock of another process ends when that is killed") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "run");
  const auto locks = os::make_locks(scratch.path());
  OtherProcess other{[&] { locks->take(path, "provision").release(); }};
  const auto thrown = error_of([&] { locks->take(path, "recover"); });
  CHECK(thrown.kind == ErrorKind::busy);
  CHECK(contains(thrown.message, "provision (" + other.words()));
  CHECK(locks->state(path).holder == LockHolder::timectl);
  other.die();
  CHECK(locks->state(path).holder == LockHolder::none);
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

TEST_CASE("only its owner can open a lock, and all users can read who holds it") {
  const Machine machine;
  {
    const auto lock = machine.locks->take(path, "'timectl provision' of pi");
    CHECK(machine.mode("run/timectl/lock") == 0600);
    CHECK(machine.mode("run/timectl/lock.holder") == 0644);
    CHECK(contains(machine.scratch.content("run/timectl/lock.holder"),
                   std::to_string(getpid()) + "\n"));
  }
  CHECK_FALSE(std::filesystem::exists(machine.scratch / "run/timectl/lock.holder"));
}

TEST_CASE("a user's read lock on a lock file that all can open keeps no timectl out") {
  const Machine machine{0644};
  const OtherProcess other{[&] { lock_file(machine.file, F_RDLCK); }};
  CHECK(machine.locks->state(path).holder == LockHolder::other);
  const auto lock = machine.locks->take(path, "provision");
  CHECK(contains(lock->notice(), other.words()));
  CHECK(contains(lock->notice(), "read lock"));
  CHECK(machine.mode("run/timectl/lock") == 0600);
  CHECK(machine.locks->state(path).holder == LockHolder::timectl);
  CHECK(error_of([&] { machine.locks->take(path, "recover"); }).kind == ErrorKind::busy);
}

TEST_CASE("a lock file that all can open is replaced before a user locks it") {
  const Machine machine{0644};
  const int kept_open = open(machine.file.c_str(), O_RDONLY | O_CLOEXEC);
  machine.locks->take(path, "provision");
  CHECK(machine.mode("run/timectl/lock") == 0600);
  struct flock whole {};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  CHECK(fcntl(kept_open, F_OFD_SETLK, &whole) == 0);
  CHECK(machine.locks->take(path, "recover"));
  close(kept_open);
}

TEST_CASE("an older timectl that works keeps its lock file, and is named by what it wrote there") {
  const Machine machine{0644};
  const auto inode = machine.status("run/timectl/lock").st_ino;
  const OtherProcess older{[&] {
    prctl(PR_SET_NAME, "timectl");
    lock_file(machine.file, F_WRLCK);
    machine.scratch.put(
        "run/timectl/lock",
        std::to_string(getpid()) + "\n'timectl provision' of pi\n2026-11-20T13:53:04Z\n");
  }};
  const auto thrown = error_of([&] { machine.locks->take(path, "recover"); });
  CHECK(thrown.kind == ErrorKind::busy);
  CHECK(thrown.message == "another timectl is at work: 'timectl provision' of pi (" +
                              older.words() + ", since 2026-11-20T13:53:04Z)");
  CHECK(machine.status("run/timectl/lock").st_ino == inode);
}

TEST_CASE("while a replaced lock is held, an older timectl that had the old file open stays out") {
  const Machine machine{0644};
  const int older = open(machine.file.c_str(), O_RDWR | O_CLOEXEC);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  {
    const OtherProcess reader{[&] { lock_file(machine.file, F_RDLCK); }};
    const auto lock = machine.locks->take(path, "provision");
    CHECK(fcntl(older, F_OFD_SETLK, &whole) != 0);
  }
  CHECK(fcntl(older, F_OFD_SETLK, &whole) == 0);
  close(older);
}

TEST_CASE("a lock of a program that is not timectl is named and refused") {
  const Machine machine;
  for (const short type : {short{F_RDLCK}, short{F_WRLCK}}) {
    const OtherProcess other{[&] { lock_file(machine.file, type); }};
    const auto thrown = error_of([&] { machine.locks->take(path, "recover"); });
    CHECK(thrown.kind == ErrorKind::refused);
    CHECK(contains(thrown.message, other.words()));
    CHECK(contains(thrown.message, "/run/timectl/lock"));
    CHECK(thrown.hint == "end it: kill " + std::to_string(other.pid()));
    CHECK(machine.locks->state(path).holder == LockHolder::other);
  }
}

TEST_CASE("a program without letters in its name is named without control characters") {
  const Machine machine;
  const OtherProcess other{[&] {
    prctl(PR_SET_NAME, "\x1b[2J\n\x9b");
    lock_file(machine.file, F_RDLCK);
  }};
  CHECK(contains(machine.locks->state(path).sentence, R"('\x1b[2J\n\x9b' ()" + other.words()));
}

TEST_CASE("of many that come to an old lock file at once one gets it") {
  constexpr int many = 8;
  const Machine machine{0644};
  const OtherProcess reader{[&] { lock_file(machine.file, F_RDLCK); }};
  std::array<int, 2> begin{};
  std::array<int, 2> result{};
  REQUIRE(pipe(begin.data()) == 0);
  REQUIRE(pipe(result.data()) == 0);
  std::array<pid_t, many> children{};
  for (auto& child : children) {
    child = fork();
    if (child != 0) continue;
    char byte = 0;
    close(begin[1]);
    // One that has the lock and has not written its note yet is known by its name.
    prctl(PR_SET_NAME, "timectl");
    if (read(begin[0], &byte, 1) != 0) _exit(1);
    std::unique_ptr<Lock> lock;
    const auto thrown =
        error_of([&] { lock = os::make_locks(machine.scratch.path())->take(path, "x"); });
    const char* const answer = lock ? "1" : thrown.kind == ErrorKind::busy ? "0" : "e";
    if (write(result[1], answer, 1) == 1) pause();
    _exit(0);
  }
  close(begin[0]);
  close(begin[1]);
  std::string answers;
  for (char byte = 0; answers.size() < many && read(result[0], &byte, 1) == 1;) answers += byte;
  for (const auto child : children) kill(child, SIGKILL);
  for (const auto child : children) waitpid(child, nullptr, 0);
  std::sort(answers.begin(), answers.end());
  CHECK(answers == "00000001");
  close(result[0]);
  close(result[1]);
}

TEST_CASE("a user who may not open the lock hears by the note who holds it") {
  const Machine machine;
  CHECK(state_for_others(machine).holder == LockHolder::none);
  OtherProcess other{[&] { machine.locks->take(path, "'timectl provision' of pi").release(); }};
  const auto state = state_for_others(machine);
  CHECK(state.holder == LockHolder::timectl);
  CHECK(contains(state.sentence, "'timectl provision' of pi (" + other.words()));
  other.die();
  CHECK(machine.scratch.content("run/timectl/lock.holder") != "");
  CHECK(state_for_others(machine).holder == LockHolder::none);
}

TEST_CASE("a note of another boot, or of a number that was given again, names no holder") {
  const Machine machine;
  std::string note;
  {
    const auto lock = machine.locks->take(path, "provision");
    note = machine.scratch.content("run/timectl/lock.holder");
  }
  auto lines = std::vector<std::string>{};
  for (std::size_t at = 0; at < note.size(); at = note.find('\n', at) + 1) {
    lines.push_back(note.substr(at, note.find('\n', at) + 1 - at));
  }
  REQUIRE(lines.size() == 5);
  const auto with = [&](std::size_t line, const std::string& text) {
    std::string changed;
    for (std::size_t i = 0; i < lines.size(); ++i) changed += i == line ? text : lines[i];
    machine.scratch.put("run/timectl/lock.holder", changed);
    return state_for_others(machine).holder;
  };
  CHECK(with(0, lines[0]) == LockHolder::timectl);
  CHECK(with(1, "1\n") == LockHolder::none);
  CHECK(with(2, "00000000-0000-0000-0000-000000000000\n") == LockHolder::none);
  CHECK(with(0, "-1\n") == LockHolder::not_known);
  CHECK(with(4, "torn") == LockHolder::not_known);
  // The lock itself is asked by who may: what the note says of a lock that is free counts nothing.
  with(0, lines[0]);
  CHECK(machine.locks->state(path).holder == LockHolder::none);
}

TEST_CASE("a user who may not read the note either hears that it is not known") {
  const Machine machine;
  const auto lock = machine.locks->take(path, "provision");
  machine.set_mode("run/timectl/lock.holder", 0);
  const auto state = state_for_others(machine);
  CHECK(state.holder == LockHolder::not_known);
  CHECK(contains(state.sentence, "not known whether a timectl is at work"));
  CHECK(contains(state.sentence, "permission denied"));
}

TEST_CASE(
    "what is not a file of one's own in the lock's place is refused by name, and never opened") {
  const Machine machine;
  const auto refused = [&](const std::string& why) {
    for (const bool takes : {true, false}) {
      const auto thrown = error_of([&] {
        if (takes)
          machine.locks->take(path, "provision");
        else
          machine.locks->state(path);
      });
      CHECK(thrown.kind == ErrorKind::refused);
      CHECK(contains(thrown.message, "the lock '/run/timectl/lock'"));
      CHECK(contains(thrown.message, why));
    }
    std::filesystem::remove(machine.file);
  };
  std::filesystem::remove(machine.file);
  REQUIRE(mkfifo(machine.file.c_str(), 0600) == 0);
  refused("not a regular file");
  machine.scratch.link("run/timectl/lock", "/run/elsewhere");
  refused("a symbolic link");
  std::filesystem::create_directory(machine.file);
  refused("a directory");
}

TEST_CASE("root refuses a lock that belongs to another user") {
  if (geteuid() != 0) return;  // only root can give a file away
  const Machine machine{0644};
  REQUIRE(chown(machine.file.c_str(), 65534, 65534) == 0);
  const auto thrown = error_of([&] { machine.locks->take(path, "provision"); });
  CHECK(thrown.kind == ErrorKind::refused);
  CHECK(contains(thrown.message, "belongs to user 65534"));
  CHECK(thrown.hint == "remove it: rm '" + machine.file + "'");
}

TEST_CASE("a command that removes a lock can be pasted, whatever the root is called") {
  const Scratch scratch;
  const auto root = (scratch / "my 'card'").string();
  std::filesystem::create_directories(root + "/run/timectl");
  std::filesystem::create_symlink("elsewhere", root + "/run/timectl/lock");
  const auto thrown = error_of([&] { os::make_locks(root)->take(path, "provision"); });
  CHECK(thrown.hint ==
        "remove it: rm '" + (scratch / R"(my '\''card'\'')").string() + "/run/timectl/lock'");
}

TEST_CASE("a long command line is cut in the note") {
  const Machine machine;
  const auto lock = machine.locks->take(path, std::string(5000, 'x'));
  CHECK(machine.locks->state(path).sentence.size() < 600);
  CHECK(machine.locks->state(path).holder == LockHolder::timectl);
}
