// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/record.hpp"

#include "apply/checked.hpp"
#include "apply/json.hpp"

#include <algorithm>

namespace timectl::apply {

using plan::ManagedFile;
using system::FileType;
using system::RootedPath;

namespace {

Json to_json(const ManagedFile& file) {
  Json json;
  json["path"] = file.path.text();
  json["kind"] = kind_word(file.kind);
  json["mode"] = file.mode;
  json["in_place"] = file.in_place;
  json["content"] = bytes_to_json(file.content);
  json["reactions"] = reactions_to_json(file.reactions);
  return json;
}

ManagedFile managed_file_from(const Json& json) {
  return {checked_path(json.at("path")),
          kind_from(json.at("kind")),
          bytes_from_json(json.at("content")),
          checked_file_mode(json.at("mode")),
          json.at("in_place"),
          reactions_from_json(json.at("reactions"))};
}

Json to_json(const Originals& originals) {
  Json files = Json::object();
  for (const auto& [path, generation] : originals.files) files[path.text()] = generation;
  Json directories = Json::array();
  for (const auto& path : originals.directories) directories.push_back(path.text());
  Json json;
  json["files"] = std::move(files);
  json["units"] = originals.units;
  json["packages"] = originals.packages;
  json["directories"] = std::move(directories);
  return json;
}

Originals originals_from(const Json& json) {
  Originals originals;
  for (const auto& [path, generation] : json.at("files").items()) {
    originals.files.emplace(checked_path(path), checked_generation(generation));
  }
  for (const auto& [unit, generation] : json.at("units").items()) {
    originals.units.emplace(checked_unit(unit), checked_generation(generation));
  }
  for (const auto& [package, generation] : json.at("packages").items()) {
    originals.packages.emplace(checked_package(package), checked_generation(generation));
  }
  for (const auto& path : json.at("directories")) {
    originals.directories.insert(checked_path(path));
  }
  return originals;
}

Record record_from(const Json& json) {
  Record record;
  record.generation = checked_generation(json.at("generation"));
  record.profile = json.at("profile");
  record.host = json.at("host");
  record.role = json.at("role");
  for (const auto& entry : json.at("files")) {
    auto managed = managed_file_from(entry);
    const auto path = managed.path;
    record.files.insert_or_assign(path, std::move(managed));
  }
  record.originals = originals_from(json.at("originals"));
  return record;
}

std::string to_text(const Record& record) {
  Json json = new_document();
  json["generation"] = record.generation;
  json["profile"] = record.profile;
  json["host"] = record.host;
  json["role"] = record.role;
  json["files"] = Json::array();
  for (const auto& [path, file] : record.files) json["files"].push_back(to_json(file));
  json["originals"] = to_json(record.originals);
  return document_text(json);
}

/// A file that timectl did not answer for, and that is there, is its owner's latest: that is the
/// original now, whatever an earlier generation found.
void add_originals(const Journal& journal, const Record& before, Originals& originals) {
  for (const auto& file : journal.files) {
    const bool is_ours = before.files.count(file.path) != 0;
    if (!is_ours && file.type) originals.files[file.path] = journal.generation;
    originals.files.emplace(file.path, journal.generation);
  }
  originals.directories.insert(journal.directories.begin(), journal.directories.end());
  for (const auto& unit : journal.units) originals.units.emplace(unit.name, journal.generation);
  for (const auto& package : journal.packages_removed) {
    originals.packages.emplace(package, journal.generation);
  }
}

std::map<RootedPath, std::string> originals_of(const std::vector<RootedPath>& paths,
                                               const Record& record) {
  std::map<RootedPath, std::string> originals;
  for (const auto& path : paths) {
    const auto found = record.originals.files.find(path);
    if (found != record.originals.files.end()) originals.insert(*found);
  }
  return originals;
}

RootedPath files_after_path(const std::string& generation) {
  return generations_directory / generation / "after.json";
}

Json state_after(const plan::FileChange& change) {
  Json json;
  json["path"] = change.path.text();
  if (change.action == plan::FileAction::remove) {
    json["type"] = nullptr;
    return json;
  }
  json["type"] = type_word(change.type_after);
  json["mode"] = change.ownership_after.mode;
  json["uid"] = change.ownership_after.uid;
  json["gid"] = change.ownership_after.gid;
  json["content"] = bytes_to_json(change.content_after);
  return json;
}

std::optional<plan::FileState> file_state_from(const Json& json) {
  if (json.at("type").is_null()) return std::nullopt;
  return plan::FileState{checked_file_type(type_from(json.at("type"))),
                         {checked_file_mode(json.at("mode")), json.at("uid"), json.at("gid")},
                         {},
                         bytes_from_json(json.at("content"))};
}

/// The record in force: a change that waits to be confirmed is on the machine.
RootedPath path_in_force(const std::optional<Journal>& newest) {
  const bool waits = newest && newest->state == JournalState::waiting;
  return waits ? record_path(newest->generation) : commit_record;
}

}  // namespace

RootedPath record_path(const std::string& generation) {
  return generations_directory / generation / "record.json";
}

std::optional<Record> load_record(const system::FileReader& files, const RootedPath& path) {
  const auto text = read_state(files, path);
  return text ? std::optional{read_document(*text, path, record_from)} : std::nullopt;
}

Record make_record(const plan::Plan& plan, const Journal& journal, const Record& before,
                   const system::FileReader& files) {
  Record record{journal.generation, plan.profile, plan.host, plan.role, {}, {}};
  for (const auto& file : plan.managed) record.files.insert_or_assign(file.path, file);
  if (plan.purpose == plan::Purpose::provision) {
    record.originals = before.originals;
    add_originals(journal, before, record.originals);
  } else if (plan.purpose == plan::Purpose::uninstall) {
    record.originals.files = originals_of(plan.left_behind, before);
  } else if (!plan.returns_to.empty()) {
    const auto then = load_record(files, record_path(plan.returns_to));
    if (then) record.originals = then->originals;
  }
  return record;
}

void write_record(system::FileStore& files, const RootedPath& path, const Record& record) {
  const bool is_open = std::all_of(record.files.begin(), record.files.end(), [](const auto& entry) {
    return (entry.second.mode & 0004) != 0;
  });
  stage_document(files, path, to_text(record), {is_open ? 0644U : 0600U, 0, 0});
  files.swap_in(path);
}

void write_files_after(system::FileStore& files, const plan::Plan& plan, const Journal& journal) {
  Json list = Json::array();
  for (const auto& change : plan.changes) {
    if (const auto* file = std::get_if<plan::FileChange>(&change)) {
      list.push_back(state_after(*file));
    }
  }
  Json json = new_document();
  json["files"] = std::move(list);
  const auto path = files_after_path(journal.generation);
  stage_document(files, path, document_text(json), {0600, 0, 0});
  files.swap_in(path);
}

FilesAfter load_files_after(const system::FileReader& files, const std::string& generation) {
  const auto path = files_after_path(generation);
  const auto text = read_state(files, path);
  if (!text) return {};
  return read_document(*text, path, [](const Json& json) {
    FilesAfter after;
    for (const auto& entry : json.at("files")) {
      after.insert_or_assign(checked_path(entry.at("path")), file_state_from(entry));
    }
    return after;
  });
}

LastWritten::LastWritten(const system::FileReader& files) {
  const auto newest = newest_journal(files);
  record_ = load_record(files, path_in_force(newest)).value_or(Record{});
  if (!newest) return;
  interrupted_ = interrupted_by(*newest, files);
  unconfirmed_ = unconfirmed_by(*newest, files);
}

std::optional<std::string> LastWritten::last_written(const RootedPath& path) const {
  const auto found = record_.files.find(path);
  return found == record_.files.end() ? std::nullopt : std::optional{found->second.content};
}

std::vector<RootedPath> LastWritten::paths() const {
  std::vector<RootedPath> all;
  for (const auto& [path, file] : record_.files) all.push_back(path);
  return all;
}

std::optional<ManagedFile> LastWritten::record(const RootedPath& path) const {
  const auto found = record_.files.find(path);
  return found == record_.files.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace timectl::apply
