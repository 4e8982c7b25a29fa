// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/backup.hpp"

#include "apply/capture.hpp"
#include "apply/contents.hpp"
#include "base/checksum.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace timectl::apply {

using system::RootedPath;

namespace {

/// Empty `damage` when the copy is whole.
struct Backup {
  std::string content;
  std::string damage;
};

RootedPath checksum_path(const Journal& journal, const OldFile& old) {
  return journal.directory() / (old.blob + ".checksum");
}

/// Each that is recorded: one of a secret stands in two files, and a disk may have damaged either.
/// Empty when it is not known.
std::vector<std::string> checksums_of_copy(const system::FileReader& files, const Journal& journal,
                                           const OldFile& old) {
  if (!old.checksum.empty()) return {old.checksum};
  if (old.sensitivity == target::Sensitivity::open) return {};
  std::vector<std::string> checksums;
  const auto contents = known_contents(files, journal.generation);
  const auto found = contents.checksums.find(old.path);
  if (found != contents.checksums.end()) checksums.push_back(found->second);
  if (const auto beside = files.read(checksum_path(journal, old))) {
    checksums.emplace_back(trim(beside->content));
  }
  return checksums;
}

bool is_one_of(const std::vector<std::string>& checksums, std::string_view content) {
  return std::find(checksums.begin(), checksums.end(), checksum_of(content)) != checksums.end();
}

Backup load(const system::FileReader& files, const Journal& journal, const OldFile& old) {
  const auto path = backup_path(journal, old);
  system::require_roots_own(files, path);
  auto file = files.read(path);
  if (!file) return {{}, fmt::format("'{}' is gone", path.text())};
  const auto then = checksums_of_copy(files, journal, old);
  if (then.empty() || is_one_of(then, file->content)) return {std::move(file->content), {}};
  // Messages end up in logs.
  if (old.sensitivity == target::Sensitivity::secret) {
    return {{}, fmt::format("'{}' is damaged: its checksum is another", path.text())};
  }
  return {{},
          fmt::format("'{}' is damaged: its checksum is {} and was {}", path.text(),
                      checksum_of(file->content), then.front())};
}

}  // namespace

RootedPath backup_path(const Journal& journal, const OldFile& old) {
  return journal.directory() / old.blob;
}

void stage_backup(system::FileStore& files, const Journal& journal, OldFile& old,
                  const std::string& content) {
  if (old.sensitivity == target::Sensitivity::open) {
    old.checksum = checksum_of(content);
  } else {
    const auto beside = checksum_path(journal, old);
    files.stage(beside, checksum_of(content) + "\n", for_root_alone);
    files.swap_in(beside);
  }
  const auto blob = backup_path(journal, old);
  files.stage(blob, content, for_root_alone);
  if (old.type == system::FileType::regular) files.stage_attributes(blob, old.path);
  files.swap_in(blob);
}

std::string backup_damage(const system::FileReader& files, const Journal& journal,
                          const OldFile& old) {
  return load(files, journal, old).damage;
}

std::string backup_content(const system::FileReader& files, const Journal& journal,
                           const OldFile& old) {
  auto backup = load(files, journal, old);
  if (backup.damage.empty()) return std::move(backup.content);
  throw Error{ErrorKind::io,
              fmt::format("cannot restore '{}': its copy {}", old.path.text(), backup.damage)};
}

bool has_old_content(const system::FileReader& files, const Journal& journal, const OldFile& old) {
  const auto now = files.status(old.path);
  return now && now->type == old.type &&
         is_one_of(checksums_of_copy(files, journal, old), content_at(files, old.path, now->type));
}

}  // namespace timectl::apply
