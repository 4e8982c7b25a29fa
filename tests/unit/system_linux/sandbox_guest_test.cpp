// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;
using std::chrono::seconds;

namespace {

namespace fs = std::filesystem;

/// A card that is mounted where only its owner may look.
class MountedCard {
 public:
  MountedCard() {
    std::string name = (fs::temp_directory_path() / "timectl-card-XXXXXX").string();
    above_ = ::mkdtemp(name.data());
    fs::create_directories(root() / "usr/bin");
    fs::create_directories(root() / "etc/chrony");
    put("usr/bin/mark", "the card's");
    put("etc/chrony/chrony.conf", "pool a\n");
    spec.private_directories = {RootedPath{"/etc"}};
    spec.guest = SandboxGuest{root().string(), GuestPrograms::own, {}};
  }
  ~MountedCard() { fs::remove_all(above_); }

  const fs::path& above() const { return above_; }
  fs::path root() const { return above_ / "root"; }
  void put(const std::string& path, const std::string& content, mode_t mode = 0644) const {
    std::ofstream{root() / path} << content;
    ::chmod((root() / path).c_str(), mode);
  }

  SandboxSpec spec;

 private:
  fs::path above_;
};

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream{path}.rdbuf();
  return content.str();
}

/// Runs in the sandbox of the card; "none" where the kernel has no such sandbox.
std::string as_guest(const MountedCard& card, const std::function<std::string()>& work) {
  try {
    return os::make_sandbox()->run_inside(card.spec, work, seconds{20});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
    WARN("skipped: " << error.what());
    return "none";
  }
}

bool gives_guests() {
  static const bool gives = as_guest(MountedCard{}, [] { return std::string{"some"}; }) != "none";
  return gives;
}

std::string said(bool truth) { return truth ? "yes" : "no"; }

}  // namespace

TEST_CASE("a guest sees its own programs and a copy of its own files", "[sandbox]") {
  if (!gives_guests()) return;
  MountedCard card;
  card.spec.files = {{RootedPath{"/etc/chrony/conf.d/50.conf"}, "staged", 0644}};
  card.spec.empty_directories = {RootedPath{"/var/lib/chrony"}};
  CHECK(as_guest(card, [] {
          std::ofstream{"/etc/chrony/chrony.conf"} << "changed";
          std::ofstream{"/var/lib/chrony/drift"} << "written";
          return content_of("/usr/bin/mark") + " " + content_of("/etc/chrony/chrony.conf") + " " +
                 content_of("/etc/chrony/conf.d/50.conf") + " " +
                 content_of("/var/lib/chrony/drift");
        }) == "the card's changed staged written");
  CHECK(content_of((card.root() / "etc/chrony/chrony.conf").string()) == "pool a\n");
  CHECK_FALSE(fs::exists(card.root() / "var"));
}

TEST_CASE("this machine's programs run on the guest's files", "[sandbox]") {
  if (!gives_guests()) return;
  MountedCard card;
  card.spec.guest->programs = GuestPrograms::this_machines;
  CHECK(as_guest(card, [] {
          const auto shell = os::make_processes({});
          const auto result = shell->run({"cat", {"/etc/chrony/chrony.conf"}, "", seconds{5}, {}});
          return said(fs::exists("/usr/bin/mark")) + result.output;
        }) == "nopool a\n");
}

TEST_CASE("a guest sees no file of this machine, and its tools where they are", "[sandbox]") {
  if (!gives_guests()) return;
  MountedCard card;
  const auto tools = (card.above() / "tools").string();
  fs::create_directories(tools + "/usr/bin");
  std::ofstream{tools + "/usr/bin/tool"} << "tool";
  std::ofstream{card.above() / "secret"} << "secret";
  card.spec.guest->programs = GuestPrograms::this_machines;
  card.spec.guest->tools = {tools};
  CHECK(as_guest(card, [&] {
          std::string seen;
          for (const auto* path : {"/root", "/home", "/sys", "/boot", "/etc/passwd", "/dev/tty"}) {
            if (fs::exists(path)) seen += std::string{path} + " ";
          }
          return seen + said(fs::exists(card.above() / "secret")) + said(fs::is_empty("/run")) +
                 content_of(tools + "/usr/bin/tool");
        }) == "noyestool");
}

