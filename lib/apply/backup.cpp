// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/backup.hpp"

#include "apply/capture.hpp"
#include "apply/contents.hpp"
#include "base/checksum.hpp"
#include "base/error.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>

namespace timectl::apply {

namespace {

/// Empty `damage` when the copy is whole.
struct Backup {
  std::string content;
  std::string damage;
};

/// "" when it is not known.
std::string checksum_of_copy(const system::FileReader& files, const Journal& journal,
                             const OldFile& old) {
  if (!old.checksum.empty() || old.sensitivity == target::Sensitivity::open) return old.checksum;
  const auto contents = known_contents(files, journal.generation);
  const auto found = contents.checksums.find(old.path);
  return found == contents.checksums.end() ? std::string{} : found->second;
}

Backup load(const system::FileReader& files, const Journal& journal, const OldFile& old) {
  const auto path = backup_path(journal, old);
  system::require_roots_own(files, path);
  auto file = files.read(path);
  if (!file) return {{}, fmt::format("'{}' is gone", path.text())};
  const auto then = checksum_of_copy(files, journal, old);
  const auto now = checksum_of(file->content);
  if (!then.empty() && then != now) {
    // Messages end up in logs.
    if (old.sensitivity == target::Sensitivity::secret) {
      return {{}, fmt::format("'{}' is damaged: its checksum is another", path.text())};
    }
    return {{},
            fmt::format("'{}' is damaged: its checksum is {} and was {}", path.text(), now, then)};
  }
  return {std::move(file->content), {}};
}

}  // namespace

system::RootedPath backup_path(const Journal& journal, const OldFile& old) {
  return journal.directory() / old.blob;
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
  const auto then = checksum_of_copy(files, journal, old);
  if (then.empty()) return false;
  const auto now = files.status(old.path);
  return now && now->type == old.type &&
         checksum_of(content_at(files, old.path, now->type)) == then;
}

}  // namespace timectl::apply
