// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"

#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::error_of;
using test::Host;
using test::mentions;

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
  const std::vector<std::string> paths{
      "/var/lib/timectl/current.json",
      "/var/lib/timectl/generations/" + generation + "/journal.json"};
  for (const auto& path : paths) {
    const auto whole = host.files.at(path);
    const auto damage = [&](const std::string& text) {
      host.files.put(path, text);
      const auto error = error_of([&] {
        load_journal(host.files, generation);
        LastWritten{host.files};
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

TEST_CASE("a journal that names a path outside the root is damaged") {
  Host host;
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  auto text = host.files.at(path);
  text.replace(text.find("\"/etc/hosts\""), 12, "\"/etc/../x\"");
  host.files.put(path, text);
  CHECK(mentions(error_of([&] { load_journal(host.files, generation); }), "damaged"));
}
