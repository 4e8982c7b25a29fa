// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "system/linux/linux.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::FakeFiles;
using timectl::test::Scratch;

namespace {

const std::string service = "[Service]\nExecStart=/bin/true\n[Install]\n";
const std::string own = "etc/systemd/system/";
const std::string vendor = "usr/lib/systemd/system/";

/// A root with what makes enabling difficult.
void fill(const Scratch& root) {
  root.put("etc/os-release", "ID=debian\n");
  root.put(vendor + "plain.service", service + "WantedBy=a.target b.target\nRequiredBy=c.target\n");
  root.put(vendor + "alias.service", service + "Alias=see.service\nWantedBy=a.target\n");
  root.link(vendor + "other.service", "alias.service");
  root.put(vendor + "also.service", service + "Also=plain.service helper.socket absent.service\n");
  root.put(vendor + "helper.socket", "[Socket]\n[Install]\nWantedBy=sockets.target\n");
  root.put(vendor + "t@.service", service +
                                      "WantedBy=a.target %i.target %p-%j.target\n"
                                      "Alias=al@.service\nDefaultInstance=one\n");
  root.put(vendor + "n@.service", service + "WantedBy=a.target x@.target\n");
  root.put(vendor + "old.service", service + "Alias=b.target.wants/old.service\n");
  root.put(vendor + "drop.service", service + "WantedBy=a.target\n");
  root.put(vendor + "drop.service.d/1.conf", "[Install]\nWantedBy=\nWantedBy=d.target\n");
  root.put(own + "drop.service.d/2.conf", "[Install]\nRequiredBy=e.target\n");
  root.put(vendor + "static.service", "[Service]\nExecStart=/bin/true\n");
  root.put(vendor + "v.mount", "[Mount]\n[Install]\nAlias=w.mount\nWantedBy=a.target\n");
  root.put(own + "local.service", service + "WantedBy=a.target\nAlias=l.service\n");
  root.put("opt/linked.service", service + "WantedBy=a.target\n");
  root.link(own + "linked.service", "/opt/linked.service");
  root.put(vendor + "timer.service", service + "Alias=foo.timer good.service\nWantedBy=a.target\n");
  root.put(vendor + "up.service", service + "Alias=../x.service\nWantedBy=a.target ../../u b.x\n");
  root.put(vendor + "none.service", service + "Alias=foo.timer\n");
  root.put(vendor + "root.service", service +
                                        "Also=-.mount absent@.service absent@x.service\n"
                                        "WantedBy=-.mount a.target\n");
  root.put(vendor + "-.mount", "[Mount]\n[Install]\nWantedBy=a.target\n");
  root.put(vendor + "bad.service", service + "Also=no-unit plain.service\nWantedBy=a.target\n");
  root.put(vendor + "takes.service", service + "Also=bad.service plain.service\n");
  root.put(vendor + "m@.service", service + "WantedBy=a.target x@.target\nAlias=k@one.service\n");
  root.put(own + "b.target.wants/somebodys.service", "no link\n");
  fs::create_directories(root / (own + "empty.target.wants"));
}

std::map<std::string, std::string> tree_of(const Scratch& root) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : fs::recursive_directory_iterator{root.path()}) {
    auto what = std::to_string(static_cast<int>(entry.symlink_status().permissions()));
    if (entry.is_symlink()) what = "-> " + fs::read_symlink(entry.path()).string();
    tree[entry.path().lexically_relative(root.path()).string()] = what;
  }
  return tree;
}

std::vector<std::string> words_of_step(const std::string& step) {
  const auto space = step.find(' ');
  return {step.substr(0, space), step.substr(space + 1)};
}

void take(ServiceManager& services, const std::string& verb, const std::string& unit) {
  if (verb == "enable") services.enable(unit);
  if (verb == "disable") services.disable(unit);
  if (verb == "mask") services.mask(unit);
  if (verb == "unmask") services.unmask(unit);
}

