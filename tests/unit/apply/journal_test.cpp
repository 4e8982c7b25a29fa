// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"

#include "apply/contents.hpp"
#include "apply/past.hpp"
#include "apply/record.hpp"
#include "apply_fixture.hpp"
#include "state_text.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::as_first_schema;
using test::error_of;
using test::Host;
using test::mentions;
using test::replaced;
using test::sealed_again;

TEST_CASE("generations are numbered on, whatever the clock says") {
  test::FakeFiles files;
  CHECK(next_generation(files, WallTime{}) == "19700101T000000Z-001");
  files.put("/var/lib/timectl/generations/20261120T135304Z-009/journal.json", "");
  files.put("/var/lib/timectl/generations/19700101T000000Z-010/journal.json", "");
  files.put("/var/lib/timectl/generations/lost+found/x", "");
  CHECK(generation_names(files) ==
        std::vector<std::string>{"20261120T135304Z-009", "19700101T000000Z-010"});
  CHECK(next_generation(files, WallTime{}) == "19700101T000000Z-011");
}

TEST_CASE("a damaged journal or record is an error that names the file, never a crash") {
  Host host;
  const auto generation = host.apply().generation;
  const auto directory = "/var/lib/timectl/generations/" + generation;
  const std::vector<std::string> paths{directory + "/record.json", directory + "/journal.json"};
  for (const auto& path : paths) {
    const auto whole = host.files.at(path);
    const auto damage = [&](const std::string& text) {
      host.files.put(path, text);
      const auto error = error_of([&] {
        load_journal(host.files, generation);
        load_record(host.files, record_path(generation));
      });
      CAPTURE(path, text);
      REQUIRE(error);
      CHECK(error->kind() == ErrorKind::io);
      CHECK(mentions(error, path));
    };
    for (std::size_t size = 0; size + 2 < whole.size(); size += 13) damage(whole.substr(0, size));
    for (const auto* text : {"[]", "{}", "null", "\xff\xfe", "{\"generation\":7}"}) damage(text);
    host.files.put(path, whole);
  }
}

TEST_CASE("a bit that flips anywhere in a journal or record is noticed") {
  Host host;
  const auto generation = host.apply().generation;
  const auto directory = "/var/lib/timectl/generations/" + generation;
  for (const auto& path :
       {directory + "/journal.json", directory + "/record.json", directory + "/after.json"}) {
    const auto whole = host.files.at(path);
    for (std::size_t at = 0; at < whole.size(); at += 11) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      host.files.put(path, damaged);
      CAPTURE(path, at);
      CHECK(mentions(error_of([&] {
                       load_journal(host.files, generation);
                       load_record(host.files, record_path(generation));
                       load_contents(host.files, generation);
                     }),
                     path));
    }
    host.files.put(path, whole);
  }
}

TEST_CASE("what a newer timectl wrote is refused by name and not rewritten as something older") {
  Host host;
  const auto generation = host.apply().generation;
  const auto directory = "/var/lib/timectl/generations/" + generation;
  for (const auto& path : {std::string{"/var/lib/timectl/current.json"},
                           directory + "/journal.json", directory + "/record.json"}) {
    const auto whole = host.files.at(path);
    host.files.put(path, sealed_again(replaced(whole, "\"schema\": 3", "\"schema\": 4")));
    const auto before = host.files.snapshot();
    host.target.files[1].content = "another\n";
    const auto error = error_of([&] {
      load_record(host.files, record_path(generation));
      host.apply();
    });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(mentions(error, path));
    CHECK(mentions(error, "newer"));
    CHECK(host.files.snapshot() == before);
    host.files.put(path, whole);
  }
}

TEST_CASE("state of the first schema, which had no checksums, is read and written anew") {
  Host host;
  const auto before = host.tree();
  const auto generation = host.apply().generation;
  const auto directory = "/var/lib/timectl/generations/" + generation;
  for (const auto& path :
       {std::string{"/var/lib/timectl/current.json"}, directory + "/journal.json",
        directory + "/record.json", directory + "/after.json"}) {
    host.files.put(path, as_first_schema(host.files.at(path)));
  }
  CHECK(load_journal(host.files, generation)->files.front().checksum.empty());
  host.target.files[1].content = "another\n";
  CHECK(host.apply().kind == OutcomeKind::committed);
  CHECK(mentions(host.files.at("/var/lib/timectl/current.json"), "\"checksum\""));
  const auto back =
      plan::plan_restore(load_original_state(host.files),
                         {host.files, host.services, host.packages}, plan::Edits::keep);
  auto ports = host.machine();
  CHECK(apply_plan(
            back.plan, ports, [] { return std::vector<std::string>{}; }, [](const std::string&) {})
            .kind == OutcomeKind::committed);
  CHECK(host.tree() == before);
}

TEST_CASE("a document that says it is of the second schema and has no checksum is damaged") {
  Host host;
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  const auto text = host.files.at(path);
  host.files.put(path, "{\n" + text.substr(text.find(" \"schema\"")));
  CHECK(mentions(error_of([&] { load_journal(host.files, generation); }), "no checksum"));
}

TEST_CASE("a journal that names a path outside the root is damaged") {
  Host host;
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  host.files.put(path,
                 sealed_again(replaced(host.files.at(path), "\"/etc/hosts\"", "\"/etc/../x\"")));
  CHECK(mentions(error_of([&] { load_journal(host.files, generation); }), "/etc/../x"));
}

TEST_CASE("a commit record that is lost or damaged is said, and the generation's own is used") {
  Host host;
  const auto generation = host.apply().generation;
  const std::string path = "/var/lib/timectl/current.json";
  const auto whole = host.files.at(path);
  for (const auto& text : std::vector<std::string>{"", "{", "null", whole.substr(0, 40), "gone"}) {
    host.files.put(path, text);
    if (text == "gone") host.files.remove(RootedPath{path});
    const LastWritten last{host.files};
    CAPTURE(text, last.loss());
    CHECK(last.loss().find(path) != std::string::npos);
    CHECK(last.loss().find(generation) != std::string::npos);
    CHECK(last.host() == "pi-ntp");
    CHECK(last.paths().size() > 5);
    auto ports = host.machine();
    const auto outcome = apply::recover(ports, [](const std::string&) {});
    CHECK(outcome.notes.size() == 1);
    CHECK(host.files.at(path) == whole);
    CHECK(LastWritten{host.files}.loss().empty());
  }
}

TEST_CASE("a commit record of an older generation than the newest is lost too") {
  Host host;
  host.apply();
  const auto old = host.files.at("/var/lib/timectl/current.json");
  host.target.files[1].content = "another\n";
  const auto generation = host.apply().generation;
  host.files.put("/var/lib/timectl/current.json", old);
  const LastWritten last{host.files};
  CHECK(last.generation() == generation);
  CHECK(last.loss().find(generation) != std::string::npos);
}