TEST_CASE("a link of the guest's leads nowhere out of it", "[sandbox]") {
  if (!gives_guests()) return;
  const MountedCard card;
  const auto outside = card.above() / "outside";
  fs::create_directories(outside);
  std::ofstream{outside / "secret"} << "secret";
  fs::remove_all(card.root() / "etc");
  SECTION("as the directory that is copied") {
    fs::create_directory_symlink(outside, card.root() / "etc");
    CHECK(as_guest(card, [] { return said(fs::exists("/etc/secret")); }) == "no");
  }
  SECTION("as a file in it") {
    fs::create_directory(card.root() / "etc");
    fs::create_symlink(outside / "secret", card.root() / "etc/link");
    CHECK(as_guest(card, [] { return said(fs::exists("/etc/link")); }) == "no");
  }
  SECTION("as a directory of programs") {
    fs::create_directory_symlink(outside, card.root() / "bin");
    CHECK(as_guest(card, [] { return said(fs::exists("/bin/secret")); }) == "no");
  }
}

TEST_CASE("to the kernel a guest of root is a user without files and processes", "[sandbox]") {
  if (::geteuid() != 0 || !gives_guests()) return;
  const MountedCard card;
  card.put("etc/closed", "closed", 0600);
  CHECK(as_guest(card, [] {
          std::istringstream map{content_of("/proc/self/uid_map")};
          std::string inside, outside, count;
          map >> inside >> outside >> count;
          return inside + " " + outside + " " + count + " " + said(fs::exists("/etc/closed"));
        }) == "0 2147483646 1 no");
}

TEST_CASE("a device node of a card opens nothing", "[sandbox]") {
  if (::geteuid() != 0 || !gives_guests()) return;
  const MountedCard card;
  const auto node = (card.root() / "usr/bin/zero").string();
  if (::mknod(node.c_str(), S_IFCHR | 0666, makedev(1, 5)) != 0) return;  // a container
  ::chmod(node.c_str(), 0666);
  CHECK(as_guest(card, [] {
          return said(::open("/usr/bin/zero", O_RDONLY) >= 0) +
                 said(::open("/dev/zero", O_RDONLY) >= 0);
        }) == "noyes");
}

TEST_CASE("a guest has no terminal, no environment and no way to more rights", "[sandbox]") {
  if (!gives_guests()) return;
  const MountedCard card;
  ::setenv("TIMECTL_TEST_SECRET", "secret", 1);
  CHECK(as_guest(card, [] {
          const auto status = content_of("/proc/self/status");
          const auto at = status.find("CapBnd:\t");
          const auto bits =
              at == std::string::npos ? ~0ULL : std::stoull(status.substr(at + 8, 16), nullptr, 16);
          // CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID, NET_BIND_SERVICE
          constexpr auto kept = 1ULL | 1ULL << 1 | 1ULL << 3 | 1ULL << 6 | 1ULL << 7 | 1ULL << 10;
          return said(::getenv("TIMECTL_TEST_SECRET") != nullptr) +
                 said(::getsid(0) == ::getpid()) + said((bits & ~kept) != 0) +
                 said(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) +
                 said(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1);
        }) == "noyesnoyesno");
  ::unsetenv("TIMECTL_TEST_SECRET");
}

TEST_CASE("a guest's daemon can open its port on an empty network", "[sandbox]") {
  if (!gives_guests()) return;
  MountedCard card;
  card.spec.addresses = {*Subnet::parse("192.168.4.2/24")};
  CHECK(as_guest(card, [] {
          const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
          sockaddr_in port{};
          port.sin_family = AF_INET;
          port.sin_port = htons(123);
          ::inet_pton(AF_INET, "192.168.4.2", &port.sin_addr);
          const auto* address = reinterpret_cast<const sockaddr*>(&port);
          return said(::bind(socket, address, sizeof port) == 0) +
                 std::to_string(os::make_network()->interfaces().size());
        }) == "yes1");
}

TEST_CASE("a card without anything on it is a guest too", "[sandbox]") {
  if (!gives_guests()) return;
  const MountedCard card;
  fs::remove_all(card.root() / "usr");
  fs::remove_all(card.root() / "etc");
  CHECK(as_guest(card, [] {
          return said(fs::is_empty("/etc")) + said(os::make_processes({})->find("sh").has_value());
        }) == "yesno");
}