using Steps = std::vector<std::string>;

const std::vector<Steps> ways{
    {"enable plain.service", "disable plain.service"},
    {"enable plain.service", "mask plain.service", "disable plain.service", "unmask plain.service",
     "disable plain.service"},
    {"enable alias.service", "disable see.service"},
    {"enable other.service", "disable other.service"},
    {"enable alias.service", "mask see.service"},
    {"enable also.service", "disable also.service"},
    {"mask plain.service", "enable also.service", "disable also.service"},
    {"enable t@.service", "enable t@two-three.service", "disable t@two-three.service",
     "enable t@four.service", "disable t@.service"},
    {"enable n@two.service", "disable n@two.service"},
    {"enable old.service", "disable old.service"},
    {"enable drop.service", "disable drop.service"},
    {"enable static.service", "disable static.service"},
    {"enable v.mount", "disable v.mount"},
    {"enable local.service", "disable local.service"},
    {"enable linked.service", "disable linked.service"},
    {"mask local.service"},
    {"mask absent.service", "unmask absent.service", "disable absent.service"},
    {"enable absent.service"},
    {"mask plain.service", "enable plain.service"},
    {"enable timer.service", "disable timer.service"},
    {"enable up.service", "disable up.service"},
    {"enable none.service"},
    {"enable root.service", "disable root.service"},
    {"enable bad.service"},
    {"enable takes.service"},
    {"enable m@.service", "disable m@.service"},
    {"enable m@two.service"},
    {"mask -.mount", "enable root.service", "unmask -.mount"},
};

/// Links that a user made, which enabling finds and disabling takes along. None leads to another of
/// them: whether systemctl --root then finds the second goes by the order of the directory.
void add_users_links(const Scratch& root) {
  root.link(own + "a.target.wants/plain.service",
            "../../../../usr/lib/systemd/system/plain.service");
  root.link(own + "b.target.wants/plain.service", "/nowhere/plain.service");
  root.link(own + "z.target.wants/plain.service", "/usr/lib/systemd/system/plain.service");
  root.link(own + "mine.service", "/usr/lib/systemd/system/other.service");
  root.link(own + "some.d/deep/plain.service", "/usr/lib/systemd/system/static.service");
  root.link(own + "some.d/no-unit", "/usr/lib/systemd/system/plain.service");
}

/// The same steps by systemctl and by timectl, each in a root of its own; the trees are the same
/// after every step, and where systemctl fails without having made a link timectl refuses. (Where
/// it fails with some made, they are what can be had.)
void compare(const Steps& steps, bool with_users_links, const ProcessRunner& processes) {
  const Scratch theirs;
  const Scratch ours;
  for (const auto* root : {&theirs, &ours}) {
    fill(*root);
    if (with_users_links) add_users_links(*root);
  }
  const auto files = os::make_files(ours.path());
  const auto services = os::make_offline_services(ours.path(), *files);
  for (const auto& step : steps) {
    INFO(step << (with_users_links ? ", with a user's links" : ""));
    const auto words = words_of_step(step);
    const auto theirs_before = tree_of(theirs);
    const auto done = processes.run({"systemctl",
                                     {"--root=" + theirs.path(), words[0], "--", words[1]},
                                     {},
                                     std::chrono::seconds{30},
                                     {{"SYSTEMCTL_SKIP_SYSV", "1"}}});
    const auto before = tree_of(ours);
    const auto refusal = error_of([&] { take(*services, words[0], words[1]); });
    const bool is_refused = refusal.message != "nothing was thrown";
    CHECK(is_refused == (done.status != 0 && tree_of(theirs) == theirs_before));
    CHECK(tree_of(ours) == (is_refused ? before : tree_of(theirs)));
  }
}

}  // namespace

TEST_CASE("the links are those that the real systemctl makes and removes") {
  const auto processes = os::make_processes({});
  if (!processes->find("systemctl")) {
    WARN("skipped: systemctl is not installed");
    return;
  }
  for (const auto& steps : ways) {
    compare(steps, false, *processes);
    compare(steps, true, *processes);
  }
}

