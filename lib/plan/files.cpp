// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "plan/block.hpp"
#include "plan/parts.hpp"
#include "plan/secret.hpp"
#include "plan/unit_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace timectl::plan {

using system::FileType;
using system::RootedPath;
using target::DesiredFile;
using target::FileKind;
using target::Sensitivity;

namespace {

/// The machine's own /etc/group, read once and only when a file asks for another group than root.
class Groups {
 public:
  explicit Groups(const system::FileReader& files) : files_(files) {}

  std::optional<std::uint32_t> id(const std::string& name) {
    if (name == "root" || name.empty()) return 0;
    if (!ids_) read();
    const auto found = ids_->find(name);
    return found == ids_->end() ? std::nullopt : std::optional{found->second};
  }

 private:
  void read() {
    ids_.emplace();
    const auto file = files_.read(RootedPath{"/etc/group"});
    if (!file) return;
    for (const auto& line : lines_of(file->content)) {
      const auto fields = split(line, ':');
      const auto id = fields.size() < 3 ? std::nullopt : to_integer(fields[2]);
      if (id) ids_->emplace(fields[0], static_cast<std::uint32_t>(*id));
    }
  }

  const system::FileReader& files_;
  std::optional<std::map<std::string, std::uint32_t>> ids_;
};

[[noreturn]] void refuse(const RootedPath& path, const std::string& reason,
                         const std::string& hint) {
  throw Error{ErrorKind::refused, fmt::format("cannot change '{}': {}", path.text(), reason), hint};
}

/// The operator has no file there, only the word that the unit is not to be.
bool is_masked_unit(const system::FileReader& files, const RootedPath& path) {
  return !unit_of(path).empty() && is_mask(files, path);
}

class FilePlanner {
 public:
  FilePlanner(const system::FileReader& files, const ManagedFiles& managed, Packages packages)
      : files_(files), managed_(managed), packages_(packages), groups_(files) {}

  std::optional<FileChange> compare(const DesiredFile& desired) {
    const Current current = read_current(files_, desired.path);
    refuse_unless_replaceable(desired, current);
    if (desired.kind == FileKind::block) {
      refuse_open_block(desired.path, current.content, {desired.content});
    }
    // Nothing to take out of a file that is not there.
    if (desired.kind == FileKind::edited && !current.status) return std::nullopt;
    FileChange change = begin_change(desired.path, current, desired.why);
    change.kind = desired.kind;
    change.reactions = desired.reactions;
    change.in_place = desired.in_place;
    change.sensitivity = sensitivity(desired.path, current, desired.sensitivity);
    if (desired.kind == FileKind::absent) {
      change.action = FileAction::remove;
    } else {
      fill_after(change, desired, current);
    }
    if (is_same(change)) return std::nullopt;
    if (desired.kind != FileKind::absent) {
      change.action = current.status ? FileAction::modify : FileAction::create;
    }
    change.cause = cause_of(desired, current);
    return change;
  }

  /// A file of an earlier generation that the target has no more.
  std::optional<FileChange> retire(const ManagedFile& record, std::vector<std::string>& notes) {
    const Current current = read_current(files_, record.path);
    if (!current.status || record.kind == FileKind::absent) return std::nullopt;
    FileChange change =
        begin_change(record.path, current, "the profile has no use for it any more");
    change.kind = record.kind;
    change.reactions = record.reactions;
    change.action = FileAction::remove;
    const bool is_edited = record.content && !is_as_written(record.kind, *record.content, current);
    change.cause = is_edited ? Cause::drift : Cause::update;
    change.in_place = record.in_place;
    change.sensitivity = sensitivity(record.path, current, record.sensitivity);
    const auto expected = record.kind == FileKind::link ? FileType::symlink : FileType::regular;
    if (!current.is(expected)) {
      notes.push_back(
          fmt::format("{} is left alone: it is not what timectl put there", record.path.text()));
      return std::nullopt;
    }
    if (record.kind == FileKind::block) refuse_open_block(record.path, current.content, {});
    if (record.kind == FileKind::block && !take_block_out(change)) return std::nullopt;
    return change;
  }

 private:
  static bool take_block_out(FileChange& change) {
    if (!find_block(change.content_before)) return false;
    change.content_after = without_block(change.content_before);
    if (change.content_after.empty()) return true;
    change.action = FileAction::modify;
    change.ownership_after = change.before->ownership;
    return true;
  }

