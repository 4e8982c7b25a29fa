// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/backup.hpp"
#include "apply/contents.hpp"
#include "apply/json.hpp"
#include "apply/record.hpp"
#include "apply_fixture.hpp"
#include "base/checksum.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using target::Sensitivity;
using test::carry_out;
using test::error_of;
using test::Host;
using test::mentions;
using test::way_out;

namespace {

constexpr auto wifi = "/etc/NetworkManager/system-connections/wifi.nmconnection";
constexpr auto key = "/etc/chrony/timectl.keys";
constexpr auto closed = "/etc/netplan/90-timectl.yaml";
const std::string psk = "psk=correct horse\n";
const std::string own_key = "1 SHA256 HEX:feedface\n";
const std::string own_address = "addresses: [192.168.4.2/24]\n";

/// A Wi-Fi connection that goes, a key that comes, and a file of timectl's own that is closed.
struct HostWithSecrets : Host {
  HostWithSecrets() {
    files.put(wifi, psk, 0600);
    want(wifi, target::FileKind::absent, "");
    want(key, target::FileKind::owned, own_key);
    target.files.back().sensitivity = Sensitivity::secret;
    target.files.back().mode = 0640;
    want(closed, target::FileKind::owned, own_address);
    target.files.back().mode = 0600;
  }
};

/// Every file of the state that other users may read has neither secret, nor what would distinguish
/// a guess from the truth.
void check_hidden(const test::FakeFiles& files) {
  for (const auto& [path, node] : files.snapshot()) {
    const bool is_of_state =
        path.starts_with("/var/lib/timectl") && node.type == system::FileType::regular;
    if (!is_of_state || (node.ownership.mode & 0004) == 0) continue;
    CAPTURE(path);
    for (const auto& secret : {psk, own_key}) {
      CHECK_FALSE(mentions(node.content, secret.substr(0, secret.size() - 1)));
      CHECK_FALSE(mentions(node.content, checksum_of(secret)));
    }
    CHECK_FALSE(mentions(node.content, "192.168.4.2/24"));
  }
}

template <typename Change>
void rewrite(test::FakeFiles& files, const RootedPath& path, std::uint32_t mode, Change&& change) {
  auto document = Json::parse(files.at(path.text()));
  document.erase("checksum");
  document["schema"] = 2;
  change(document);
  files.put(path.text(), with_checksum(document.dump(1) + "\n"), mode);
}

/// As timectl wrote it before: the checksums in the journal, all contents in a record that is
/// closed.
void make_second_schema(test::FakeFiles& files, const std::string& generation) {
  const auto contents = load_contents(files, generation);
  rewrite(files, journal_path(generation), 0644, [&](Json& document) {
    for (auto& file : document["files"]) {
      file.erase("sensitivity");
      file.erase("action");
      const auto found = contents.checksums.find(RootedPath{file["path"].get<std::string>()});
      if (found != contents.checksums.end()) file["checksum"] = found->second;
    }
  });
  for (const auto& path : {commit_record, record_path(generation)}) {
    rewrite(files, path, 0600, [&](Json& document) {
      for (auto& file : document["files"]) {
        file.erase("sensitivity");
        if (file.contains("content")) continue;
        file["content"] = contents.managed.at(RootedPath{file["path"].get<std::string>()});
      }
    });
  }
  rewrite(files, generations_directory / generation / "after.json", 0600, [](Json& document) {
    document.erase("managed");
    document.erase("checksums");
  });
}

const OldFile& old_of(const Journal& journal, const std::string& path) {
  const auto found = std::find_if(journal.files.begin(), journal.files.end(),
                                  [&](const OldFile& old) { return old.path.text() == path; });
  REQUIRE(found != journal.files.end());
  return *found;
}

}  // namespace

TEST_CASE("what timectl remembers of secrets only root may read, and the rest every user") {
  HostWithSecrets host;
  const auto generation = host.apply().generation;
  check_hidden(host.files);
  for (const auto& path : {commit_record, record_path(generation), journal_path(generation)}) {
    CHECK(host.files.status(path)->ownership.mode == 0644);
  }
  LastWritten last{host.files};
  CHECK(last.record(RootedPath{key})->sensitivity == Sensitivity::secret);
  CHECK(last.record(RootedPath{key})->mode == 0640);
  CHECK_FALSE(last.last_written(RootedPath{key}));
  CHECK_FALSE(last.last_written(RootedPath{closed}));
  CHECK(last.last_written(RootedPath{"/etc/hostname"}) == "pi-ntp\n");
  last.add_contents(host.files);
  CHECK(last.last_written(RootedPath{key}) == own_key);
  CHECK(last.last_written(RootedPath{closed}) == own_address);
  CHECK(last.record(RootedPath{closed})->sensitivity == Sensitivity::open);
  CHECK(host.plan().empty());
}

