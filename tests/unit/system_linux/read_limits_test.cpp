// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"

#include <array>
#include <csignal>
#include <fstream>

#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using namespace std::chrono_literals;
using timectl::test::error_of;
using timectl::test::Scratch;

namespace {

constexpr std::uint64_t two_gigabytes = 2'000'000'000;

/// The fields of /proc/self/stat from the third on (proc(5)).
std::vector<std::uint64_t> own_stat() {
  std::ifstream file{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream words{text.substr(text.rfind(')') + 4)};
  std::vector<std::uint64_t> fields{0, 0, 0};  // pid, comm, state
  for (std::string word; words >> word;) {
    fields.push_back(static_cast<std::uint64_t>(std::strtoull(word.c_str(), nullptr, 10)));
  }
  return fields;
}

/// Has /proc/PID/environ of this process show `size` bytes of fresh memory. Every user may do that
/// to a process of their own. False where the kernel is built without it.
bool claim_environment(std::size_t size) {
  void* place = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return false;
  const auto stat = own_stat();
  if (stat.size() < 51) return false;
  prctl_mm_map map{};
  map.start_code = stat[25];
  map.end_code = stat[26];
  map.start_stack = stat[27];
  map.start_data = stat[44];
  map.end_data = stat[45];
  map.start_brk = stat[46];
  map.brk = reinterpret_cast<std::uint64_t>(sbrk(0));
  map.arg_start = stat[47];
  map.arg_end = stat[48];
  map.env_start = reinterpret_cast<std::uint64_t>(place);
  map.env_end = map.env_start + size;
  map.exe_fd = static_cast<std::uint32_t>(-1);
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0;
}

/// A process that claims an environment of `size` bytes, until the end of its owner.
class Claimant {
 public:
  explicit Claimant(std::size_t size) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      const char said = claim_environment(size) ? 'y' : 'n';
      static_cast<void>(!write(ends[1], &said, 1));
      for (;;) pause();
    }
    close(ends[1]);
    char said = 'n';
    claims_ = read(ends[0], &said, 1) == 1 && said == 'y';
    close(ends[0]);
  }
  Claimant(const Claimant&) = delete;
  Claimant& operator=(const Claimant&) = delete;
  ~Claimant() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  bool claims() const { return claims_; }

 private:
  pid_t pid_ = -1;
  bool claims_ = false;
};

}  // namespace

TEST_CASE("a file of two gigabytes is refused by its size, with its name and the limit") {
  const Scratch scratch;
  scratch.put("etc/hosts", "127.0.0.1 localhost\n");
  std::filesystem::resize_file(scratch / "etc/hosts", two_gigabytes);
  const auto files = os::make_files(scratch.path());
  const auto thrown = error_of([&] { files->read(RootedPath{"/etc/hosts"}); });
  CHECK(thrown.kind == ErrorKind::io);
  CHECK(thrown.message == "cannot read '/etc/hosts' below '" + scratch.path() +
                              "': it is larger than 8 MiB, the limit for a configuration file");
  const auto as_profile = error_of([&] { files->read(RootedPath{"/etc/hosts"}, limits::profile); });
  CHECK(as_profile.kind == ErrorKind::profile);
  CHECK(as_profile.message.ends_with("it is larger than 1 MiB, the limit for a profile"));
}

TEST_CASE("a limit is the last size that is read") {
  const Scratch scratch;
  scratch.put("four", "1234");
  scratch.put("five", "12345");
  const auto files = os::make_files(scratch.path());
  constexpr ReadLimit four{4, "a test"};
  CHECK(files->read(RootedPath{"/four"}, four)->content == "1234");
  CHECK(error_of([&] {
          files->read(RootedPath{"/five"}, four);
        }).message.ends_with("it is larger than 4 bytes, the limit for a test"));
}