  /// Without its end timectl's lines cannot be distinguished from others below them, unless all
  /// that follows is known to be timectl's own.
  void refuse_open_block(const RootedPath& path, const std::string& text,
                         std::vector<std::string> known) const {
    if (const auto written = managed_.last_written(path)) known.push_back(*written);
    const bool is_torn = std::any_of(known.begin(), known.end(), [&](const std::string& lines) {
      return is_torn_block(text, lines);
    });
    if (!has_open_block(text) || is_torn) return;
    refuse(path, "it has a BEGIN timectl line without its END",
           "put '# END timectl' behind timectl's lines, or remove the BEGIN line and those lines");
  }

  void refuse_unless_replaceable(const DesiredFile& desired, const Current& current) const {
    if (!current.status) return refuse_blocked_parent(desired.path);
    if (current.is(FileType::directory)) refuse(desired.path, "it is a directory", "");
    if (current.is(FileType::other)) {
      refuse(desired.path, "it is neither a file nor a symlink", "");
    }
    if (!current.is(FileType::symlink)) return;
    const bool replaceable =
        desired.kind == FileKind::link || desired.kind == FileKind::absent ||
        (desired.kind == FileKind::owned &&
         (managed_.record(desired.path).has_value() || is_masked_unit(files_, desired.path)));
    if (replaceable) return;
    refuse(desired.path, fmt::format("it is a symlink to '{}'", current.content),
           "put a regular file in its place, or remove it");
  }

  /// A file where a directory has to be would fail in the middle of applying.
  void refuse_blocked_parent(const RootedPath& path) const {
    for (RootedPath parent = path.parent(); parent.text() != "/"; parent = parent.parent()) {
      const auto status = files_.status(parent);
      if (!status) continue;
      if (status->type == FileType::directory) return;
      if (status->type == FileType::symlink && leads_to_directory(parent)) return;
      refuse(path, fmt::format("'{}' is not a directory", parent.text()), "");
    }
  }

  /// read() and list() follow links. A file is not what is wanted, nor is nothing; what read()
  /// refuses is a directory, or too large.
  bool leads_to_directory(const RootedPath& link) const {
    try {
      static_cast<void>(files_.read(link));
      return false;
    } catch (const Error&) {
      return can_be_listed(link);
    }
  }

