// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/generations.hpp"
#include "apply/journal.hpp"
#include "apply/json.hpp"

#include <algorithm>

namespace timectl::apply {

using plan::ManagedFile;
using system::RootedPath;

namespace {

constexpr std::array kind_words{"owned", "block", "link", "absent"};

Json to_json(const ManagedFile& file) {
  return {{"path", file.path.text()},
          {"kind", word_of(kind_words, file.kind)},
          {"mode", file.mode},
          {"in_place", file.in_place},
          {"content", bytes_to_json(file.content)},
          {"reactions", reactions_to_json(file.reactions)}};
}

ManagedFile managed_file_from(const Json& json) {
  return {RootedPath{json.at("path").get<std::string>()},
          value_of<render::FileKind>(kind_words, json.at("kind")),
          bytes_from_json(json.at("content")),
          json.at("mode"),
          json.at("in_place"),
          reactions_from_json(json.at("reactions"))};
}

}  // namespace

std::string make_record(const plan::Plan& plan, const std::string& generation) {
  Json json{{"schema", 1},       {"generation", generation}, {"profile", plan.profile},
            {"host", plan.host}, {"role", plan.role},        {"files", Json::array()}};
  for (const auto& file : plan.managed) json["files"].push_back(to_json(file));
  return json.dump(1) + "\n";
}

system::Ownership record_ownership(const plan::Plan& plan) {
  const bool is_open = std::all_of(plan.managed.begin(), plan.managed.end(),
                                   [](const ManagedFile& file) { return (file.mode & 0004) != 0; });
  return {is_open ? 0644U : 0600U, 0, 0};
}

LastWritten::LastWritten(const system::FileReader& files) {
  const auto file = files.read(commit_record);
  if (!file) return;
  read_document(file->content, commit_record, [this](const Json& json) {
    generation_ = json.at("generation");
    profile_ = json.at("profile");
    host_ = json.at("host");
    role_ = json.at("role");
    for (const auto& entry : json.at("files")) {
      auto managed = managed_file_from(entry);
      const auto path = managed.path;
      written_.insert_or_assign(path, std::move(managed));
    }
  });
}

std::optional<std::string> LastWritten::last_written(const RootedPath& path) const {
  const auto found = written_.find(path);
  return found == written_.end() ? std::nullopt : std::optional{found->second.content};
}

std::vector<RootedPath> LastWritten::paths() const {
  std::vector<RootedPath> all;
  for (const auto& [path, file] : written_) all.push_back(path);
  return all;
}

std::optional<ManagedFile> LastWritten::record(const RootedPath& path) const {
  const auto found = written_.find(path);
  return found == written_.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace timectl::apply
