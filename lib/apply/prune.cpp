// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/prune.hpp"

#include "apply/damage.hpp"
#include "apply/journal.hpp"
#include "apply/past.hpp"
#include "apply/record.hpp"
#include "base/error.hpp"

#include <map>
#include <set>
#include <string>

namespace timectl::apply {

namespace {

constexpr int generations_kept = 10;

/// `needed`: damaged, or it knows of what an undo could not bring back.
enum class Kind { committed, rolled_back, needed, nothing };

Kind kind_of(const system::FileReader& files, const std::string& generation) {
  try {
    const auto journal = load_journal(files, generation);
    if (!journal) return is_journal_lost(files, generation) ? Kind::needed : Kind::nothing;
    if (journal->state != JournalState::rolled_back) return Kind::committed;
    return journal->lost.empty() ? Kind::rolled_back : Kind::needed;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    return Kind::needed;
  }
}

/// The newest ten of each kind.
std::set<std::string> newest(const system::FileReader& files) {
  std::map<Kind, int> counts;
  std::set<std::string> kept;
  const auto names = generation_names(files);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto kind = kind_of(files, *name);
    // 'timectl recover' says what is damaged and goes on without it, 'uninstall' what is lost.
    const bool is_kept = kind == Kind::needed || ++counts[kind] <= generations_kept;
    if (is_kept && kind != Kind::nothing) kept.insert(*name);
  }
  return kept;
}

void add_needed(const Originals& originals, std::set<std::string>& kept) {
  for (const auto& [path, generation] : originals.files) kept.insert(generation);
  for (const auto& [unit, generation] : originals.units) kept.insert(generation);
  for (const auto& [package, generation] : originals.packages) kept.insert(generation);
}

/// Each generation can be gone back to, and uninstalled from there.
std::set<std::string> with_originals(const system::FileReader& files,
                                     const std::set<std::string>& generations) {
  auto kept = generations;
  for (const auto& name : generations) {
    try {
      const auto record = load_record(files, record_path(name));
      if (record) add_needed(record->originals, kept);
    } catch (const Error& error) {
      // A damaged record is no state to go back to.
      if (error.kind() != ErrorKind::io) throw;
    }
  }
  add_needed(load_committed(files).record.originals, kept);
  return kept;
}

}  // namespace

void prune_generations(system::FileStore& files) {
  const auto kept = with_originals(files, newest(files));
  for (const auto& name : generation_names(files)) {
    if (kept.count(name) == 0) remove_generation(files, name);
  }
}

void purge_state(system::FileStore& files) {
  // Without the record the generations mean nothing, so it goes last of what counts.
  for (const auto& name : generation_names(files)) remove_generation(files, name);
  files.remove_directory_if_empty(generations_directory);
  for (const auto& name : files.list(state_directory)) {
    const auto path = state_directory / name;
    if (files.status(path)->type != system::FileType::directory) {
      files.remove(path);
      continue;
    }
    // The monitor's history.
    for (const auto& part : files.list(path)) files.remove(path / part);
    files.remove_directory_if_empty(path);
  }
  const auto place = files.status(state_directory);
  const bool is_link = place && place->type == system::FileType::symlink;  // root's own
  if (!is_link) files.remove_directory_if_empty(state_directory);
  files.sync_directory(state_directory.parent());
}

}  // namespace timectl::apply
