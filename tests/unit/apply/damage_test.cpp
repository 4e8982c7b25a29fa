// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/damage.hpp"

#include "apply/past.hpp"
#include "apply/prune.hpp"
#include "apply/record.hpp"
#include "apply/recovery_unit.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>
#include <array>
#include <functional>

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::die_before_commit;
using test::error_of;
using test::Host;
using test::mentions;

namespace {

using Harm = void (*)(Host&, const RootedPath&);

void flip_one(Host& host, const RootedPath& path) {
  auto content = host.files.at(path.text());
  content.at(content.size() / 2) = static_cast<char>(content.at(content.size() / 2) ^ 1);
  host.files.put(path.text(), content);
}
void lose_it(Host& host, const RootedPath& path) { host.files.remove(path); }
void cut_short(Host& host, const RootedPath& path) { host.files.put(path.text(), "{\n \"sch"); }

constexpr std::array<Harm, 3> all_harm{flip_one, lose_it, cut_short};

bool one_mentions(const std::vector<std::string>& sentences, const std::string& what) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const auto& sentence) { return mentions(sentence, what); });
}

/// A second change on top of the first.
std::string change_again(Host& host) {
  host.target.files.front().content += "# more\n";
  return host.apply().generation;
}

}  // namespace

TEST_CASE("a change whose journal is lost while it is open is not taken for one that never began") {
  for (const auto harm : all_harm) {
    Host host;
    die_before_commit(host);
    const auto name = generation_names(host.files).back();
    const auto changed = host.tree();
    harm(host, journal_path(name));
    // Nothing goes on as if there were nothing.
    for (const auto& attempt : std::vector<std::function<void()>>{
             [&] { newest_journal(host.files); }, [&] { find_interrupted(host.files); },
             [&] { change_again(host); }}) {
      const auto error = error_of(attempt);
      REQUIRE(error);
      CHECK(mentions(error, journal_path(name).text()));
      CHECK(mentions(error->hint(), "timectl recover"));
    }
    CHECK(host.tree() == changed);
    CHECK(mentions(LastWritten{host.files}.damage(), journal_path(name).text()));

    const auto outcome = host.recover();
    REQUIRE(outcome.losses.size() == 1);
    CHECK(mentions(outcome.losses.front(), "/etc/hosts"));
    CHECK(mentions(outcome.losses.front(), name));
    // Closed: the next boot has nothing to do, the next change may come.
    CHECK_FALSE(is_recovery_planned(host.files));
    CHECK(host.recover().losses.empty());
    CHECK(host.apply().kind == OutcomeKind::committed);
    // What it left is not forgotten.
    carry_out(host, way_out(host).plan);
    CHECK(one_mentions(find_lost(host.files), name));
  }
}

TEST_CASE(
    "a change that installs packages first has lost its journal too, with nothing else there") {
  Host host;
  die_before_commit(host);
  const auto name = generation_names(host.files).back();
  const auto directory = generations_directory / name;
  for (const auto& file : host.files.list(directory)) {
    if (host.files.status(directory / file)->type == system::FileType::regular) {
      host.files.remove(directory / file);
    }
  }
  REQUIRE(is_recovery_planned(host.files));
  CHECK(is_journal_lost(host.files, name));
  CHECK_FALSE(host.recover().losses.empty());
  CHECK_FALSE(is_journal_lost(host.files, name));
}

TEST_CASE("what an earlier timectl left of a generation without a journal is no damage") {
  Host host;
  REQUIRE(host.apply().kind == OutcomeKind::committed);
  const auto old = generations_directory / "20251120T135304Z-002";
  host.files.put_directory(old.text());
  host.files.put((old / "record.json").text(), "{\n \"schema\": 1\n}\n");
  host.files.put((old / "old-001-hosts").text(), "x");
  CHECK_FALSE(is_journal_lost(host.files, old.name()));
  CHECK(newest_journal(host.files)->generation != old.name());
  CHECK(set_damage_aside(host.files).losses.empty());
  prune_generations(host.files);
  CHECK_FALSE(host.files.status(old));
}

TEST_CASE("wherever the making or removing of a generation is cut off its journal is not lost") {
  for (int write = 1;; ++write) {
    Host host;
    host.files.fail_on_write(write, true);
    const bool failed = error_of([&] { host.apply(); }).has_value();
    host.mend();
    CAPTURE(write);
    for (const auto& name : generation_names(host.files)) {
      REQUIRE_FALSE(is_journal_lost(host.files, name));
    }
    if (!failed) break;
  }
  for (int write = 1;; ++write) {
    Host host;
    const auto name = host.apply().generation;
    host.files.fail_on_write(write, true);
    const bool failed = error_of([&] { remove_generation(host.files, name); }).has_value();
    host.mend();
    CAPTURE(write);
    REQUIRE_FALSE(is_journal_lost(host.files, name));
    if (!failed) break;
  }
}

