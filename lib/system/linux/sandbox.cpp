// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/sandbox.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/sandbox_copy.hpp"
#include "system/linux/sandbox_guest.hpp"
#include "system/linux/sandbox_mounts.hpp"
#include "system/linux/sandbox_view.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

using kernel::Descriptor;
using std::chrono::steady_clock;

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) kernel::fail("make a pipe");
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

pid_t fork_or_fail() {
  const pid_t pid = ::fork();
  if (pid < 0) kernel::fail("start the sandbox's process");
  return pid;
}

/// The exit status as a shell has it; 128 + n for signal n.
int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return 1;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// What comes through the pipe: 'r' and the result, or 'e', the kind as a letter from 'a' on, the
// message, NUL and the hint.
std::string encode(const Error& error) {
  return fmt::format("e{}{}{}{}", static_cast<char>('a' + static_cast<int>(error.kind())),
                     error.what(), '\0', error.hint());
}

std::string decode(const std::string& said, int status) {
  if (said.starts_with('r')) return said.substr(1);
  const auto nul = said.find('\0');
  if (!said.starts_with('e') || said.size() < 3 || nul == std::string::npos) {
    throw Error{
        ErrorKind::external,
        fmt::format("cannot work in the sandbox: its process ended with status {}", status)};
  }
  throw Error{static_cast<ErrorKind>(said[1] - 'a'), said.substr(2, nul - 2), said.substr(nul + 1)};
}

/// Runs `work` and writes what came of it; never returns into the caller's program.
[[noreturn]] void run_and_report(const Descriptor& reply,
                                 const std::function<std::string()>& work) {
  std::string said;
  try {
    said = "r" + work();
  } catch (const Error& error) {
    said = encode(error);
  } catch (const std::exception& error) {
    said = encode(
        Error{ErrorKind::external, fmt::format("cannot work in the sandbox: {}", error.what())});
  }
  write_all(reply.get(), said);
  ::_exit(0);  // not exit(): buffers and destructors belong to the process we came from
}

/// The kernel ends us with our parent. `life` is held open by the parent alone, so a parent that
/// was gone before we asked for that is noticed too.
void die_with_parent(const Descriptor& life) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd parent{life.get(), POLLIN, 0};
  if (::poll(&parent, 1, 0) != 0) ::_exit(1);
}

/// PID 1 of the sandbox: when it ends, the kernel ends everything it has started.
[[noreturn]] void be_first_process(const SandboxSpec& spec, const Descriptor& reply,
                                   const std::function<std::string()>& work) {
  run_and_report(reply, [&] {
    if (spec.guest) {
      build_guest_view(spec);
      build_network(spec);
      give_up_for_guest();
    } else {
      detach_mounts();
      build_view(spec);
      build_network(spec);
      drop_capabilities();
    }
    return work();
  });
}

/// Makes the namespaces and waits for their first process: a PID namespace begins with a child.
[[noreturn]] void be_keeper(SandboxMeans means, const SandboxSpec& spec, Pipe reply, Pipe life,
                            const std::function<std::string()>& work) {
  life.writing.close();
  pid_t first = 0;
  try {
    if (spec.guest) {
      enter_as_guest(spec);
    } else {
      enter_namespaces(means);
    }
    die_with_parent(life.reading);
    Pipe own_life = make_pipe();
    first = fork_or_fail();
    if (first == 0) {
      own_life.writing.close();
      die_with_parent(own_life.reading);
      be_first_process(spec, reply.writing, work);
    }
    reply.writing.close();
    ::_exit(wait_for(first));
  } catch (const Error& error) {
    write_all(reply.writing.get(), encode(error));
    ::_exit(1);
  }
}

/// Everything until the last writer is gone; nullopt when that takes longer than the deadline.
std::optional<std::string> read_until(const Descriptor& reply, steady_clock::time_point deadline) {
  std::string said;
  std::array<char, 65536> part{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd waiting{reply.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min<long long>(left.count(), 60'000))) <= 0) {
      continue;
    }
    const auto size = ::read(reply.get(), part.data(), part.size());
    if (size == 0) return said;
    if (size > 0) said.append(part.data(), static_cast<std::size_t>(size));
  }
}

bool can_enter(SandboxMeans means) {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid > 0) return wait_for(pid) == 0;
  try {
    enter_namespaces(means);
    // Some systems (AppArmor's restriction of user namespaces) allow the namespaces but no mount in
    // them.
    detach_mounts();
  } catch (const Error&) {
    ::_exit(1);
  }
  ::_exit(0);
}

class LinuxSandbox : public Sandbox {
 public:
  SandboxMeans means() const override {
    if (::geteuid() == 0 && can_enter(SandboxMeans::root)) return SandboxMeans::root;
    return can_enter(SandboxMeans::user_namespace) ? SandboxMeans::user_namespace
                                                   : SandboxMeans::none;
  }

  std::string run_inside(const SandboxSpec& spec, const std::function<std::string()>& work,
                         std::chrono::seconds deadline) const override {
    // Whether a guest's can be made shows when it is made: it is by another way.
    const auto by = spec.guest ? SandboxMeans::user_namespace : means();
    if (by == SandboxMeans::none) {
      throw Error{ErrorKind::refused, "cannot make a sandbox: the kernel gives us no namespaces",
                  "run it as root, or allow user namespaces (sysctl user.max_user_namespaces, "
                  "kernel.apparmor_restrict_unprivileged_userns)"};
    }
    const auto end = steady_clock::now() + deadline;
    Pipe reply = make_pipe();
    Pipe life = make_pipe();
    const pid_t keeper = fork_or_fail();
    if (keeper == 0) be_keeper(by, spec, std::move(reply), std::move(life), work);
    reply.writing.close();
    const auto said = read_until(reply.reading, end);
    if (said) return decode(*said, wait_for(keeper));
    ::kill(keeper, SIGKILL);
    wait_for(keeper);
    // Its first process dies with it and takes the others along; the pipe closes behind them.
    read_until(reply.reading, steady_clock::now() + std::chrono::seconds{2});
    throw Error{ErrorKind::timeout, fmt::format("cannot finish in the sandbox: it took longer than "
                                                "{} s",
                                                deadline.count())};
  }
};

}  // namespace

std::unique_ptr<Sandbox> make_sandbox() { return std::make_unique<LinuxSandbox>(); }

}  // namespace timectl::system::os
