// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply/record.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <new>

using namespace timectl;
using namespace timectl::apply;
using test::error_of;
using test::Host;
using test::snapshot;

namespace {

const std::string hosts = "127.0.0.1 localhost\n";
constexpr std::size_t mebibyte = 1U << 20;

}  // namespace

TEST_CASE("a file that is too large to be kept is refused by name before anything is written") {
  Host host;
  host.files.put("/etc/hosts", hosts + std::string(9 * mebibyte, '\n'));
  const auto before = snapshot(host);
  const auto thrown = error_of([&] { host.apply(); });
  REQUIRE(thrown);
  CHECK(thrown->kind() == ErrorKind::io);
  CHECK(std::string{thrown->what()} ==
        "cannot read '/etc/hosts': it is larger than 8 MiB, the limit for a configuration file");
  CHECK(snapshot(host) == before);
}

TEST_CASE("a state that could not be read again is not written, and nothing has changed") {
  Host host;
  // Each byte takes six in JSON.
  host.files.put("/etc/hosts", hosts + std::string(3 * mebibyte, '\x01'));
  const auto before = snapshot(host);
  const auto thrown = error_of([&] { host.apply(); });
  REQUIRE(thrown);
  CHECK(thrown->kind() == ErrorKind::io);
  CHECK(std::string{thrown->what()}.starts_with("cannot write '/var/lib/timectl/generations/"));
  CHECK(std::string{thrown->what()}.ends_with(
      "/after.json': it is larger than 16 MiB, the limit for a state file"));
  CHECK(thrown->hint() == "it has the contents of the files that change: make them smaller");
  CHECK(snapshot(host) == before);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("a journal or a record beyond the limit is an error with its name") {
  for (const std::string name : {"journal.json", "record.json"}) {
    Host host;
    host.apply();
    const auto generation = newest_journal(host.files)->generation;
    const auto path = (generations_directory / generation / name).text();
    host.files.put(path, std::string(17 * mebibyte, ' '));
    const auto thrown = error_of([&] {
      static_cast<void>(name == "journal.json"
                            ? load_journal(host.files, generation).has_value()
                            : load_record(host.files, system::RootedPath{path}).has_value());
    });
    REQUIRE(thrown);
    CHECK(std::string{thrown->what()} ==
          "cannot read '" + path + "': it is larger than 16 MiB, the limit for a state file");
  }
}

TEST_CASE("a state nested a million deep is damaged, and neither read nor dropped recursively") {
  Host host;
  host.apply();
  const auto deep = std::string(mebibyte, '[') + std::string(mebibyte, ']');
  host.files.put("/var/lib/timectl/current.json", deep);
  const auto thrown = error_of([&] { static_cast<void>(load_record(host.files, commit_record)); });
  REQUIRE(thrown);
  CHECK(std::string{thrown->what()}.starts_with(
      "cannot read '/var/lib/timectl/current.json': it is damaged: "));
}

TEST_CASE("what grew beyond the limit in a file of ours does not stop the rollback") {
  Host host;
  const auto before = snapshot(host);
  const auto outcome = host.apply([&] {
    host.files.put("/etc/chrony/conf.d/50-timectl.conf", std::string(9 * mebibyte, 'x'));
    return std::vector<std::string>{"ntp.port: nobody"};
  });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.problems.empty());
  CHECK(snapshot(host) == before);
}

TEST_CASE("memory that ran out in a change is said in words, and undone") {
  Host host;
  const auto before = snapshot(host);
  const auto outcome = host.apply([]() -> std::vector<std::string> { throw std::bad_alloc{}; });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.reason == "out of memory");
  CHECK(snapshot(host) == before);
}
