// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/sandbox_copy.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using std::chrono::seconds;

namespace {

namespace fs = std::filesystem;

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (fs::temp_directory_path() / "timectl-sandbox-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchDirectory() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void put(const std::string& path, const std::string& content) { std::ofstream{path} << content; }

std::string get(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream{path}.rdbuf();
  return content.str();
}

/// Runs in a sandbox, or ends the test with a word where the kernel has none.
std::string inside(const SandboxSpec& spec, const std::function<std::string()>& work,
                   seconds deadline = seconds{20}) {
  const auto sandbox = os::make_sandbox();
  if (sandbox->means() == SandboxMeans::none) {
    WARN("skipped: the kernel gives no namespaces here");
    return "none";
  }
  return sandbox->run_inside(spec, work, deadline);
}

bool has_sandbox() { return os::make_sandbox()->means() != SandboxMeans::none; }

std::string yes(bool truth) { return truth ? "yes" : "no"; }

}  // namespace

TEST_CASE("root makes a sandbox as root, others by a user namespace", "[sandbox]") {
  const auto means = os::make_sandbox()->means();
  if (::geteuid() != 0) CHECK(means != SandboxMeans::root);
  CHECK(os::make_sandbox()->means() == means);
}

TEST_CASE("the text that the work returned comes out, however long", "[sandbox]") {
  if (!has_sandbox()) return;
  const std::string large(300'000, 'x');
  CHECK(inside({}, [&] { return large; }) == large);
  CHECK(inside({}, [] { return std::string{}; }).empty());
}

TEST_CASE("an error of the work comes out with kind, message and hint", "[sandbox]") {
  if (!has_sandbox()) return;
  try {
    inside({}, []() -> std::string {
      throw Error{ErrorKind::missing, "cannot find 'chronyd'", "install it"};
    });
    FAIL("it must throw");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::missing);
    CHECK(std::string{error.what()} == "cannot find 'chronyd'");
    CHECK(error.hint() == "install it");
  }
}

TEST_CASE("a foreign exception of the work comes out as an error", "[sandbox]") {
  if (!has_sandbox()) return;
  CHECK_THROWS_AS(inside({}, []() -> std::string { throw std::runtime_error{"oops"}; }), Error);
}

TEST_CASE("work that dies is an error with its status", "[sandbox]") {
  if (!has_sandbox()) return;
  try {
    inside({}, []() -> std::string { ::_exit(7); });
    FAIL("it must throw");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::external);
    CHECK(std::string{error.what()} ==
          "cannot work in the sandbox: its process ended with status 7");
  }
}

TEST_CASE("work that hangs is ended at the deadline with all it started", "[sandbox]") {
  if (!has_sandbox()) return;
  int alive[2];
  REQUIRE(::pipe(alive) == 0);
  const auto begin = std::chrono::steady_clock::now();
  try {
    inside(
        {},
        [&]() -> std::string {
          // A grandchild that would outlive us: its end of the pipe closes only when it is dead.
          if (::fork() == 0) {
            ::setsid();
            ::sleep(60);
            ::_exit(0);
          }
          ::sleep(60);
          return "";
        },
        seconds{1});
    FAIL("it must throw");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::timeout);
  }
  ::close(alive[1]);
  char byte = 0;
  CHECK(::read(alive[0], &byte, 1) == 0);  // no process holds the other end any more
  ::close(alive[0]);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{5});
}

TEST_CASE("what the work leaves running ends with it", "[sandbox]") {
  if (!has_sandbox()) return;
  int alive[2];
  REQUIRE(::pipe(alive) == 0);
  inside({}, [] {
    if (::fork() == 0) {
      ::sleep(60);
      ::_exit(0);
    }
    return std::string{};
  });
  ::close(alive[1]);
  char byte = 0;
  CHECK(::read(alive[0], &byte, 1) == 0);
  ::close(alive[0]);
}

