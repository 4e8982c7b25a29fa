// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "kept/document.hpp"

#include "base/checksum.hpp"
#include "base/error.hpp"
#include "system/limits.hpp"
#include "system/replace_file.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>

namespace timectl::kept {

namespace {

[[noreturn]] void refuse(const system::RootedPath& path, ErrorKind kind, const char* reason) {
  throw Error{kind, fmt::format("cannot use '{}': {}", path.text(), reason)};
}

}  // namespace

void refuse_damaged(const system::RootedPath& path) {
  refuse(path, ErrorKind::io, "it is damaged");
}

std::optional<nlohmann::ordered_json> read_document(const system::FileReader& files,
                                                    const system::RootedPath& path) {
  if (!files.status(path)) return std::nullopt;
  // What stands there decides whether a time is served.
  system::require_roots_own(files, path);
  const auto file = files.read(path, system::limits::state);
  if (!file) return std::nullopt;
  const auto checksum = checksum_state(file->content);
  auto document = nlohmann::ordered_json::parse(file->content, nullptr, false);
  if (checksum == ChecksumState::wrong || !document.is_object()) refuse_damaged(path);
  const auto found = document.find("schema");
  const auto written_as =
      found != document.end() && found->is_number_integer() ? found->get<int>() : 0;
  if (written_as > document_schema) refuse(path, ErrorKind::refused, "a newer timectl wrote it");
  const bool lacks_checksum = written_as > 1 && checksum == ChecksumState::absent;
  if (written_as < 1 || lacks_checksum) refuse_damaged(path);
  return document;
}

void replace_document(system::FileStore& files, const system::RootedPath& path,
                      const nlohmann::ordered_json& document) {
  try {
    read_document(files, path);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::refused) throw;
  }
  system::replace_file(files, path, with_checksum(document.dump(1) + "\n"));
}

}  // namespace timectl::kept
