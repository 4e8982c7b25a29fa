// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/record.hpp"

#include "apply/checked.hpp"
#include "apply/contents.hpp"
#include "apply/json.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::apply {

using plan::ManagedFile;
using system::RootedPath;

namespace {

Json to_json(const ManagedFile& file) {
  Json json;
  json["path"] = file.path.text();
  json["kind"] = kind_word(file.kind);
  json["mode"] = file.mode;
  json["in_place"] = file.in_place;
  json["sensitivity"] = sensitivity_word(file.sensitivity);
  const bool is_here = file.content && !is_kept_apart(file);
  if (is_here) json["content"] = bytes_to_json(*file.content);
  json["reactions"] = reactions_to_json(file.reactions);
  return json;
}

ManagedFile managed_file_from(const Json& json) {
  ManagedFile file{checked_path(json.at("path")),
                   kind_from(json.at("kind")),
                   {},
                   checked_file_mode(json.at("mode")),
                   json.at("in_place"),
                   reactions_from_json(json.at("reactions"))};
  if (json.contains("content")) file.content = bytes_from_json(json.at("content"));
  if (json.contains("sensitivity")) file.sensitivity = sensitivity_from(json.at("sensitivity"));
  return file;
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

bool is_above(const RootedPath& directory, const std::vector<RootedPath>& paths) {
  return std::any_of(paths.begin(), paths.end(), [&](const RootedPath& path) {
    return path.text().starts_with(directory.text() + "/");
  });
}

/// What a rollback left: what was there before stays known, so that it can still come back. A
/// file without a whole copy is timectl's yet, one that was edited is its owner's.
void keep_in_mind(const plan::Plan& plan, const Record& before, Record& record) {
  for (const auto& path : plan.left_behind) {
    const auto found = before.originals.files.find(path);
    if (found != before.originals.files.end()) record.originals.files.insert(*found);
  }
  for (const auto& path : plan.lost) {
    const auto found = before.files.find(path);
    if (found != before.files.end()) record.files.insert(*found);
  }
  for (const auto& directory : before.originals.directories) {
    if (is_above(directory, plan.left_behind)) record.originals.directories.insert(directory);
  }
}

bool is_older(const std::string& generation, const std::string& than) {
  return generation_number(generation).value_or(0) < generation_number(than).value_or(0);
}

/// The last generation after `generation` that was committed by what its journal says; "" for none.
/// Each check of the monitor asks, and reads no journal while the record is the newest.
std::string newest_committed_after(const std::string& generation, const system::FileReader& files) {
  const auto names = generation_names(files);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!is_older(generation, *name)) break;
    const auto journal = load_journal(files, *name);
    if (journal && journal->state == JournalState::committed) return *name;
  }
  return {};
}

/// The commit record as it is. Damage is `loss`; what may not be used at all is thrown on.
std::optional<Record> try_commit_record(const system::FileReader& files, std::string& loss) {
  try {
    return load_record(files, commit_record);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    loss = error.what();
    return std::nullopt;
  }
}

/// The record of a generation in place of the commit record.
Record load_instead(const system::FileReader& files, const std::string& generation,
                    const std::string& loss) {
  auto record = load_record(files, record_path(generation));
  if (record) return std::move(*record);
  throw Error{ErrorKind::io,
              fmt::format("cannot tell what timectl changed here: {}, and '{}' is gone", loss,
                          record_path(generation).text()),
              fmt::format("what was there before is in {}, file by file",
                          (generations_directory / generation).text())};
}

/// Who this host is, without what was written on it: journals are open, and records before schema 3
/// were not where a file is closed.
Record known_to_everybody(const system::FileReader& files, const std::optional<Journal>& newest) {
  Record record;
  auto journal = newest;
  if (journal && journal->state != JournalState::waiting) {
    journal = load_journal(files, newest_committed_after("", files));
  }
  if (!journal) return record;
  record.generation = journal->generation;
  record.profile = journal->profile;
  record.host = journal->host;
  record.role = journal->role;
  return record;
}

}  // namespace

