// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/backup.hpp"
#include "apply/capture.hpp"
#include "apply/contents.hpp"
#include "apply/journal.hpp"
#include "apply/links.hpp"
#include "apply/past.hpp"
#include "apply/record.hpp"
#include "base/error.hpp"
#include "plan/block.hpp"
#include "plan/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::apply {

using plan::FileState;
using plan::FormerFile;
using plan::RollbackState;
using system::FileType;
using system::RootedPath;
using target::FileKind;

namespace {

[[noreturn]] void refuse(const std::string& generation, const std::string& reason) {
  throw Error{ErrorKind::refused, fmt::format("cannot roll back to '{}': {}", generation, reason),
              "timectl generations lists what is kept"};
}

/// The committed generations that came after `generation`, the newest first.
std::vector<Journal> since(const system::FileReader& files, const std::string& last,
                           const std::string& generation) {
  std::vector<Journal> journals;
  for (auto name = last; name != generation; name = journals.back().previous) {
    if (name.empty()) refuse(generation, "it was rolled back");
    auto journal = load_journal(files, name);
    const bool is_known = journal && !journal->is_stand_in && !is_being_removed(files, name);
    if (!is_known) refuse(generation, fmt::format("'{}', which came after it, is gone", name));
    journals.push_back(std::move(*journal));
  }
  return journals;
}

/// What stands there of a path that was changed: the copy beside the journal.
std::optional<FileState> old_state(const system::FileReader& files, const Journal& journal,
                                   const OldFile& old) {
  if (!old.type) return std::nullopt;
  return FileState{*old.type, old.ownership, old.modified, backup_content(files, journal, old),
                   backup_path(journal, old)};
}

/// Fills in what is to come back, or why that cannot: one rotten copy must not hold up the others.
void fill_old(const system::FileReader& files, const Journal& journal, const OldFile& old,
              FormerFile& file) {
  file.old.reset();
  file.damage.clear();
  if (!old.type) return;
  const auto damage = backup_damage(files, journal, old);
  if (damage.empty()) {
    file.old = old_state(files, journal, old);
  } else if (has_old_content(files, journal, old)) {
    file.old =
        FileState{*old.type, old.ownership, old.modified, content_at(files, old.path, *old.type)};
  } else {
    file.damage = fmt::format("its copy {}", damage);
  }
}

void add_reactions(const std::vector<target::Reaction>& more, FormerFile& file) {
  for (const auto& reaction : more) {
    const bool known =
        std::find(file.reactions.begin(), file.reactions.end(), reaction) != file.reactions.end();
    if (!known) file.reactions.push_back(reaction);
  }
}

/// What several generations recorded, put together from the newest to the oldest: the older one
/// knows what was there first.
class MergedStates {
 public:
  explicit MergedStates(const system::FileReader& files) : files_(files) {}

  void add(const Journal& journal) {
    const auto after = known_files_after(files_, journal.generation);
    for (const auto& old : journal.files) add_file(journal, old, after);
    for (const auto& unit : journal.units) units_.insert_or_assign(unit.name, unit);
    add_packages(journal);
    if (!journal.host_name.empty()) state.host_name = journal.host_name;
    state.directories.insert(state.directories.begin(), journal.directories.begin(),
                             journal.directories.end());
    journals_.push_back(&journal);
  }

  RollbackState take() {
    for (auto& [path, file] : all_) state.files.push_back(std::move(file));
    for (auto& [name, unit] : units_) state.units.push_back(unit);
    for (const auto& [name, directory] : packages_) {
      if (directory.empty()) {
        state.packages_added.push_back(name);
      } else {
        state.packages_removed.push_back(name);
        kept_in_.insert(directory);
      }
    }
    state.kept_in.assign(kept_in_.begin(), kept_in_.end());
    for (auto journal = journals_.rbegin(); journal != journals_.rend(); ++journal) {
      add_links((*journal)->links, state.links);
    }
    return std::move(state);
  }

  RollbackState state;

 private:
  void add_file(const Journal& journal, const OldFile& old, const FilesAfter& after) {
    const auto [found, is_new] =
        all_.try_emplace(old.path, FormerFile{old.path, old.kind, old.in_place, {}, {}, {}});
    auto& file = found->second;
    const auto left = after.find(old.path);
    if (is_new && left != after.end()) file.left = left->second;
    file.kind = old.kind;
    file.sensitivity = std::max(file.sensitivity, old.sensitivity);
    fill_old(files_, journal, old, file);
    add_reactions(old.reactions, file);
  }

  void add_packages(const Journal& journal) {
    for (const auto& name : journal.packages_added) packages_[name].clear();
    for (const auto& name : journal.packages_removed) {
      packages_[name] = (journal.directory() / "packages").text();
    }
  }

