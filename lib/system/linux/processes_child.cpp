// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/processes_child.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t most_output = 16 * 1024 * 1024;
constexpr int pipe_size = 1024 * 1024;

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_system_error(errno, "make a pipe");
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

void make_non_blocking(const Descriptor& pipe) {
  fcntl(pipe.get(), F_SETFL, fcntl(pipe.get(), F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// The child's three streams; nothing else that we have open gets through to it.
class Streams {
 public:
  Streams(const Descriptor& input, const Descriptor& output, const Descriptor& errors) {
    posix_spawn_file_actions_init(&actions_);
    if (input) {
      posix_spawn_file_actions_adddup2(&actions_, input.get(), STDIN_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions_, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// A group of its own, so that a deadline reaches what the program started, and the signal
/// dispositions and mask of a fresh process.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// While one exists, writing to a pipe without a reader fails with EPIPE and does not end us.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t waiting;
    sigpending(&waiting);
    was_waiting_ = sigismember(&waiting, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() {
    constexpr timespec at_once{};
    if (!was_waiting_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_waiting_ = false;
};

ErrorKind kind_of_spawn_error(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorKind::missing;
  return error == EACCES || error == EPERM ? ErrorKind::permission : ErrorKind::io;
}

int timeout_until(steady_clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1000));
}

}  // namespace

Child::Child(const Launch& launch) : input_(launch.input) {
  auto to = input_.empty() ? Pipe{} : make_pipe();
  auto output = make_pipe();
  auto errors = make_pipe();
  const Streams streams{to.read, output.write, errors.write};
  const Attributes attributes;
  const int failed =
      posix_spawn(&pid_, launch.path.c_str(), streams.get(), attributes.get(),
                  pointers_to(launch.arguments).data(), pointers_to(launch.environment).data());
  if (failed != 0) {
    throw Error{kind_of_spawn_error(failed),
                fmt::format("cannot run '{}': {}", launch.path, reason_of(failed))};
  }
  ended_ = Descriptor{static_cast<int>(syscall(SYS_pidfd_open, pid_, 0))};
  stdin_ = std::move(to.write);
  output_.pipe = std::move(output.read);
  errors_.pipe = std::move(errors.read);
  if (stdin_) make_non_blocking(stdin_);
  for (const auto* pipe : {&output_.pipe, &errors_.pipe}) {
    make_non_blocking(*pipe);
    // A program whose output is read only now and then may write a lot in between.
    fcntl(pipe->get(), F_SETPIPE_SZ, pipe_size);
  }
}

Child::~Child() {
  if (!status_) end(milliseconds{2000});
}

bool Child::pump(steady_clock::time_point until) {
  for (;;) {
    feed();
    drain(output_);
    drain(errors_);
    if (has_ended()) {
      drain_the_rest();
      return true;
    }
    if (steady_clock::now() >= until) return false;
    wait_for_events(until);
  }
}

void Child::end(milliseconds grace) {
  if (status_) return;
  kill(-pid_, SIGTERM);
  pump(steady_clock::now() + grace);
  // It is not reaped yet, so the number of the group cannot belong to another process.
  kill(-pid_, SIGKILL);
  if (pump(steady_clock::now() + milliseconds{5000})) return reap();
  status_ = SIGKILL;  // stuck in the kernel: it is left behind, we have a deadline to keep
}

CommandResult Child::take_result() {
  reap();
  CommandResult result;
  const int raw = *status_;
  result.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  result.output = std::move(output_.text);
  result.is_cut = output_.is_cut;
  result.errors = std::move(errors_.text);
  return result;
}

void Child::wait_for_events(steady_clock::time_point until) {
  // poll(2) passes over negative descriptors: closed streams need no care.
  std::array<pollfd, 4> watched{{{ended_.get(), POLLIN, 0},
                                 {stdin_.get(), POLLOUT, 0},
                                 {output_.pipe.get(), POLLIN, 0},
                                 {errors_.pipe.get(), POLLIN, 0}}};
  const int without_pidfd = 20;
  const int timeout = timeout_until(until);
  ::poll(watched.data(), watched.size(), ended_ ? timeout : std::min(timeout, without_pidfd));
}

void Child::feed() {
  const NoPipeSignal quiet;
  while (stdin_) {
    if (fed_ == input_.size()) return stdin_.close();
    const auto put = write(stdin_.get(), input_.data() + fed_, input_.size() - fed_);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) return stdin_.close();  // EPIPE: it has read what it wanted
    fed_ += static_cast<std::size_t>(put);
  }
}

void Child::drain(Stream& stream) {
  std::array<char, 65536> buffer;
  // All that a pipe holds, and no more: a process that never stops writing must not keep us here.
  for (std::size_t taken = 0; stream.pipe && taken <= pipe_size;) {
    const auto got = read(stream.pipe.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return stream.pipe.close();
    taken += static_cast<std::size_t>(got);
    const auto room = most_output - stream.text.size();
    stream.text.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
    stream.is_cut |= room < static_cast<std::size_t>(got);
  }
}

/// A daemon that the program left behind may hold the pipes open for ever: what is in them now
/// is all there is.
void Child::drain_the_rest() {
  stdin_.close();
  drain(output_);
  drain(errors_);
}

bool Child::has_ended() {
  if (status_) return true;
  siginfo_t info{};
  // WNOWAIT: until reap() the process stays a zombie and keeps its number.
  const int asked = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return asked == 0 && info.si_pid == pid_;
}

void Child::reap() {
  if (status_) return;
  int raw = 0;
  while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) continue;
  status_ = raw;
}

}  // namespace timectl::system::os
