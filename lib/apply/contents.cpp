// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/contents.hpp"

#include "apply/checked.hpp"
#include "apply/json.hpp"
#include "base/checksum.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace timectl::apply {

using plan::ManagedFile;
using system::RootedPath;
using target::Sensitivity;

namespace {

RootedPath contents_path(const std::string& generation) {
  return generations_directory / generation / "after.json";
}

std::optional<plan::FileState> state_after(const plan::FileChange& change) {
  if (change.action == plan::FileAction::remove) return std::nullopt;
  return plan::FileState{change.type_after, change.ownership_after, {}, change.content_after};
}

Json to_json(const RootedPath& path, const std::optional<plan::FileState>& state) {
  Json json;
  json["path"] = path.text();
  if (!state) {
    json["type"] = nullptr;
    return json;
  }
  json["type"] = type_word(state->type);
  json["mode"] = state->ownership.mode;
  json["uid"] = state->ownership.uid;
  json["gid"] = state->ownership.gid;
  json["content"] = bytes_to_json(state->content);
  return json;
}

std::optional<plan::FileState> file_state_from(const Json& json) {
  if (json.at("type").is_null()) return std::nullopt;
  return plan::FileState{checked_file_type(type_from(json.at("type"))),
                         {checked_file_mode(json.at("mode")), json.at("uid"), json.at("gid")},
                         {},
                         bytes_from_json(json.at("content"))};
}

/// A power cut in between leaves them in both places.
void close_checksums(system::FileStore& files, Journal& journal) {
  std::optional<Contents> contents;
  for (auto& old : journal.files) {
    if (old.sensitivity == Sensitivity::open || old.checksum.empty()) continue;
    if (!contents) contents = load_contents(files, journal.generation);
    contents->checksums[old.path] = std::exchange(old.checksum, {});
  }
  if (!contents) return;
  write_contents(files, journal.generation, *contents);
  files.sync_directory(journal.directory());
  save_journal(files, journal);
}

std::map<RootedPath, std::string> managed_apart(const Record& record) {
  std::map<RootedPath, std::string> managed;
  for (const auto& [path, file] : record.files) {
    if (file.content && is_kept_apart(file)) managed.emplace(path, *file.content);
  }
  return managed;
}

bool is_secret_copy(const plan::FileChange& change) {
  return change.before && change.sensitivity == Sensitivity::secret;
}

}  // namespace

bool is_kept_apart(const ManagedFile& file) {
  return file.sensitivity == Sensitivity::secret || (file.mode & 0004U) == 0;
}

Contents contents_of(const plan::Plan& plan, const Record& record) {
  Contents contents;
  for (const auto& change : plan.changes) {
    const auto* const file = std::get_if<plan::FileChange>(&change);
    if (file == nullptr) continue;
    contents.after.insert_or_assign(file->path, state_after(*file));
    // What was there is as the plan saw it, or it would not have been captured.
    if (is_secret_copy(*file)) {
      contents.checksums.emplace(file->path, checksum_of(file->content_before));
    }
  }
  contents.managed = managed_apart(record);
  return contents;
}

void write_contents(system::FileStore& files, const std::string& generation,
                    const Contents& contents) {
  Json json = new_document();
  json["files"] = Json::array();
  for (const auto& [path, state] : contents.after) json["files"].push_back(to_json(path, state));
  json["managed"] = Json::object();
  for (const auto& [path, content] : contents.managed) {
    json["managed"][path.text()] = bytes_to_json(content);
  }
  json["checksums"] = Json::object();
  for (const auto& [path, checksum] : contents.checksums) {
    json["checksums"][path.text()] = checksum;
  }
  const auto path = contents_path(generation);
  stage_document(files, path, document_text(json), for_root_alone);
  files.swap_in(path);
}

void keep_apart(system::FileStore& files, const Record& record) {
  auto apart = managed_apart(record);
  if (apart.empty()) return;
  auto contents = load_contents(files, record.generation);
  const auto known = contents.managed.size();
  contents.managed.merge(apart);
  if (contents.managed.size() == known) return;
  write_contents(files, record.generation, contents);
  files.sync_directory(generations_directory / record.generation);
}

void close_old_checksums(system::FileStore& files) {
  for (const auto& name : generation_names(files)) {
    try {
      auto journal = load_journal(files, name);
      if (journal) close_checksums(files, *journal);
    } catch (const Error& error) {
      // What is damaged is recover()'s business.
      if (error.kind() != ErrorKind::io) throw;
    }
  }
}

Contents load_contents(const system::FileReader& files, const std::string& generation) {
  const auto path = contents_path(generation);
  const auto text = read_state(files, path);
  if (!text) return {};
  return read_document(*text, path, [](const Json& json) {
    Contents contents;
    for (const auto& entry : json.at("files")) {
      contents.after.insert_or_assign(checked_path(entry.at("path")), file_state_from(entry));
    }
    // Before schema 3 nothing was kept apart.
    const auto managed = json.value("managed", Json::object());
    for (const auto& [name, content] : managed.items()) {
      contents.managed.emplace(checked_path(name), bytes_from_json(content));
    }
    const auto checksums = json.value("checksums", Json::object());
    for (const auto& [name, checksum] : checksums.items()) {
      contents.checksums.emplace(checked_path(name), checksum);
    }
    return contents;
  });
}

Contents known_contents(const system::FileReader& files, const std::string& generation) {
  try {
    return load_contents(files, generation);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    return {};
  }
}

FilesAfter known_files_after(const system::FileReader& files, const std::string& generation) {
  return known_contents(files, generation).after;
}

void add_contents(const system::FileReader& files, Record& record) {
  const bool is_whole = std::all_of(record.files.begin(), record.files.end(), [](const auto& each) {
    return each.second.content.has_value();
  });
  if (is_whole) return;
  const auto contents = known_contents(files, record.generation);
  for (auto& [path, file] : record.files) {
    const auto found = contents.managed.find(path);
    if (!file.content && found != contents.managed.end()) file.content = found->second;
  }
}

}  // namespace timectl::apply