  const system::FileReader& files_;
  std::map<RootedPath, FormerFile> all_;
  std::map<std::string, plan::FormerUnit> units_;
  std::map<std::string, std::string> packages_;  ///< and where its .deb is; "": it was not there
  std::set<std::string> kept_in_;
  std::vector<const Journal*> journals_;
};

/// What timectl left at a path that it answers for. Nothing is known of its group.
std::optional<FileState> left_by(const Record& record, const RootedPath& path) {
  const auto found = record.files.find(path);
  if (found == record.files.end()) return std::nullopt;
  const auto& file = found->second;
  // What is not known counts as edited.
  if (file.kind == FileKind::absent || !file.content) return std::nullopt;
  const auto type = file.kind == FileKind::link ? FileType::symlink : FileType::regular;
  const bool is_block = file.kind == FileKind::block;
  return FileState{
      type, {file.mode, 0, 0}, {}, is_block ? plan::with_block("", *file.content) : *file.content};
}

/// The originals are those of a few old generations; of these only what they hold for others. One
/// that is gone has a stand-in, as one has that was damaged (damage.hpp).
class Journals {
 public:
  explicit Journals(const system::FileReader& files) : files_(files) {}

  const Journal& at(const std::string& generation) {
    const auto found = all_.find(generation);
    if (found != all_.end()) return found->second;
    auto journal = load_journal(files_, generation).value_or(Journal{});
    if (journal.generation.empty()) {
      journal.generation = generation;
      journal.is_stand_in = true;
    }
    return all_.emplace(generation, std::move(journal)).first->second;
  }

 private:
  const system::FileReader& files_;
  std::map<std::string, Journal> all_;
};

class OriginalState {
 public:
  OriginalState(const system::FileReader& files, const Record& record)
      : files_(files), record_(record), journals_(files) {}

  RollbackState take() {
    state_.purpose = plan::Purpose::uninstall;
    state_.why = "as it was before timectl";
    const auto& originals = record_.originals;
    for (const auto& [path, generation] : originals.files) add_file(path, journals_.at(generation));
    for (const auto& [unit, generation] : originals.units) add_unit(unit, journals_.at(generation));
    for (const auto& [package, generation] : originals.packages) {
      state_.packages_removed.push_back(package);
      kept_in_.insert((journals_.at(generation).directory() / "packages").text());
    }
    state_.kept_in.assign(kept_in_.begin(), kept_in_.end());
    state_.directories.assign(originals.directories.begin(), originals.directories.end());
    for (const auto& name : generation_names(files_)) add_journal(name);
    return std::move(state_);
  }

 private:
  void add_file(const RootedPath& path, const Journal& journal) {
    if (journal.is_stand_in) return add_unknown_file(path, journal);
    const auto old = std::find_if(journal.files.begin(), journal.files.end(),
                                  [&](const OldFile& candidate) { return candidate.path == path; });
    if (old == journal.files.end()) return;
    FormerFile file{path,          old->kind, old->in_place, {}, left_at(path, *old, journal),
                    old->reactions};
    file.sensitivity = old->sensitivity;
    fill_old(files_, journal, *old, file);
    // What timectl had left there once is no original.
    const bool has_lines = old->kind == FileKind::block && file.old;
    if (has_lines) file.old->content = plan::without_block(file.old->content);
    const auto managed = record_.files.find(path);
    if (managed != record_.files.end()) {
      file.kind = managed->second.kind;
      file.sensitivity = std::max(file.sensitivity, managed->second.sensitivity);
      add_reactions(managed->second.reactions, file);
    }
    state_.files.push_back(std::move(file));
  }

  void add_unknown_file(const RootedPath& path, const Journal& journal) {
    FormerFile file{path, FileKind::owned, false, {}, left_by(record_, path), {}};
    file.damage = fmt::format("the journal of {} is damaged", journal.directory().text());
    const auto managed = record_.files.find(path);
    if (managed != record_.files.end()) {
      file.kind = managed->second.kind;
      file.in_place = managed->second.in_place;
      add_reactions(managed->second.reactions, file);
    }
    state_.files.push_back(std::move(file));
  }

  /// A shared file is back where it was only if it was not touched since the change that found it
  /// so: the record has only timectl's own lines of it.
  std::optional<FileState> left_at(const RootedPath& path, const OldFile& old,
                                   const Journal& journal) const {
    auto left = left_by(record_, path);
    const auto after = known_files_after(files_, journal.generation);
    const auto found = after.find(path);
    if (found == after.end() || !found->second) return left;
    const bool is_last_word =
        old.kind == FileKind::edited ||
        (old.kind == FileKind::block && left &&
         plan::find_block(found->second->content) == plan::find_block(left->content));
    return is_last_word ? found->second : left;
  }

