// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"

#include "apply/checked.hpp"
#include "apply/json.hpp"
#include "base/text.hpp"
#include "plan/secret.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::apply {

using system::FileType;
using system::RootedPath;

namespace {

constexpr std::array state_words{"begun", "waiting", "committed", "undone", "broken"};
constexpr std::array action_words{"create", "modify", "remove"};
constexpr std::array purpose_words{"provision", "rollback", "uninstall"};
constexpr system::Ownership for_everybody{0644, 0, 0};

/// Exists while a generation is removed. A rollback past a generation with this mark is refused.
RootedPath removal_mark(const std::string& generation) {
  return generations_directory / generation / "removing";
}

/// Not where the disk is full: removing makes room, and must not need any.
void mark_removal(system::FileStore& files, const RootedPath& mark) {
  try {
    files.stage(mark, "", for_everybody);
    files.swap_in(mark);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io) throw;
    files.discard_staged(mark);
  }
  files.sync_directory(mark.parent());
}

Json to_json(const OldFile& file) {
  Json json;
  json["path"] = file.path.text();
  json["kind"] = kind_word(file.kind);
  json["in_place"] = file.in_place;
  json["reactions"] = reactions_to_json(file.reactions);
  json["sensitivity"] = sensitivity_word(file.sensitivity);
  if (file.action) json["action"] = word_of(action_words, *file.action);
  if (!file.type) {
    json["type"] = nullptr;
    return json;
  }
  json["type"] = type_word(*file.type);
  json["mode"] = file.ownership.mode;
  json["uid"] = file.ownership.uid;
  json["gid"] = file.ownership.gid;
  json["modified_ns"] = file.modified.time_since_epoch().count();
  json["blob"] = file.blob;
  if (!file.checksum.empty()) json["checksum"] = file.checksum;
  return json;
}

OldFile old_file_from(const Json& json) {
  OldFile file{checked_path(json.at("path")),
               {},
               {},
               {},
               {},
               {},
               json.at("in_place"),
               kind_from(json.at("kind")),
               reactions_from_json(json.at("reactions"))};
  if (json.contains("sensitivity")) file.sensitivity = sensitivity_from(json.at("sensitivity"));
  if (json.contains("action"))
    file.action = value_of<plan::FileAction>(action_words, json.at("action"));
  if (json.at("type").is_null()) return file;
  file.type = checked_file_type(type_from(json.at("type")));
  const auto mode = json.at("mode").get<std::uint32_t>();
  // A link has no mode of its own: the kernel says 0777.
  file.ownership = {checked_file_mode(mode), json.at("uid"), json.at("gid")};
  file.modified = WallTime{std::chrono::nanoseconds{json.at("modified_ns").get<std::int64_t>()}};
  file.blob = checked_blob(json.at("blob"));
  file.checksum = json.value("checksum", "");
  if (!json.contains("sensitivity")) {
    file.sensitivity = plan::sensitivity_of(system::FileStatus{*file.type, file.ownership, {}, 0});
  }
  return file;
}

Json to_json(const plan::FormerUnit& unit) {
  Json json;
  json["name"] = unit.name;
  json["existed"] = unit.existed;
  json["enabled"] = unit.enabled;
  json["masked"] = unit.masked;
  json["active"] = unit.active;
  return json;
}

plan::FormerUnit old_unit_from(const Json& json) {
  return {checked_unit(json.at("name")), json.at("existed"), json.at("enabled"), json.at("masked"),
          json.at("active")};
}

Json to_json(const plan::UnitLink& link) {
  Json json;
  json["path"] = link.path.text();
  json["target"] = bytes_to_json(link.target);
  return json;
}

Json to_json(const plan::Directory& directory) {
  Json json;
  json["path"] = directory.path.text();
  json["mode"] = directory.ownership.mode;
  json["uid"] = directory.ownership.uid;
  json["gid"] = directory.ownership.gid;
  return json;
}

std::vector<plan::Directory> directories_from(const Json& list) {
  std::vector<plan::Directory> directories;
  for (const auto& old : list) {
    const auto mode = checked_directory_mode(old.at("mode"));
    directories.push_back({checked_path(old.at("path")), {mode, old.at("uid"), old.at("gid")}});
  }
  return directories;
}