TEST_CASE("disabling takes a link along that leads to one that it took away") {
  for (const auto* name : {"b.service", "z.service"}) {
    FakeFiles files{{"/usr/lib/systemd/system/m.service", service}};
    files.put_link("/etc/systemd/system/n.service", "/usr/lib/systemd/system/m.service");
    files.put_link(std::string{"/etc/systemd/system/"} + name, "n.service");
    files.put_link("/etc/systemd/system/ring.service", "ring.service");
    os::make_offline_services("/mnt", files)->disable("m.service");
    CHECK(files.list(RootedPath{"/etc/systemd/system"}) ==
          std::vector<std::string>{"ring.service"});
  }
}

TEST_CASE("a link that says the same in other words stays as it is") {
  FakeFiles files{{"/usr/lib/systemd/system/a.service", service + "WantedBy=x.target\n"}};
  files.put_link("/lib", "usr/lib");
  files.put_link("/etc/systemd/system/x.target.wants/a.service", "/lib/systemd/system/a.service");
  const auto before = files.snapshot();
  os::make_offline_services("/mnt", files)->enable("a.service");
  CHECK(files.snapshot() == before);
}

TEST_CASE("enabling refuses what stands in the way of a link, before it makes any") {
  const std::string want = "/etc/systemd/system/b.target.wants/a.service";
  const auto try_with = [&](const std::function<void(FakeFiles&)>& prepare) {
    FakeFiles files{{"/usr/lib/systemd/system/a.service",
                     service + "WantedBy=a.target b.target\nAlias=see.service\n"}};
    prepare(files);
    const auto before = files.snapshot();
    const auto thrown =
        error_of([&] { os::make_offline_services("/mnt/card", files)->enable("a.service"); });
    CHECK(files.snapshot() == before);
    return thrown;
  };
  const auto by_file = try_with([&](FakeFiles& files) { files.put(want, ""); });
  CHECK(by_file.kind == ErrorKind::refused);
  CHECK(by_file.message == "cannot enable 'a.service' below '/mnt/card': '" + want +
                               "' is in the way, which is no link");
  CHECK(by_file.hint == "rm '/mnt/card" + want + "'");
  const auto by_directory = try_with([&](FakeFiles& files) { files.put_directory(want); });
  CHECK(by_directory.hint == "rm -r '/mnt/card" + want + "'");
  const auto by_alias = try_with([&](FakeFiles& files) {
    files.put_link("/etc/systemd/system/see.service", "/usr/lib/systemd/system/else.service");
  });
  CHECK(by_alias.message.find("leads to '/usr/lib/systemd/system/else.service'") !=
        std::string::npos);
  for (const auto* target : {"/srv/elsewhere", "../../..", "/proc/self/root/etc"}) {
    const auto by_link = try_with(
        [&](FakeFiles& files) { files.put_link("/etc/systemd/system/b.target.wants", target); });
    CHECK(by_link.message.find("'/etc/systemd/system/b.target.wants' is a link") !=
          std::string::npos);
  }
}

TEST_CASE("what an install section cannot have is passed over, and the other links are made") {
  for (const auto* line :
       {"WantedBy=../../u.target", "WantedBy=b/c.target", "Alias=../x.service", "Alias=foo.timer",
        "Alias=b.target.wants/other.service", "WantedBy=%H.target", "Alias=x@.service",
        "RequiredBy=-H.target", "Also=absent.service", "Also=%H.service"}) {
    INFO(line);
    FakeFiles files{
        {"/usr/lib/systemd/system/a.service", service + "WantedBy=good.target\n" + line + "\n"}};
    os::make_offline_services("/mnt", files)->enable("a.service");
    CHECK(files.list(RootedPath{"/etc/systemd/system"}) ==
          std::vector<std::string>{"good.target.wants"});
  }
}