TEST_CASE("an ordinary user goes on without the contents") {
  HostWithSecrets host;
  const auto generation = host.apply().generation;
  host.files.become(1000);
  host.files.forbid_reading(generations_directory.text() + "/" + generation + "/after.json");
  LastWritten last{host.files};
  last.add_contents(host.files);
  CHECK(last.closed().empty());
  CHECK(last.paths().size() == host.plan().managed.size());
  CHECK_FALSE(last.last_written(RootedPath{key}));
  const auto generations = list_generations(host.files);
  REQUIRE(generations.size() == 1);
  CHECK(generations.front().verdict == Verdict::committed);
  for (const auto& step : generations.front().files) CHECK(step.is_action_known);
}

TEST_CASE("secrets come back byte for byte with their mode, from each rollback") {
  HostWithSecrets host;
  const auto before = test::snapshot(host);
  REQUIRE(host.apply().kind == OutcomeKind::committed);
  const auto after = test::snapshot(host);
  CHECK_FALSE(host.files.has(wifi));

  const auto rollback = [&] {
    const auto back =
        plan::plan_restore(load_rollback_state(host.files, ""),
                           {host.files, host.services, host.packages}, plan::Edits::keep);
    CHECK(back.edited.empty());
    for (const auto& change : back.plan.changes) {
      const auto* file = std::get_if<plan::FileChange>(&change);
      if (file == nullptr) continue;
      const auto& path = file->path.text();
      CHECK((file->sensitivity == Sensitivity::secret || (path != wifi && path != key)));
      CHECK_FALSE(mentions(plan::unified_diff(*file), "correct"));
    }
    CHECK(carry_out(host, back.plan).kind == OutcomeKind::committed);
    check_hidden(host.files);
  };
  rollback();
  CHECK(without_times(test::snapshot(host)) == without_times(before));
  rollback();
  CHECK(without_times(test::snapshot(host)) == without_times(after));

  const auto back = way_out(host);
  CHECK(back.edited.empty());
  CHECK(carry_out(host, back.plan).kind == OutcomeKind::committed);
  check_hidden(host.files);
  CHECK(without_times(test::snapshot(host)) == without_times(before));
}

TEST_CASE("a change that fails restores secrets and says nothing of them") {
  HostWithSecrets host;
  const auto before = test::snapshot(host);
  const auto outcome = host.apply([] { return std::vector<std::string>{"no"}; });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(test::snapshot(host) == before);
  check_hidden(host.files);
  test::die_before_commit(host);
  check_hidden(host.files);
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(test::snapshot(host) == before);
}

TEST_CASE("a copy of a secret that rots is noticed, and its checksum is not shown") {
  HostWithSecrets host;
  const auto generation = host.apply().generation;
  const auto journal = load_journal(host.files, generation);
  const auto old = old_of(*journal, wifi);
  CHECK(old.checksum.empty());
  CHECK(backup_content(host.files, *journal, old) == psk);
  const auto copy = backup_path(*journal, old).text();
  host.files.put(copy, "psk=corrupt horse\n", 0600);
  const auto damage = backup_damage(host.files, *journal, old);
  CHECK(mentions(damage, copy));
  CHECK_FALSE(mentions(damage, checksum_of(psk)));
  const auto back = way_out(host);
  CHECK(back.lost.size() == 1);
}

TEST_CASE("a copy of a secret is judged by either of its checksums while the other is damaged") {
  HostWithSecrets host;
  const auto generation = host.apply().generation;
  const auto journal = load_journal(host.files, generation);
  const auto old = old_of(*journal, wifi);
  const auto copy = backup_path(*journal, old).text();
  const auto contents = (generations_directory / generation / "after.json").text();
  const auto beside = copy + ".checksum";
  CHECK(host.files.status(RootedPath{beside})->ownership.mode == 0600);
  for (const auto& damaged : {contents, beside}) {
    CAPTURE(damaged);
    const auto whole = host.files.at(damaged);
    host.files.put(damaged, "\0\0", 0600);
    CHECK(backup_content(host.files, *journal, old) == psk);
    host.files.put(copy, "psk=corrupt horse\n", 0600);
    CHECK(mentions(backup_damage(host.files, *journal, old), copy));
    host.files.put(copy, psk, 0600);
    host.files.put(damaged, whole, 0600);
  }
}

TEST_CASE("a record whose contents are lost is used as far as it goes") {
  HostWithSecrets host;
  const auto generation = host.apply().generation;
  const auto contents = generations_directory.text() + "/" + generation + "/after.json";
  const auto whole = host.files.at(contents);
  for (const bool is_gone : {false, true}) {
    is_gone ? host.files.erase(contents) : host.files.put(contents, whole.substr(40), 0600);
    LastWritten last{host.files};
    last.add_contents(host.files);
    CHECK(last.generation() == generation);
    CHECK_FALSE(last.last_written(RootedPath{closed}));
    CHECK(host.plan().empty());
    CHECK(host.recover().kind == OutcomeKind::committed);
    // What cannot be compared counts as edited, and stays.
    const auto back = way_out(host);
    CHECK(std::find(back.edited.begin(), back.edited.end(), RootedPath{key}) != back.edited.end());
  }
}