plan::UnitLinks links_from(const Json& json) {
  plan::UnitLinks links;
  // 11b9d82 recorded every directory of such a name and each word of Also=: what systemd does not
  // read is left out, a document that was right is not damaged by it.
  for (const std::string unit : json.at("units")) {
    if (system::is_unit_name(unit)) links.units.insert(unit);
  }
  for (const auto& link : json.at("old")) {
    auto path = checked_path(link.at("path"));
    if (is_link_path(path)) links.links.push_back({path, bytes_from_json(link.at("target"))});
  }
  links.directories = directories_from(json.at("directories"));
  std::erase_if(links.directories,
                [](const plan::Directory& each) { return !is_link_directory(each.path); });
  return links;
}

Json to_json(const Confirmation& confirmation) {
  Json json;
  json["span_s"] = confirmation.span.count();
  json["boot_id"] = confirmation.boot_id;
  json["until_ns"] = confirmation.until.count();
  json["until"] = confirmation.until_utc;
  json["needs_reboot"] = confirmation.needs_reboot;
  return json;
}

Confirmation confirmation_from(const Json& json) {
  return {std::chrono::seconds{json.at("span_s").get<std::int64_t>()}, json.at("boot_id"),
          std::chrono::nanoseconds{json.at("until_ns").get<std::int64_t>()}, json.at("until"),
          json.at("needs_reboot")};
}

Json paths_to_json(const std::vector<RootedPath>& paths) {
  Json list = Json::array();
  for (const auto& path : paths) list.push_back(path.text());
  return list;
}

std::vector<RootedPath> paths_from(const Json& list) {
  std::vector<RootedPath> paths;
  for (const auto& path : list) paths.push_back(checked_path(path));
  return paths;
}

std::vector<std::string> packages_from(const Json& list) {
  std::vector<std::string> packages;
  for (const auto& package : list) packages.push_back(checked_package(package));
  return packages;
}

template <typename Value>
Json list_to_json(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(to_json(value));
  return list;
}

std::string to_text(const Journal& journal) {
  Json json = new_document();
  json["generation"] = journal.generation;
  json["previous"] = journal.previous;
  json["state"] = word_of(state_words, journal.state);
  json["started"] = journal.started;
  json["who"]["user"] = bytes_to_json(journal.who.user);
  json["who"]["command"] = bytes_to_json(journal.who.command);
  json["purpose"] = word_of(purpose_words, journal.purpose);
  json["profile"] = journal.profile;
  json["host"] = journal.host;
  json["role"] = journal.role;
  json["reason"] = bytes_to_json(journal.reason);
  json["reached_daemons"] = journal.reached_daemons;
  json["files"] = list_to_json(journal.files);
  json["directories"] = paths_to_json(journal.directories);
  json["retired_directories"] = list_to_json(journal.retired_directories);
  json["recovery_directories"] = paths_to_json(journal.recovery_directories);
  json["units"] = list_to_json(journal.units);
  json["links"]["units"] = journal.links.units;
  json["links"]["old"] = list_to_json(journal.links.links);
  json["links"]["directories"] = list_to_json(journal.links.directories);
  json["reactions"] = reactions_to_json(journal.reactions);
  json["host_name"] = bytes_to_json(journal.host_name);
  json["packages"]["added"] = journal.packages_added;
  json["packages"]["removed"] = journal.packages_removed;
  json["network_checkpoint"] = journal.network_checkpoint;
  if (!journal.lost.empty()) json["lost"] = paths_to_json(journal.lost);
  if (journal.is_stand_in) json["is_stand_in"] = true;
  if (journal.confirmation) json["confirmation"] = to_json(*journal.confirmation);
  return document_text(json);
}

void read_past(const Json& json, Journal& journal) {
  for (const auto& file : json.at("files")) journal.files.push_back(old_file_from(file));
  journal.directories = paths_from(json.at("directories"));
  journal.retired_directories = directories_from(json.at("retired_directories"));
  journal.recovery_directories = paths_from(json.at("recovery_directories"));
  for (const auto& unit : json.at("units")) journal.units.push_back(old_unit_from(unit));
  journal.links = links_from(json.at("links"));
  journal.reactions = reactions_from_json(json.at("reactions"));
  journal.host_name = checked_host_name(bytes_from_json(json.at("host_name")));
  journal.packages_added = packages_from(json.at("packages").at("added"));
  journal.packages_removed = packages_from(json.at("packages").at("removed"));
}