TEST_CASE(
    "a finished change whose journal is lost stays finished and ends the rollback to before") {
  for (const auto harm : all_harm) {
    Host host;
    const auto first = host.apply().generation;
    const auto second = change_again(host);
    const auto tree = host.tree();
    harm(host, journal_path(second));
    const auto outcome = host.recover();
    CHECK_FALSE(outcome.losses.empty());
    CHECK(host.tree() == tree);
    CHECK(load_committed(host.files).record.generation == second);
    CHECK(load_journal(host.files, second)->state == JournalState::committed);
    CHECK(load_journal(host.files, second)->previous == first);
    const auto refusal = error_of([&] { load_rollback_state(host.files, first); });
    REQUIRE(refusal);
    CHECK(refusal->kind() == ErrorKind::refused);
    // The originals are the first one's, so that an uninstall is whole.
    const auto out = way_out(host);
    CHECK(out.lost.empty());
    carry_out(host, out.plan);
    CHECK(host.files.at("/etc/hosts") == "127.0.0.1 localhost\n");
    CHECK(find_lost(host.files).empty());
  }
}

TEST_CASE("an uninstall without the journal of the originals restores the rest and names them") {
  for (const auto harm : all_harm) {
    Host host;
    const auto first = host.apply().generation;
    harm(host, journal_path(first));
    REQUIRE_FALSE(host.recover().losses.empty());
    const auto out = way_out(host);
    CHECK(one_mentions(out.lost, "/etc/hostname"));
    CHECK(one_mentions(out.lost, "ntp.service"));
    CHECK(one_mentions(out.lost, first));
    carry_out(host, out.plan);
    // timectl's lines are known by their markers.
    CHECK(host.files.at("/etc/hosts") == "127.0.0.1 localhost\n");
    CHECK(host.files.at("/etc/hostname") == "pi-ntp\n");
  }
}

TEST_CASE("an older journal that is damaged holds up no pruning and no uninstall after recover") {
  for (const auto harm : all_harm) {
    Host host;
    host.apply();
    const auto second = change_again(host);
    change_again(host);
    harm(host, journal_path(second));
    CHECK_NOTHROW(prune_generations(host.files));
    CHECK(host.files.status(generations_directory / second));
    CHECK_FALSE(host.recover().losses.empty());
    CHECK(load_journal(host.files, second)->state == JournalState::committed);
    const auto out = way_out(host);
    CHECK(out.lost.empty());
  }
}

TEST_CASE("a damaged record of a generation is written anew where it is known, else set aside") {
  Host host;
  const auto first = host.apply().generation;
  const auto second = change_again(host);
  flip_one(host, record_path(second));
  CHECK_NOTHROW(prune_generations(host.files));
  const auto outcome = host.recover();
  CHECK(outcome.losses.empty());
  CHECK(one_mentions(outcome.notes, "written anew"));
  CHECK(load_record(host.files, record_path(second))->generation == second);

  flip_one(host, record_path(first));
  CHECK_NOTHROW(prune_generations(host.files));
  CHECK(one_mentions(host.recover().losses, first));
  CHECK(error_of([&] { load_rollback_state(host.files, first); })->kind() == ErrorKind::refused);
  CHECK(host.recover().losses.empty());
}

TEST_CASE("a damaged list of what a change left holds up neither listing nor a rollback") {
  Host host;
  const auto before = host.tree();
  const auto first = host.apply().generation;
  flip_one(host, generations_directory / first / "after.json");
  CHECK(list_generations(host.files).size() == 1);
  const auto back =
      plan::plan_restore(load_rollback_state(host.files, ""),
                         {host.files, host.services, host.packages}, plan::Edits::replace);
  carry_out(host, back.plan);
  CHECK(test::without_times({host.tree(), {}, {}}) == test::without_times({before, {}, {}}));
}

TEST_CASE("a generation goes from a full disk too") {
  Host host;
  const auto name = host.apply().generation;
  host.files.fail_on_write(1);  // nothing new fits
  remove_generation(host.files, name);
  CHECK(generation_names(host.files).empty());
}
