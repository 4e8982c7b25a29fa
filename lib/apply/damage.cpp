// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/damage.hpp"

#include "apply/contents.hpp"
#include "apply/edits.hpp"
#include "apply/json.hpp"
#include "apply/past.hpp"
#include "apply/record.hpp"
#include "apply/recovery_unit.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::apply {

using system::FileReader;
using system::FileStore;
using system::RootedPath;

namespace {

/// The first that had checksums, and the journal before everything else.
constexpr int first_with_journal_first = 2;

/// Written by a timectl whose generations have a journal as long as they have anything else.
bool is_evidence(const FileReader& files, const RootedPath& path) {
  try {
    const auto text = read_state(files, path);
    return text && parse_document(*text, path).at("schema").get<int>() >= first_with_journal_first;
  } catch (const Error& error) {
    // An ordinary user cannot read it, and changes nothing.
    if (error.kind() == ErrorKind::permission) return false;
    if (error.kind() != ErrorKind::io) throw;
    return true;
  }
}

/// What `read` throws when the document is damaged; "" when it is not.
template <typename Read>
std::string damage_of(Read&& read) {
  try {
    read();
    return {};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    return error.what();
  }
}

/// Not of what cannot be read: that may pass.
std::string damage_of_record(const FileReader& files, const RootedPath& path) {
  const auto text = read_state(files, path);
  return text ? damage_of([&] { parse_record(*text, path); }) : std::string{};
}

std::string damage_of_journal(const FileReader& files, const std::string& generation) {
  const auto text = read_state(files, journal_path(generation));
  if (text) return damage_of([&] { parse_journal(*text, generation); });
  return damage_of([&] { require_no_lost_journal(files, generation); });
}

/// A copy for people, beside what was damaged.
void keep_text(FileStore& files, const RootedPath& path) {
  const auto text = read_state(files, path);
  if (!text) return;
  const auto copy = path.parent() / ("damaged-" + path.name());
  files.stage(copy, *text, for_root_alone);
  files.swap_in(copy);
}

std::vector<RootedPath> paths_changed_by(const FileReader& files, const std::string& generation) {
  std::vector<RootedPath> paths;
  for (const auto& [path, state] : known_files_after(files, generation)) paths.push_back(path);
  return paths;
}

/// The paths that still are as the change left them.
std::vector<RootedPath> paths_left_by(const FileReader& files, const std::string& generation) {
  const auto after = known_files_after(files, generation);
  auto paths = paths_changed_by(files, generation);
  std::erase_if(paths, [&](const RootedPath& path) { return !is_as_left(files, after, path); });
  return paths;
}

std::string names_of(const std::vector<RootedPath>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) names.push_back(path.text());
  return names.empty() ? "(not known)" : join(names, ", ");
}

class SettingAside {
 public:
  explicit SettingAside(FileStore& files) : files_(files), names_(generation_names(files)) {}

  SetAside run() {
    for (const auto& name : names_) note_previous(name);
    const auto damage = damage_of_record(files_, commit_record);
    const auto record = damage.empty() ? load_record(files_, commit_record) : std::nullopt;
    if (record) committed_.insert(record->generation);
    for (const auto& name : names_) {
      replace_journal(name);
      if (damage.empty()) set_record_aside(name);
    }
    return std::move(done_);
  }

 private:
  void note_previous(const std::string& name) {
    auto damage = damage_of_journal(files_, name);
    if (!damage.empty()) {
      damaged_.emplace(name, std::move(damage));
    } else if (const auto journal = load_journal(files_, name)) {
      committed_.insert(journal->previous);
      if (journal->state == JournalState::committed) committed_.insert(name);
    }
  }

  /// A change that another one followed, or that the commit record names, was finished.
  bool was_committed(const std::string& name) const { return committed_.count(name) != 0; }

  std::string previous_of(const std::string& name) const {
    std::string previous;
    for (const auto& other : names_) {
      if (other == name) break;
      if (was_committed(other)) previous = other;
    }
    return previous;
  }

  void replace_journal(const std::string& name) {
    const auto found = damaged_.find(name);
    if (found == damaged_.end()) return;
    Journal journal;
    journal.generation = name;
    journal.previous = previous_of(name);
    journal.is_stand_in = true;
    journal.reason = "its journal was damaged";
    journal.state = was_committed(name) ? JournalState::committed : JournalState::rolled_back;
    name_host(journal);
    // Only the newest can have been open.
    const bool may_be_open = !was_committed(name) && name == names_.back();
    if (may_be_open) journal.lost = paths_left_by(files_, name);
    keep_text(files_, journal_path(name));
    save_journal(files_, journal);
    report(journal, found->second);
  }

  void report(const Journal& journal, const std::string& damage) {
    const auto& name = journal.generation;
    if (journal.state == JournalState::committed) {
      done_.losses.push_back(fmt::format("{}; what its change found is not known any more, of: {}",
                                         damage, names_of(paths_changed_by(files_, name))));
    } else if (!journal.lost.empty() || is_recovery_planned(files_)) {
      done_.losses.push_back(
          fmt::format("{}; its change was not finished and stays as far as it came, in: {}", damage,
                      names_of(journal.lost)));
    } else {
      done_.notes.push_back(fmt::format("{}; nothing is left of its change", damage));
    }
  }

  /// Its record says who the host was to be, where that is whole.
  void name_host(Journal& journal) const {
    const auto path = record_path(journal.generation);
    const auto record =
        damage_of_record(files_, path).empty() ? load_record(files_, path) : std::nullopt;
    if (!record) return;
    journal.profile = record->profile;
    journal.host = record->host;
    journal.role = record->role;
  }

  /// Only of a closed generation: finishing or undoing an open one needs the record as it is.
  void set_record_aside(const std::string& name) {
    const auto path = record_path(name);
    const auto damage = damage_of_record(files_, path);
    const auto journal = damage.empty() ? std::nullopt : load_journal(files_, name);
    if (!journal || !is_closed(*journal)) return;
    keep_text(files_, path);
    const auto record = load_record(files_, commit_record);
    if (record && record->generation == name) {
      write_record(files_, path, *record);
      done_.notes.push_back(damage + "; written anew");
    } else {
      files_.remove(path);
      done_.losses.push_back(fmt::format("{}; '{}' can no longer be restored", damage, name));
    }
    files_.sync_directory(path.parent());
  }

  FileStore& files_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> damaged_;  ///< generation and why
  std::set<std::string> committed_;             ///< as far as the other records say
  SetAside done_;
};

}  // namespace

bool is_journal_lost(const FileReader& files, const std::string& generation) {
  if (files.status(journal_path(generation))) return false;
  const auto directory = generations_directory / generation;
  if (is_evidence(files, directory / "record.json")) return true;
  if (is_evidence(files, directory / "after.json")) return true;
  const auto names = generation_names(files);
  // A change that installs packages first has nothing else yet.
  return !names.empty() && names.back() == generation && is_recovery_planned(files);
}

void require_no_lost_journal(const FileReader& files, const std::string& generation) {
  if (is_journal_lost(files, generation)) throw_damaged(journal_path(generation), "it is gone");
}

SetAside set_damage_aside(FileStore& files) { return SettingAside{files}.run(); }

}  // namespace timectl::apply
