// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/contents.hpp"
#include "apply/damage.hpp"
#include "apply/journal.hpp"
#include "apply/past.hpp"
#include "apply/record.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::apply {

using plan::FileAction;

namespace {

Verdict verdict_of(const system::FileReader& files, const Journal& journal) {
  if (journal.state == JournalState::committed || is_committed(files, journal)) {
    return Verdict::committed;
  }
  switch (journal.state) {
    case JournalState::waiting:
      return Verdict::waiting;
    case JournalState::rolled_back:
      return Verdict::rolled_back;
    case JournalState::broken:
      return Verdict::broken;
    case JournalState::begun:
    case JournalState::committed:
      break;
  }
  return Verdict::in_progress;
}

/// nullopt for a user who may not read it: it has the content of files that are closed to them.
std::optional<FilesAfter> readable_files_after(const system::FileReader& files,
                                               const Journal& journal) {
  try {
    return known_files_after(files, journal.generation);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
    return std::nullopt;
  }
}

FileAction action_on(const OldFile& file, const FilesAfter& after) {
  if (file.action) return *file.action;
  const auto found = after.find(file.path);
  if (found != after.end() && !found->second) return FileAction::remove;
  return file.type ? FileAction::modify : FileAction::create;
}

std::vector<FileStep> file_steps(const Journal& journal, const std::optional<FilesAfter>& after) {
  std::vector<FileStep> steps;
  for (const auto& file : journal.files) {
    steps.push_back({file.path, action_on(file, after.value_or(FilesAfter{})),
                     file.action.has_value() || after.has_value()});
  }
  return steps;
}

Generation summary_of(const system::FileReader& files, const Journal& journal) {
  Generation generation;
  generation.name = journal.generation;
  generation.started = journal.started;
  generation.who = journal.who;
  generation.purpose = journal.purpose;
  generation.profile = journal.profile;
  generation.host = journal.host;
  generation.role = journal.role;
  generation.verdict = verdict_of(files, journal);
  generation.reason = journal.reason;
  if (journal.confirmation) generation.until = journal.confirmation->until_utc;
  const bool is_known = std::all_of(journal.files.begin(), journal.files.end(),
                                    [](const OldFile& file) { return file.action.has_value(); });
  generation.files =
      file_steps(journal, is_known ? FilesAfter{} : readable_files_after(files, journal));
  for (const auto& unit : journal.units) generation.units.push_back(unit.name);
  generation.packages_added = journal.packages_added;
  generation.packages_removed = journal.packages_removed;
  return generation;
}

}  // namespace

std::vector<Generation> list_generations(const system::FileReader& files) {
  std::vector<Generation> all;
  for (const auto& name : generation_names(files)) {
    try {
      require_no_lost_journal(files, name);
      const auto journal = load_journal(files, name);
      const bool had_begun = journal && journal->reason != not_begun;
      if (had_begun) all.push_back(summary_of(files, *journal));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::io) throw;
      Generation damaged;
      damaged.name = name;
      damaged.verdict = Verdict::broken;
      damaged.reason = error.what();
      all.push_back(std::move(damaged));
    }
  }
  return all;
}

long long number_of(const std::string& generation) {
  return generation_number(generation).value_or(0);
}

std::string find_generation(const system::FileReader& files, const std::string& word) {
  const auto names = generation_names(files);
  const auto number = to_integer(word);
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return name == word || (number && generation_number(name) == number);
  });
  if (found != names.end()) return *found;
  throw Error{ErrorKind::usage, fmt::format("there is no generation '{}'", word),
              "timectl generations lists those that are kept"};
}

}  // namespace timectl::apply
