// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <chrono>
#include <csignal>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using namespace std::chrono_literals;
using timectl::test::error_of;
using timectl::test::Scratch;

namespace {

Command shell(const std::string& script, std::chrono::milliseconds deadline = 10s) {
  return {"sh", {"-c", script}, {}, deadline, {}};
}

/// Whether a process of this number goes away soon: it may still be a zombie of another process.
bool is_gone(pid_t pid) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto files = os::make_files("");
    const auto stat = files->read(RootedPath{"/proc/" + std::to_string(pid) + "/stat"});
    if (!stat || stat->content.find(") Z ") != std::string::npos) return true;
    usleep(10'000);
  }
  return false;
}

}  // namespace

TEST_CASE("a program's output, errors and status come back apart") {
  const auto processes = os::make_processes({});
  const auto result = processes->run(shell("echo out; echo err >&2; exit 3"));
  CHECK(result.output == "out\n");
  CHECK(result.errors == "err\n");
  CHECK(result.status == 3);
  CHECK_FALSE(result.timed_out);
  CHECK_FALSE(result.succeeded());
  CHECK(processes->run(shell("kill -TERM $$")).status == 128 + SIGTERM);
}

TEST_CASE("lines are heard while the program runs, each once, and the output is whole") {
  const auto processes = os::make_processes({});
  const test::Scratch scratch;
  const auto go_on = scratch.path() + "/go-on";
  auto command =
      shell("echo one; while [ ! -e " + go_on + " ]; do sleep 0.05; done; echo two; printf rest");
  std::vector<std::string> heard;
  command.heard = [&](std::string_view line) {
    heard.emplace_back(line);
    // It ends only when its first line was heard.
    std::ofstream{go_on} << "x";
  };
  const auto result = processes->run(command);
  CHECK(heard == std::vector<std::string>{"one", "two"});
  CHECK(result.output == "one\ntwo\nrest");
  CHECK(result.succeeded());
}

TEST_CASE("a program that is missing is said to be missing") {
  const auto processes = os::make_processes({});
  CHECK_FALSE(processes->find("no-such-program-anywhere"));
  CHECK_FALSE(processes->find("/etc/passwd"));
  CHECK_FALSE(processes->find("/usr/bin"));
  const auto thrown = error_of([&] { processes->run({"no-such-program", {}, {}, 1s, {}}); });
  CHECK(thrown.kind == ErrorKind::missing);
  CHECK(thrown.message == "cannot run 'no-such-program': it is not installed");
}

TEST_CASE("programs of unpacked packages are found after those of the host") {
  const Scratch scratch;
  scratch.put("usr/sbin/own-tool", "#!/bin/sh\necho from the package\n");
  scratch.put("usr/sbin/sh", "#!/bin/sh\nexit 1\n");
  scratch.put("usr/sbin/no-program", "");
  chmod((scratch / "usr/sbin/own-tool").c_str(), 0755);
  chmod((scratch / "usr/sbin/sh").c_str(), 0755);
  const auto processes = os::make_processes({scratch.path()});
  CHECK(processes->find("own-tool") == (scratch / "usr/sbin/own-tool").string());
  CHECK(processes->run({"own-tool", {}, {}, 5s, {}}).output == "from the package\n");
  std::filesystem::create_directories(scratch / "usr/lib/aarch64-linux-gnu");
  scratch.put("usr/sbin/show-libraries", "#!/bin/sh\necho $LD_LIBRARY_PATH\n");
  chmod((scratch / "usr/sbin/show-libraries").c_str(), 0755);
  CHECK(processes->run({"show-libraries", {}, {}, 5s, {}}).output ==
        (scratch / "usr/lib/aarch64-linux-gnu").string() + "\n");
  CHECK(processes->run(shell("echo $LD_LIBRARY_PATH")).output == "\n");
  CHECK(processes->find("sh") != (scratch / "usr/sbin/sh").string());
  CHECK_FALSE(processes->find("no-program"));
  CHECK(processes->find((scratch / "usr/sbin/own-tool").string()));
}

TEST_CASE("a program that is no program is an error and not a crash") {
  const Scratch scratch;
  scratch.put("broken", "#!/no/such/interpreter\n");
  chmod((scratch / "broken").c_str(), 0755);
  const auto processes = os::make_processes({});
  const auto thrown = error_of([&] {
    processes->run({(scratch / "broken").string(), {}, {}, 1s, {}});
  });
  CHECK(thrown.kind == ErrorKind::missing);
}

TEST_CASE("much input and much output at once do not lock up") {
  const auto processes = os::make_processes({});
  const std::string input(3'000'000, 'x');
  const auto result = processes->run({"cat", {}, input, 20s, {}});
  CHECK(result.succeeded());
  CHECK(result.output == input);
}