TEST_CASE("a private directory has the host's files and keeps changes to itself", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "kept", "old");
  ::chmod((host / "kept").c_str(), 0640);
  fs::create_directory(host / "deep");
  put(host / "deep/file", "deep");
  fs::create_symlink("kept", host / "link");
  SandboxSpec spec;
  spec.private_directories = {RootedPath{host.path().string()}};
  spec.files = {{RootedPath{host / "new/file"}, "new", 0600}};
  const auto seen = inside(spec, [&] {
    struct stat status {};
    ::stat((host / "kept").c_str(), &status);
    std::string all = get(host / "kept") + " " + get(host / "deep/file") + " " +
                      fs::read_symlink(host / "link").string() + " " + get(host / "new/file") +
                      " " + std::to_string(status.st_mode & 07777U);
    put(host / "kept", "changed");
    return all + " " + get(host / "kept");
  });
  CHECK(seen == "old deep kept new 416 changed");
  CHECK(get(host / "kept") == "old");
  CHECK_FALSE(fs::exists(host / "new"));
}

TEST_CASE("a staged file replaces a symlink instead of following it", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "elsewhere", "old");
  fs::create_symlink("elsewhere", host / "link");
  SandboxSpec spec;
  spec.private_directories = {RootedPath{host.path().string()}};
  spec.files = {{RootedPath{host / "link"}, "staged", 0644}};
  CHECK(inside(spec, [&] { return get(host / "link") + get(host / "elsewhere"); }) == "stagedold");
}

TEST_CASE("removed paths are gone and links are made, inside only", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "gone", "old");
  SandboxSpec spec;
  spec.private_directories = {RootedPath{host.path().string()}};
  spec.removed = {RootedPath{host / "gone"}};
  spec.links = {{RootedPath{host / "masked"}, "/dev/null"}};
  CHECK(inside(spec, [&] {
          return yes(fs::exists(host / "gone")) + fs::read_symlink(host / "masked").string();
        }) == "no/dev/null");
  CHECK(fs::exists(host / "gone"));
}

TEST_CASE("an empty directory is empty and can be written", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "state", "old");
  SandboxSpec spec;
  spec.empty_directories = {RootedPath{host.path().string()}};
  CHECK(inside(spec, [&] {
          const bool was_empty = fs::is_empty(host.path());
          put(host / "state", "new");
          return yes(was_empty) + get(host / "state");
        }) == "yesnew");
  CHECK(get(host / "state") == "old");
}

TEST_CASE("directories that the host does not have exist in the sandbox only", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "sibling", "still here");
  fs::create_directory(host / "directory");
  put(host / "directory/file", "and here");
  fs::create_symlink("sibling", host / "link");
  SandboxSpec spec;
  spec.empty_directories = {RootedPath{host / "state/deeper"}};
  spec.private_directories = {RootedPath{host / "etc"}};
  spec.files = {{RootedPath{host / "etc/conf.d/50"}, "staged", 0644}};
  CHECK(inside(spec, [&] {
          put(host / "state/deeper/file", "state");
          return get(host / "state/deeper/file") + get(host / "etc/conf.d/50") +
                 get(host / "sibling") + get(host / "directory/file") + get(host / "link");
        }) == "statestagedstill hereand herestill here");
  CHECK_FALSE(fs::exists(host / "state"));
  CHECK_FALSE(fs::exists(host / "etc"));
}

TEST_CASE("everything else is read-only, for root too", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  CHECK(inside({}, [&] {
          const int file = ::open((host / "new").c_str(), O_CREAT | O_WRONLY, 0644);
          return file < 0 && errno == EROFS ? std::string{"read-only"} : std::string{"written"};
        }) == "read-only");
  CHECK_FALSE(fs::exists(host / "new"));
}

TEST_CASE("the view cannot be undone from within", "[sandbox]") {
  if (!has_sandbox()) return;
  CHECK(inside({}, [] {
          const bool remounted = ::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0;
          return yes(remounted);
        }) == "no");
}