TEST_CASE("a file that claims no size and has one is not read beyond the limit") {
  const auto files = os::make_files("");
  const RootedPath path{"/proc/self/status"};
  REQUIRE(files->read(path)->status.size == 0);
  const auto size = files->read(path)->content.size();
  REQUIRE(size > 100);
  CHECK(error_of([&] {
          files->read(path, {100, "a test"});
        }).message ==
        "cannot read '/proc/self/status': it is larger than 100 bytes, the limit for a test");
  CHECK(files->read(path, {size + 100, "a test"}));
}

TEST_CASE("a directory with more names than any real one is refused") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "full");
  std::size_t linked = 0;
  // Links to one file: they take no inodes. A file has 65,000 of them at most on ext4.
  for (std::size_t i = 0; i <= limits::names_in_directory; ++i) {
    if (i % 32768 == 0) scratch.put("of/" + std::to_string(i / 32768), "");
    const auto file = scratch / ("of/" + std::to_string(i / 32768));
    const auto name = scratch / ("full/" + std::to_string(i));
    linked += link(file.c_str(), name.c_str()) == 0 ? 1 : 0;
  }
  REQUIRE(linked == limits::names_in_directory + 1);
  const auto files = os::make_files(scratch.path());
  CHECK(error_of([&] { files->list(RootedPath{"/full"}); }).message ==
        "cannot list '/full' below '" + scratch.path() + "': it holds more than 65536 names");
  unlink((scratch / "full/7").c_str());
  CHECK(files->list(RootedPath{"/full"}).size() == limits::names_in_directory);
}

TEST_CASE("a process that claims an environment of 32 MB is not read, it is not known") {
  const Claimant claimant{32U << 20};
  if (!claimant.claims()) {
    WARN("skipped: this kernel lets no process claim one (CONFIG_CHECKPOINT_RESTORE)");
    return;
  }
  const auto services = os::make_services(os::Route::bus_daemon);
  const auto thrown =
      error_of([&] { static_cast<void>(services->process_environment(claimant.pid())); });
  CHECK(thrown.kind == ErrorKind::io);
  CHECK(thrown.message == "cannot read '/proc/" + std::to_string(claimant.pid()) +
                              "/environ': it is larger than 2 MiB, the limit for the environment "
                              "of a process");
}

TEST_CASE("the empty entries of an environment are left out") {
  const Claimant claimant{1U << 20};  // nothing but zeros
  if (!claimant.claims()) {
    WARN("skipped: this kernel lets no process claim one (CONFIG_CHECKPOINT_RESTORE)");
    return;
  }
  CHECK(os::make_services(os::Route::bus_daemon)->process_environment(claimant.pid()).empty());
  CHECK_FALSE(os::make_services(os::Route::bus_daemon)
                  ->process_environment(static_cast<std::uint32_t>(getpid()))
                  .empty());
}

TEST_CASE("an attribute of the kernel that is longer than a page can be is not known") {
  const Scratch scratch;
  scratch.put("short", "1\n");
  scratch.put("page", std::string(65536, 'x'));
  scratch.put("long", std::string(65537, 'x'));
  CHECK(os::kernel::read_attribute((scratch / "short").string()) == "1");
  CHECK(os::kernel::read_attribute((scratch / "page").string()).size() == 65536);
  CHECK(os::kernel::read_attribute((scratch / "long").string()).empty());
  CHECK(os::kernel::read_attribute("/dev/zero").empty());
}

TEST_CASE("the beginning of what a program said is no answer") {
  const auto processes = os::make_processes({});
  const Command talkative{"head", {"-c", "17000000", "/dev/zero"}, {}, 60s, {}};
  const auto result = processes->run(talkative);
  CHECK(result.status == 0);
  CHECK(result.output.size() == 16U << 20);
  CHECK(result.is_cut);
  CHECK_FALSE(result.succeeded());
  CHECK(error_of([&] { run_or_throw(*processes, talkative, "list it"); }).message ==
        "cannot list it: 'head' said more than timectl reads");
}