  bool can_be_listed(const RootedPath& path) const {
    try {
      static_cast<void>(files_.list(path));
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  void fill_after(FileChange& change, const DesiredFile& desired, const Current& current) {
    if (desired.kind == FileKind::link) {
      change.type_after = FileType::symlink;
      change.content_after = desired.content;
      change.ownership_after = {0777, 0, 0};
      return;
    }
    change.content_after = content_of(desired, current);
    // VFAT has no owners, and a file that is not timectl's keeps its own.
    const bool keeps_ownership =
        current.status && (desired.kind != FileKind::owned || desired.in_place);
    change.ownership_after =
        keeps_ownership ? current.status->ownership : wanted_ownership(desired);
  }

  static std::string content_of(const DesiredFile& desired, const Current& current) {
    if (desired.kind == FileKind::owned) return desired.content;
    if (desired.kind == FileKind::edited && !desired.content.empty()) return desired.content;
    const auto rest = without_lines(current.content, desired.superseded);
    return desired.kind == FileKind::block ? with_block(rest, desired.content) : rest;
  }

  system::Ownership wanted_ownership(const DesiredFile& desired) {
    const auto group = groups_.id(desired.group);
    if (!group && packages_ == Packages::complete) {
      throw Error{ErrorKind::missing, fmt::format("cannot give '{}' to group '{}': no such group",
                                                  desired.path.text(), desired.group)};
    }
    return {desired.mode, 0, group.value_or(0)};
  }

  static bool is_same(const FileChange& change) {
    if (change.action == FileAction::remove) return !change.before;
    if (!change.before || change.before->type != change.type_after) return false;
    if (change.content_before != change.content_after) return false;
    return change.type_after == FileType::symlink ||
           change.before->ownership == change.ownership_after;
  }

  static bool is_as_written(FileKind kind, const std::string& written, const Current& current) {
    if (kind == FileKind::link) return current.is(FileType::symlink) && current.content == written;
    if (!current.is(FileType::regular)) return false;
    return kind == FileKind::block ? find_block(current.content) == block_lines(written)
                                   : current.content == written;
  }

  /// What timectl itself wrote there, and was not changed since, it may show whatever its mode.
  Sensitivity sensitivity(const RootedPath& path, const Current& current, Sensitivity asked) const {
    const auto record = managed_.record(path);
    const bool is_own = record && record->kind == FileKind::owned && record->content &&
                        is_as_written(record->kind, *record->content, current);
    return std::max({asked, record ? record->sensitivity : Sensitivity::open,
                     is_own ? Sensitivity::open : sensitivity_of(current.status)});
  }

  Cause cause_of(const DesiredFile& desired, const Current& current) const {
    if (!current.status) return Cause::missing;
    const auto record = managed_.record(desired.path);
    const bool is_others = desired.kind == FileKind::absent || desired.kind == FileKind::edited;
    if (!record || is_others) return Cause::foreign;
    const auto& written = record->content;
    if (!written) return Cause::update;  // who else changed it is not known
    if (!is_as_written(desired.kind, *written, current)) return Cause::drift;
    // Our content stands there and is still the right one: then owner or mode were changed.
    const auto wanted =
        desired.kind == FileKind::block ? block_lines(desired.content) : desired.content;
    return wanted == *written ? Cause::drift : Cause::update;
  }

  const system::FileReader& files_;
  const ManagedFiles& managed_;
  Packages packages_;
  Groups groups_;
};

/// Then the plan says where the mask is beside the unmasking.
bool is_unmasked_by_name(const target::Target& target, const std::string& unit) {
  return std::any_of(target.units.begin(), target.units.end(), [&](const auto& desired) {
    return desired.name == unit && desired.enablement == target::Enablement::enabled;
  });
}

std::string mask_note(const RootedPath& path) {
  return fmt::format("{} is masked by {}: its unit file takes that place", path.name(),
                     path.text());
}

ManagedFile record_of(const DesiredFile& desired) {
  const auto content =
      desired.kind == FileKind::block ? block_lines(desired.content) : desired.content;
  return {desired.path,      desired.kind,       content, desired.mode, desired.in_place,
          desired.reactions, desired.sensitivity};
}

/// What `make` says of the file at `path`; nullopt where this user may not read it.
template <typename Make>
std::optional<FileChange> unless_unread(const RootedPath& path, FilePart& part, Make&& make) {
  try {
    return make();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
    part.unread.push_back(path);
    part.notes.push_back(fmt::format("{} is not compared: {}", path.text(), error.what()));
    return std::nullopt;
  }
}

}  // namespace

Current read_current(const system::FileReader& files, const RootedPath& path) {
  Current current{files.status(path), {}};
  if (current.is(FileType::symlink)) current.content = files.read_link(path).value_or("");
  if (!current.is(FileType::regular)) return current;
  auto file = files.read(path);
  if (!file) return {};
  return {file->status, std::move(file->content)};
}

FileChange begin_change(const RootedPath& path, const Current& current, const std::string& why) {
  return {path,
          FileAction::create,
          Cause::missing,
          current.status,
          current.content,
          FileType::regular,
          {},
          {},
          false,
          why,
          FileKind::owned,
          {},
          {}};
}

void add_change(FilePart& part, FileChange change) {
  auto& reactions = change.reactions;
  // A unit file that systemd has not read again is one that the next restart does not use.
  const target::Reaction reload{target::ReactionKind::daemon_reload, ""};
  const bool reloads = std::find(reactions.begin(), reactions.end(), reload) != reactions.end();
  if (is_unit_path(change.path) && !reloads) reactions.push_back(reload);
  for (const auto& reaction : reactions) {
    part.reactions.push_back(reaction);
    part.reasons.push_back(change.path.text());
  }
  part.changes.push_back(std::move(change));
}

namespace {

void note_mask(const target::Target& target, const RootedPath& path,
               const system::FileReader& files, std::vector<std::string>& notes) {
  const bool is_unmasked = is_unmasked_by_name(target, path.name());
  if (!is_unmasked && is_masked_unit(files, path)) notes.push_back(mask_note(path));
}

}  // namespace

FilePart plan_files(const target::Target& target, const system::FileReader& files,
                    const ManagedFiles& managed, Packages packages) {
  FilePart part;
  FilePlanner planner{files, managed, packages};
  std::set<RootedPath> wanted;
  for (const auto& desired : target.files) {
    wanted.insert(desired.path);
    const auto compare = [&] { return planner.compare(desired); };
    if (auto change = unless_unread(desired.path, part, compare)) {
      note_mask(target, desired.path, files, part.notes);
      add_change(part, std::move(*change));
    }
    const bool is_ours = desired.kind != FileKind::absent && desired.kind != FileKind::edited;
    if (is_ours) part.managed.push_back(record_of(desired));
  }
  for (const auto& path : managed.paths()) {
    const auto record = managed.record(path);
    if (!record || wanted.count(path) != 0) continue;
    const auto retire = [&] { return planner.retire(*record, part.notes); };
    auto change = unless_unread(path, part, retire);
    if (change) add_change(part, std::move(*change));
  }
  return part;
}

}  // namespace timectl::plan