  void add_unit(const std::string& name, const Journal& journal) {
    if (journal.is_stand_in) {
      state_.unknown.push_back(
          fmt::format("cannot tell how '{}' was before: the journal of {} is damaged", name,
                      journal.directory().text()));
    }
    for (const auto& unit : journal.units) {
      if (unit.name == name) state_.units.push_back(unit);
    }
  }

  /// The oldest first: who knew a unit first knows how it was enabled before timectl.
  void add_journal(const std::string& name) {
    const auto journal = load_journal(files_, name);
    if (!journal || journal->state != JournalState::committed) return;
    if (journal->purpose != plan::Purpose::provision) return;
    // Units that an earlier rollback has restored are their owner's, and so are their links.
    if (holds(record_.originals.units, name)) add_links(journal->links, state_.links);
    const bool names_host = holds(record_.originals.files, name) && state_.host_name.empty();
    if (names_host) state_.host_name = journal->host_name;
    for (const auto& package : journal->packages_added) {
      auto& added = state_.packages_added;
      const bool known = std::find(added.begin(), added.end(), package) != added.end();
      if (!known) added.push_back(package);
    }
  }

  template <typename Names>
  static bool holds(const Names& originals, const std::string& generation) {
    return std::any_of(originals.begin(), originals.end(),
                       [&](const auto& entry) { return entry.second == generation; });
  }

  const system::FileReader& files_;
  const Record& record_;
  Journals journals_;
  RollbackState state_;
  std::set<std::string> kept_in_;
};

void shorten_to_block(PathState& path) {
  if (path.kind != FileKind::block || !path.state) return;
  auto lines = plan::find_block(path.state->content);
  if (!lines) return path.state.reset();
  path.state->content = std::move(*lines);
}

}  // namespace

RollbackState load_rollback_state(const system::FileReader& files, const std::string& generation) {
  const auto last = load_committed(files).record;
  if (last.generation.empty()) {
    throw Error{ErrorKind::refused,
                "cannot roll back: this host is not provisioned, timectl has changed nothing here",
                "timectl provision sets it up, and timectl plan shows what that changes"};
  }
  const auto newest = load_journal(files, last.generation);
  if (!newest) refuse(generation, fmt::format("'{}' is gone", last.generation));
  const auto target = generation.empty() ? newest->previous : generation;
  const auto journals = since(files, last.generation, target);
  auto record = target.empty() ? Record{} : load_record(files, record_path(target));
  if (!record) refuse(target, "it is not kept any more");
  add_contents(files, *record);
  MergedStates merged{files};
  for (const auto& journal : journals) merged.add(journal);
  auto state = merged.take();
  state.purpose = plan::Purpose::rollback;
  state.returns_to = target;
  state.profile = record->profile;
  state.host = record->host;
  state.role = record->role;
  state.why = target.empty() ? "as it was before timectl" : fmt::format("as {} left it", target);
  for (const auto& [path, file] : record->files) state.managed.push_back(file);
  return state;
}

RollbackState load_original_state(const system::FileReader& files) {
  auto record = load_committed(files).record;
  add_contents(files, record);
  return OriginalState{files, record}.take();
}

States states_after(const system::FileReader& files, const std::string& generation) {
  const auto last = load_committed(files).record.generation;
  const auto later = since(files, last, generation);
  States states;
  for (const auto& journal : later) {
    for (const auto& old : journal.files) {
      states[old.path] = {old.kind, old_state(files, journal, old), old.sensitivity};
    }
  }
  std::set<RootedPath> done;
  for (auto name = generation; !name.empty();) {
    const auto journal = load_journal(files, name);
    if (!journal) break;
    const auto after = known_files_after(files, name);
    for (const auto& old : journal->files) {
      const auto found = after.find(old.path);
      if (found == after.end() || !done.insert(old.path).second) continue;
      states[old.path] = {old.kind, found->second, old.sensitivity};
    }
    name = journal->previous;
  }
  for (auto& [path, state] : states) shorten_to_block(state);
  return states;
}

States states_now(const system::FileReader& files, const States& like) {
  States states;
  for (const auto& [path, known] : like) {
    auto& now = states[path];
    now.kind = known.kind;
    const auto status = files.status(path);
    if (!status) continue;
    now.sensitivity = plan::sensitivity_of(status);
    now.state = FileState{status->type, status->ownership, status->modified, {}};
    if (status->type == FileType::symlink) now.state->content = files.read_link(path).value_or("");
    const auto file =
        status->type == FileType::regular ? files.read(path) : std::optional<system::File>{};
    if (file) now.state->content = file->content;
    shorten_to_block(now);
  }
  return states;
}

}  // namespace timectl::apply