TEST_CASE("a program that does not want its input is not a broken pipe for us") {
  const auto processes = os::make_processes({});
  const auto result = processes->run({"true", {}, std::string(3'000'000, 'x'), 20s, {}});
  CHECK(result.succeeded());
}

TEST_CASE("without input a program sees the end of it at once") {
  CHECK(os::make_processes({})->run({"cat", {}, {}, 5s, {}}).succeeded());
}

TEST_CASE("output without end is kept up to a limit and the deadline holds") {
  const auto processes = os::make_processes({});
  const auto before = std::chrono::steady_clock::now();
  const auto result = processes->run({"yes", {}, {}, 1s, {}});
  CHECK(result.timed_out);
  CHECK(result.output.size() <= 16U * 1024 * 1024);
  CHECK(std::chrono::steady_clock::now() - before < 10s);
}

TEST_CASE("the deadline ends the program and what it started") {
  const auto processes = os::make_processes({});
  const auto result = processes->run(shell("sleep 300 & echo $!; wait", 200ms));
  CHECK(result.timed_out);
  CHECK_FALSE(result.succeeded());
  const auto grandchild = static_cast<pid_t>(std::stol(result.output));
  CHECK(is_gone(grandchild));
}

TEST_CASE("a program that does not listen to SIGTERM is killed all the same") {
  const auto result =
      os::make_processes({})->run(shell("trap '' TERM; while :; do sleep 0.1; done", 200ms));
  CHECK(result.timed_out);
  CHECK(result.status == 128 + SIGKILL);
}

TEST_CASE("a program that was given time after its deadline may finish what it has begun") {
  Command command = shell("trap 'sleep 1; echo finished; exit 7' TERM; sleep 300 & wait", 200ms);
  command.grace = 20s;
  const auto result = os::make_processes({})->run(command);
  CHECK(result.timed_out);
  CHECK(result.status == 7);
  CHECK(result.output == "finished\n");
}

TEST_CASE("a daemon that was left behind with our pipes does not hold us up") {
  const auto before = std::chrono::steady_clock::now();
  const auto result = os::make_processes({})->run(shell("sleep 5 & echo $!"));
  CHECK(result.succeeded());
  CHECK(std::chrono::steady_clock::now() - before < 3s);
  kill(static_cast<pid_t>(std::stol(result.output)), SIGKILL);
}

TEST_CASE("a program gets a plain language, additions, and none of our files") {
  setenv("LANGUAGE", "de", 1);
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  const auto processes = os::make_processes({});
  auto command = shell("echo $LC_ALL:$LANGUAGE:$EXTRA; ls /proc/self/fd | wc -l");
  command.environment = {{"EXTRA", "added"}};
  const int leak = dup(STDERR_FILENO);  // without close-on-exec
  const auto result = processes->run(command);
  close(leak);
  unsetenv("LANGUAGE");
  unsetenv("LC_ALL");
  CHECK(result.output == "C.UTF-8::added\n4\n");  // three, and the one that ls uses
}

TEST_CASE("a blocked signal of ours does not stay blocked in a program") {
  sigset_t mask;
  sigset_t before;
  sigfillset(&mask);
  pthread_sigmask(SIG_BLOCK, &mask, &before);
  const auto result = os::make_processes({})->run(shell("grep SigBlk /proc/self/status"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(result.output == "SigBlk:\t0000000000000000\n");
}

TEST_CASE("a program that runs beside us is seen to run, is stopped, and ends with its object") {
  const auto processes = os::make_processes({});
  auto running = processes->start(shell("echo ready; exec sleep 300"));
  CHECK_FALSE(running->poll());
  for (int attempt = 0; attempt < 100 && !running->poll(); ++attempt) usleep(2'000);
  const auto result = running->stop();
  CHECK(result.output == "ready\n");
  CHECK(result.status == 128 + SIGTERM);
  CHECK(running->stop().status == result.status);

  auto short_lived = processes->start(shell("exit 7"));
  std::optional<CommandResult> ended;
  for (int attempt = 0; attempt < 1000 && !ended; ++attempt) {
    ended = short_lived->poll();
    usleep(2'000);
  }
  REQUIRE(ended);
  CHECK(ended->status == 7);

  const Scratch scratch;
  auto doomed =
      processes->start(shell("echo $$ > " + (scratch / "pid").string() + "; echo; exec sleep 300"));
  while (scratch.content("pid").empty()) usleep(2'000);
  const auto pid = static_cast<pid_t>(std::stol(scratch.content("pid")));
  doomed.reset();
  CHECK(is_gone(pid));
}
