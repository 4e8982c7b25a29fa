// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/edits.hpp"

#include "apply/backup.hpp"
#include "apply/capture.hpp"
#include "apply/past.hpp"
#include "base/error.hpp"
#include "plan/block.hpp"

#include <fmt/format.h>

namespace timectl::apply {

using system::FileType;
using system::RootedPath;

namespace {

bool has_content_left(const FilesAfter& left, const RootedPath& path, FileType type,
                      const std::string& content) {
  const auto found = left.find(path);
  return found != left.end() && found->second && found->second->type == type &&
         found->second->content == content;
}

/// The change had not come to it yet, or it was put back already.
bool is_as_it_was(const Journal& journal, const OldFile& old, FileType type,
                  const std::string& content, const system::FileReader& files) {
  if (!old.type || *old.type != type) return false;
  if (!backup_damage(files, journal, old).empty()) return has_old_content(files, journal, old);
  return backup_content(files, journal, old) == content;
}

/// A name that no recovery before this one has used.
RootedPath place_for_copy(const Journal& journal, const RootedPath& path,
                          const system::FileReader& files) {
  for (int number = 1;; ++number) {
    auto copy = journal.directory() / fmt::format("edited-{:03}-{}", number, path.name());
    if (!files.status(copy)) return copy;
  }
}

void add_lost(const Journal& journal, const system::FileReader& files,
              std::vector<std::string>& lost) {
  const auto left = known_files_after(files, journal.generation);
  const auto* const what = journal.is_stand_in ? "what is known of it" : "its copy";
  const auto directory = journal.directory().text();
  for (const auto& path : journal.lost) {
    if (!is_as_left(files, left, path)) continue;
    lost.push_back(fmt::format("cannot restore '{}': {} in {} is damaged; it stays {}", path.text(),
                               what, directory, files.status(path) ? "as it is" : "away"));
  }
  if (!journal.is_stand_in) return;
  lost.push_back(fmt::format(
      "cannot tell how units were before: what is known of them in {} is damaged", directory));
}

}  // namespace

bool is_as_left(const system::FileReader& files, const FilesAfter& left, const RootedPath& path) {
  const auto found = left.find(path);
  if (found == left.end()) return false;
  const auto now = files.status(path);
  if (!now || !found->second) return !now && !found->second;
  const auto content = content_at(files, path, now->type);
  if (has_content_left(left, path, now->type, content)) return true;
  // Of a shared file only timectl's lines count.
  const auto lines = plan::find_block(found->second->content);
  return lines && plan::find_block(content) == lines;
}

std::vector<std::string> find_lost(const system::FileReader& files) {
  std::vector<std::string> lost;
  for (const auto& name : generation_names(files)) {
    const auto journal = load_journal(files, name);
    // What a finished change replaced is an original, which load_original_state() covers.
    const bool knows_some =
        journal && journal->state == JournalState::rolled_back && !journal->lost.empty();
    if (knows_some) add_lost(*journal, files, lost);
  }
  return lost;
}

std::vector<std::string> keep_edits(const Journal& journal, system::FileStore& files) {
  std::vector<std::string> notes;
  // Where that is lost every file counts as edited.
  const auto left = known_files_after(files, journal.generation);
  for (const auto& old : journal.files) {
    const auto& path = old.path;
    const auto now = files.status(path);
    const bool is_file = now && (now->type == FileType::regular || now->type == FileType::symlink);
    if (!is_file || old.in_place) continue;
    const auto content = content_at(files, path, now->type);
    if (has_content_left(left, path, now->type, content)) continue;
    if (is_as_it_was(journal, old, now->type, content, files)) continue;
    const auto copy = place_for_copy(journal, path, files);
    files.stage(copy, content, for_root_alone);
    files.swap_in(copy);
    notes.push_back(
        fmt::format("what was edited in {} meanwhile is in {}", path.text(), copy.text()));
  }
  return notes;
}

}  // namespace timectl::apply