TEST_CASE("a unit is refused that can have none of its links, or whose Also= is no name") {
  for (const auto* section :
       {"WantedBy=../../u.target", "Alias=foo.timer", "Also=../x.service\nWantedBy=good.target"}) {
    INFO(section);
    FakeFiles files{{"/usr/lib/systemd/system/a.service", service + section + "\n"}};
    const auto before = files.snapshot();
    const auto thrown =
        error_of([&] { os::make_offline_services("/mnt", files)->enable("a.service"); });
    CHECK(thrown.kind == ErrorKind::refused);
    CHECK(files.snapshot() == before);
  }
}

TEST_CASE("units that are enabled together may name each other") {
  FakeFiles files{
      {"/usr/lib/systemd/system/a.service", service + "Also=b.service\nWantedBy=x.target\n"},
      {"/usr/lib/systemd/system/b.service", service + "Also=a.service\nWantedBy=x.target\n"}};
  const auto services = os::make_offline_services("/mnt", files);
  services->enable("a.service");
  CHECK(files.has("/etc/systemd/system/x.target.wants/b.service"));
  services->disable("b.service");
  CHECK_FALSE(files.has("/etc/systemd/system/x.target.wants"));
}

TEST_CASE("names that are no units' are refused before anything is looked at") {
  FakeFiles files{{"/x.service", service}};
  const auto before = files.snapshot();
  const auto services = os::make_offline_services("/mnt", files);
  for (const auto* name : {"../../../x.service", "-Hroot", "a/b.service", "/x.service", ""}) {
    for (const auto* verb : {"enable", "disable", "mask", "unmask"}) {
      INFO(verb << ' ' << name);
      CHECK(error_of([&] { take(*services, verb, name); }).kind == ErrorKind::refused);
    }
  }
  CHECK(files.snapshot() == before);
}

TEST_CASE("links above a unit directory lead to places below the root, and nowhere else") {
  const Scratch outside;
  for (const std::string link : {"etc", "etc/systemd", "etc/systemd/system"}) {
    const Scratch root;
    root.put(vendor + "plain.service", service + "WantedBy=a.target\n");
    fs::create_directories((root / link).parent_path());
    root.link(link, outside.path());
    fs::create_directories(root / outside.path().substr(1));
    const auto files = os::make_files(root.path());
    const auto services = os::make_offline_services(root.path(), *files);
    services->enable("plain.service");
    CHECK(services->state("plain.service").is_enabled());
    services->mask("plain.service");
    services->unmask("plain.service");
    services->disable("plain.service");
    CHECK_FALSE(services->state("plain.service").is_enabled());
    CHECK(fs::is_empty(outside.path()));
  }
}

TEST_CASE("a wants directory that is a link out of the root is left alone") {
  const Scratch outside;
  outside.link("plain.service", "/usr/lib/systemd/system/plain.service");
  const auto before = tree_of(outside);
  const Scratch root;
  root.put(vendor + "plain.service", service + "WantedBy=a.target\n");
  root.link(own + "a.target.wants", outside.path());
  const auto files = os::make_files(root.path());
  const auto services = os::make_offline_services(root.path(), *files);
  const auto thrown = error_of([&] { services->enable("plain.service"); });
  CHECK(thrown.hint == "rm '" + (root / (own + "a.target.wants")).string() + "'");
  services->disable("plain.service");
  CHECK(tree_of(outside) == before);
}

TEST_CASE("the way that a remedy names follows no link of the card's") {
  const Scratch root;
  root.put(vendor + "a.service", service + "WantedBy=a.target\n");
  root.put("real/systemd/system/a.target.wants/a.service", "");
  root.link("etc", "../../real");
  const auto real = os::make_files(root.path());
  const auto thrown =
      error_of([&] { os::make_offline_services(root.path(), *real)->enable("a.service"); });
  CHECK(thrown.hint == "rm '" + root.path() + "/real/systemd/system/a.target.wants/a.service'");
}