TEST_CASE("no process inside can set the clock", "[sandbox]") {
  if (!has_sandbox()) return;
  // Refused before it reads the value: an invalid time can set nothing even if it were allowed.
  CHECK(inside({}, [] {
          const timespec invalid{0, -1};
          const bool refused = ::clock_settime(CLOCK_REALTIME, &invalid) != 0;
          const bool dropped = get("/proc/self/status").find("CapEff:") != std::string::npos;
          const auto status = get("/proc/self/status");
          const auto at = status.find("CapBnd:\t");
          const auto bits = std::stoull(status.substr(at + 8, 16), nullptr, 16);
          const auto has = [&](int capability) { return ((bits >> capability) & 1U) != 0; };
          // SYS_MODULE 16, RAWIO 17, ADMIN 21, BOOT 22, TIME 25, MKNOD 27
          return yes(refused && dropped) + yes(has(16) || has(17) || has(21)) +
                 yes(has(22) || has(25) || has(27));
        }) == "yesnono");
}

TEST_CASE("the host's services, devices and processes are out of reach", "[sandbox]") {
  if (!has_sandbox()) return;
  CHECK(inside({}, [] {
          return yes(fs::is_empty("/run")) + yes(fs::exists("/dev/null")) +
                 yes(fs::exists("/dev/rtc0") || fs::exists("/dev/mem") || fs::exists("/dev/kmsg")) +
                 std::to_string(::getpid());
        }) == "yesyesno1");
}

TEST_CASE("temporary files can be made and the host's stay in sight", "[sandbox]") {
  if (!has_sandbox()) return;
  const ScratchDirectory host;
  put(host / "tool", "tool");
  const auto temporary = host.path().string() + "-inside";
  CHECK(inside({}, [&] {
          put(temporary, "temporary");
          return get(temporary) + get(host / "tool");
        }) == "temporarytool");
  CHECK_FALSE(fs::exists(temporary));
}

TEST_CASE("what is written to /dev/null inside stays possible", "[sandbox]") {
  if (!has_sandbox()) return;
  CHECK(inside({}, [] {
          const int file = ::open("/dev/null", O_WRONLY);
          return yes(file >= 0 && ::write(file, "x", 1) == 1);
        }) == "yes");
}

TEST_CASE("the network is empty but for loopback with the wanted addresses", "[sandbox]") {
  if (!has_sandbox()) return;
  SandboxSpec spec;
  spec.addresses = {*Subnet::parse("192.168.4.2/24"), *Subnet::parse("fd00::2/64")};
  CHECK(inside(spec, [] {
          const auto interfaces = os::make_network()->interfaces();
          if (interfaces.size() != 1 || !interfaces[0].is_up) return std::string{"not only lo"};
          auto addresses = interfaces[0].addresses;
          std::sort(addresses.begin(), addresses.end());
          std::string all;
          for (const auto& address : addresses) all += address.text() + " ";
          return all;
        }) == "127.0.0.1/8 192.168.4.2/24 ::1/128 fd00::2/64 ");
}

TEST_CASE("datagrams reach an address of the sandbox, and only there", "[sandbox]") {
  if (!has_sandbox()) return;
  SandboxSpec spec;
  spec.addresses = {*Subnet::parse("192.168.4.2/24")};
  CHECK(inside(spec, [] {
          Exchange exchange{{*IpAddress::parse("192.168.4.2"), 123}, {1}, {}, {}};
          exchange.deadline = std::chrono::milliseconds{500};
          Exchange away = exchange;
          away.to.address = *IpAddress::parse("8.8.8.8");
          const auto results = os::make_datagrams()->exchange({exchange, away});
          return yes(results[0].status == ExchangeStatus::refused) +
                 yes(results[1].status == ExchangeStatus::unreachable);
        }) == "yesyes");
}

TEST_CASE("unreadable, huge and special files are left out of a copy", "[sandbox]") {
  const ScratchDirectory from;
  const ScratchDirectory to;
  put(from / "huge", std::string(os::largest_copied_file + 1, 'x'));
  ::mkfifo((from / "pipe").c_str(), 0600);
  put(from / "good", "good");
  put(from / "secret", "secret");
  ::chmod((from / "secret").c_str(), 0);
  os::copy_readable(from.path().string(), to.path().string());
  CHECK(get(to / "good") == "good");
  CHECK_FALSE(fs::exists(to / "huge"));
  CHECK_FALSE(fs::exists(to / "pipe"));
  CHECK(fs::exists(to / "secret") == (::geteuid() == 0));
}