Committed load_committed(const system::FileReader& files) {
  std::string loss;
  auto record = try_commit_record(files, loss);
  // A change that died before its last note is committed by the record alone.
  const auto newest = newest_committed_after(record ? record->generation : "", files);
  if (record && newest.empty()) return {std::move(*record), {}};
  if (newest.empty()) {
    if (loss.empty()) return {};
    throw Error{ErrorKind::io, loss,
                fmt::format("no generation knows more: remove it to begin anew: rm {}",
                            shell_quoted(files.host_path(commit_record)))};
  }
  if (record) {
    loss = fmt::format("'{}' is of {}, and {} came after it", commit_record.text(),
                       record->generation, newest);
  } else if (loss.empty()) {
    loss = fmt::format("'{}' is gone", commit_record.text());
  }
  return {load_instead(files, newest, loss),
          fmt::format("{}; the record of {} is used instead", loss, newest)};
}

std::string mend_commit_record(system::FileStore& files) {
  const auto committed = load_committed(files);
  if (committed.loss.empty()) return {};
  write_record(files, commit_record, committed.record);
  files.sync_directory(commit_record.parent());
  return fmt::format("{}, and written anew", committed.loss);
}

RootedPath record_path(const std::string& generation) {
  return generations_directory / generation / "record.json";
}

std::optional<Record> load_record(const system::FileReader& files, const RootedPath& path) {
  const auto text = read_state(files, path);
  return text ? std::optional{parse_record(*text, path)} : std::nullopt;
}

Record parse_record(const std::string& text, const RootedPath& path) {
  return read_document(text, path, record_from);
}

Record make_record(const plan::Plan& plan, const Journal& journal, const Record& before,
                   const system::FileReader& files) {
  Record record{journal.generation, plan.profile, plan.host, plan.role, {}, {}};
  for (const auto& file : plan.managed) record.files.insert_or_assign(file.path, file);
  if (plan.purpose == plan::Purpose::provision) {
    record.originals = before.originals;
    add_originals(journal, before, record.originals);
  } else if (plan.purpose == plan::Purpose::rollback && !plan.returns_to.empty()) {
    const auto then = load_record(files, record_path(plan.returns_to));
    if (!then) {
      throw Error{
          ErrorKind::io,
          fmt::format(
              "cannot roll back to '{}': its record is gone, and with it what an uninstall needs",
              plan.returns_to)};
    }
    record.originals = then->originals;
  }
  if (plan.purpose != plan::Purpose::provision) keep_in_mind(plan, before, record);
  return record;
}

void write_record(system::FileStore& files, const RootedPath& path, const Record& record) {
  keep_apart(files, record);
  stage_document(files, path, to_text(record), {0644, 0, 0});
  files.swap_in(path);
}

LastWritten::LastWritten(const system::FileReader& files) {
  std::optional<Journal> newest;
  try {
    newest = newest_journal(files);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    damage_ = error.what();
  }
  try {
    damage_.empty() ? read_record(files, newest) : read_record_alone(files);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
    closed_ = error.what();
    record_ = damage_.empty() ? known_to_everybody(files, newest) : Record{};
  }
  if (!newest) return;
  interrupted_ = interrupted_by(*newest, files);
  unconfirmed_ = unconfirmed_by(*newest, files);
}

/// With a damaged journal a damaged record is one sentence too many: recover() says both.
void LastWritten::read_record_alone(const system::FileReader& files) {
  try {
    record_ = load_record(files, commit_record).value_or(Record{});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
  }
}

void LastWritten::read_record(const system::FileReader& files,
                              const std::optional<Journal>& newest) {
  // A change that waits to be confirmed is on the machine.
  if (newest && newest->state == JournalState::waiting && !is_committed(files, *newest)) {
    record_ = load_record(files, record_path(newest->generation)).value_or(Record{});
    return;
  }
  auto committed = load_committed(files);
  record_ = std::move(committed.record);
  loss_ = std::move(committed.loss);
}

void LastWritten::add_contents(const system::FileReader& files) {
  try {
    apply::add_contents(files, record_);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::permission) throw;
  }
}

std::optional<std::string> LastWritten::last_written(const RootedPath& path) const {
  const auto found = record_.files.find(path);
  return found == record_.files.end() ? std::nullopt : found->second.content;
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