Journal journal_from(const Json& json) {
  Journal journal;
  journal.generation = checked_generation(json.at("generation"));
  journal.previous = checked_generation(json.at("previous"));
  journal.state = value_of<JournalState>(state_words, json.at("state"));
  journal.started = json.at("started");
  journal.who = {bytes_from_json(json.at("who").at("user")),
                 bytes_from_json(json.at("who").at("command"))};
  journal.purpose = value_of<plan::Purpose>(purpose_words, json.at("purpose"));
  journal.profile = json.at("profile");
  journal.host = json.at("host");
  journal.role = json.at("role");
  journal.reason = bytes_from_json(json.at("reason"));
  journal.reached_daemons = json.at("reached_daemons");
  read_past(json, journal);
  journal.network_checkpoint = checked_checkpoint(json.at("network_checkpoint"));
  if (json.contains("lost")) journal.lost = paths_from(json.at("lost"));
  journal.is_stand_in = json.value("is_stand_in", false);
  if (json.contains("confirmation")) {
    journal.confirmation = confirmation_from(json.at("confirmation"));
  }
  return journal;
}

}  // namespace

bool is_being_removed(const system::FileReader& files, const std::string& generation) {
  return files.status(removal_mark(generation)).has_value();
}

RootedPath journal_path(const std::string& generation) {
  return generations_directory / generation / "journal.json";
}

std::optional<long long> generation_number(const std::string& name) {
  const auto dash = name.rfind('-');
  return dash == std::string::npos ? std::nullopt
                                   : to_integer(std::string_view{name}.substr(dash + 1));
}

std::vector<std::string> generation_names(const system::FileReader& files) {
  auto names = files.list(generations_directory);
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return !generation_number(name); }),
              names.end());
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return *generation_number(a) < *generation_number(b);
  });
  return names;
}

std::string next_generation(const system::FileReader& files, WallTime now) {
  const auto names = generation_names(files);
  const auto number = names.empty() ? 1 : *generation_number(names.back()) + 1;
  std::string time = format_utc(now);
  time.erase(std::remove_if(time.begin(), time.end(), [](char c) { return c == '-' || c == ':'; }),
             time.end());
  return fmt::format("{}-{:03}", time, number);
}

std::optional<Journal> load_journal(const system::FileReader& files,
                                    const std::string& generation) {
  const auto path = journal_path(generation);
  const auto text = read_state(files, path);
  return text ? std::optional{parse_journal(*text, generation)} : std::nullopt;
}

Journal parse_journal(const std::string& text, const std::string& generation) {
  const auto path = journal_path(generation);
  auto journal = read_document(text, path, journal_from);
  if (journal.generation != generation) throw_damaged(path, "it names another generation");
  return journal;
}

void save_journal(system::FileStore& files, const Journal& journal) {
  const auto path = journal_path(journal.generation);
  stage_document(files, path, to_text(journal), for_everybody);
  files.swap_in(path);
  files.sync_directory(path.parent());
}

void make_directories(system::FileStore& files, const RootedPath& path) {
  if (files.status(path)) return;
  make_directories(files, path.parent());
  files.make_directory(path, {0755, 0, 0});
  files.sync_directory(path.parent());
}

void remove_generation(system::FileStore& files, const std::string& generation) {
  const auto directory = generations_directory / generation;
  const auto journal = journal_path(generation);
  const auto mark = removal_mark(generation);
  if (!files.status(directory)) return;
  mark_removal(files, mark);
  for (const auto& name : files.list(directory)) {
    const auto path = directory / name;
    if (path == journal || path == mark) continue;
    const auto status = files.status(path);
    if (!status || status->type != FileType::directory) {
      files.remove(path);
      continue;
    }
    for (const auto& package : files.list(path)) files.remove(path / package);
    files.remove_directory_if_empty(path);
  }
  files.sync_directory(directory);
  files.remove(journal);
  files.remove(mark);
  files.remove_directory_if_empty(directory);
}

void remove_empty(system::FileStore& files, const std::vector<RootedPath>& directories) {
  for (auto path = directories.rbegin(); path != directories.rend(); ++path) {
    if (!files.status(*path)) continue;
    files.remove_directory_if_empty(*path);
    files.sync_directory(path->parent());
  }
}

}  // namespace timectl::apply