TEST_CASE("state of the second schema is read, and its secrets are apart from the next change on") {
  HostWithSecrets host;
  host.target.files.erase(host.target.files.end() - 2);  // no target had secrets then
  const auto before = host.tree();
  const auto generation = host.apply().generation;
  make_second_schema(host.files, generation);
  const auto journal = load_journal(host.files, generation);
  CHECK(old_of(*journal, wifi).checksum == checksum_of(psk));
  CHECK(old_of(*journal, wifi).sensitivity == Sensitivity::secret);
  CHECK(LastWritten{host.files}.last_written(RootedPath{closed}) == own_address);
  CHECK(host.plan().empty());

  host.target.files[1].content = "another\n";
  CHECK(host.apply().kind == OutcomeKind::committed);
  CHECK(host.files.status(commit_record)->ownership.mode == 0644);
  CHECK_FALSE(mentions(host.files.at(commit_record.text()), "192.168.4.2/24"));
  LastWritten last{host.files};
  last.add_contents(host.files);
  CHECK(last.last_written(RootedPath{closed}) == own_address);
  check_hidden(host.files);
  const auto mended = load_journal(host.files, generation);
  CHECK(old_of(*mended, wifi).checksum.empty());
  CHECK(backup_content(host.files, *mended, old_of(*mended, wifi)) == psk);
  CHECK(load_contents(host.files, generation).checksums.at(RootedPath{wifi}) == checksum_of(psk));
  CHECK(carry_out(host, way_out(host).plan).kind == OutcomeKind::committed);
  CHECK(host.tree() == before);
}

TEST_CASE("a record of the second schema that is written anew keeps the contents of closed files") {
  struct Case {
    const char* lost;
    RootedPath (*path)(const std::string& generation);
  };
  for (const auto& [lost, path] : {
           Case{"the commit record", [](const std::string&) { return commit_record; }},
           Case{"the generation's record", record_path},
       }) {
    for (const bool by_recover : {true, false}) {
      CAPTURE(lost, by_recover);
      HostWithSecrets host;
      host.target.files.erase(host.target.files.end() - 2);
      const auto before = host.tree();
      const auto generation = host.apply().generation;
      make_second_schema(host.files, generation);
      host.files.put(path(generation).text(), "{\n \"sch");
      if (!by_recover) host.target.files[1].content = "another\n";
      CHECK((by_recover ? host.recover() : host.apply()).kind == OutcomeKind::committed);
      CHECK_FALSE(mentions(host.files.at(path(generation).text()), "192.168.4.2/24"));
      LastWritten last{host.files};
      last.add_contents(host.files);
      CHECK(last.last_written(RootedPath{closed}) == own_address);
      if (by_recover) {
        auto record = load_record(host.files, record_path(generation));
        REQUIRE(record);
        add_contents(host.files, *record);
        CHECK(record->files.at(RootedPath{closed}).content == own_address);
      }
      const auto back = way_out(host);
      CHECK(back.edited.empty());
      CHECK(carry_out(host, back.plan).kind == OutcomeKind::committed);
      CHECK(host.tree() == before);
    }
  }
}

TEST_CASE("a change of the second schema that is confirmed keeps the contents of closed files") {
  HostWithSecrets host;
  host.target.files.erase(host.target.files.end() - 2);
  auto machine = host.machine();
  const auto generation = apply_plan(host.plan(), machine, test::healthy, [](const auto&) {},
                                     {.confirm_within = std::chrono::minutes{10},
                                      .plan_undo = [](const auto&, const auto&) {}})
                              .generation;
  host.files.put(commit_record.text(), host.files.at(record_path(generation).text()));
  make_second_schema(host.files, generation);
  host.files.erase(commit_record.text());
  REQUIRE(confirm(machine).generation == generation);
  LastWritten last{host.files};
  last.add_contents(host.files);
  CHECK(last.last_written(RootedPath{closed}) == own_address);
  CHECK_FALSE(mentions(host.files.at(commit_record.text()), "192.168.4.2/24"));
}

TEST_CASE("nothing is applied while a file was not compared") {
  HostWithSecrets host;
  auto plan = host.plan();
  plan.unread = {RootedPath{wifi}};
  const auto before = host.files.snapshot();
  const auto error = error_of([&] { carry_out(host, plan); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::permission);
  CHECK(mentions(error, wifi));
  CHECK(host.files.snapshot() == before);
}
