// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/json.hpp"

#include "apply/checked.hpp"
#include "base/checksum.hpp"
#include "system/trust.hpp"

#include <fmt/format.h>

namespace timectl::apply {

namespace {

constexpr std::array kind_words{"owned", "block", "link", "absent", "edited"};
constexpr std::array sensitivity_words{"open", "secret"};
constexpr std::array type_words{"regular", "directory", "symlink", "other"};
constexpr std::array reaction_words{"daemon_reload",  "udev_reload", "set_host_name",
                                    "network_reload", "restart",     "try_restart",
                                    "reload_sources", "reboot"};

bool is_utf8(const std::string& bytes) {
  try {
    static_cast<void>(Json(bytes).dump());
    return true;
  } catch (const nlohmann::ordered_json::exception&) {
    return false;
  }
}

[[noreturn]] void throw_newer(const system::RootedPath& path, int schema) {
  throw Error{
      ErrorKind::refused,
      fmt::format("cannot use '{}': a newer timectl wrote it (schema {}, this one knows {})",
                  path.text(), schema, document_schema),
      "install that timectl again: sudo apt install timectl"};
}

}  // namespace

Json bytes_to_json(const std::string& bytes) {
  if (is_utf8(bytes)) return bytes;
  Json numbers = Json::array();
  for (const char byte : bytes) numbers.push_back(static_cast<unsigned char>(byte));
  return numbers;
}

std::string bytes_from_json(const Json& json) {
  if (!json.is_array()) return json.get<std::string>();
  std::string bytes;
  for (const auto& number : json) bytes += static_cast<char>(number.get<unsigned char>());
  return bytes;
}

std::string kind_word(target::FileKind kind) { return word_of(kind_words, kind); }

target::FileKind kind_from(const std::string& word) {
  return value_of<target::FileKind>(kind_words, word);
}

std::string sensitivity_word(target::Sensitivity sensitivity) {
  return word_of(sensitivity_words, sensitivity);
}

target::Sensitivity sensitivity_from(const std::string& word) {
  return value_of<target::Sensitivity>(sensitivity_words, word);
}

std::string type_word(system::FileType type) { return word_of(type_words, type); }

system::FileType type_from(const std::string& word) {
  return value_of<system::FileType>(type_words, word);
}

Json reactions_to_json(const std::vector<target::Reaction>& reactions) {
  Json list = Json::array();
  for (const auto& reaction : reactions) {
    Json entry;
    entry["kind"] = word_of(reaction_words, reaction.kind);
    entry["subject"] = reaction.subject;
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<target::Reaction> reactions_from_json(const Json& json) {
  std::vector<target::Reaction> reactions;
  for (const auto& entry : json) {
    reactions.push_back(
        checked_reaction({value_of<target::ReactionKind>(reaction_words, entry.at("kind")),
                          entry.at("subject").get<std::string>()}));
  }
  return reactions;
}

Json new_document() {
  Json document;
  document["schema"] = document_schema;
  return document;
}

std::string document_text(const Json& document) { return with_checksum(document.dump(1) + "\n"); }

std::optional<std::string> read_state(const system::FileReader& files,
                                      const system::RootedPath& path) {
  if (!files.status(path)) return std::nullopt;
  system::require_roots_own(files, path);
  auto file = files.read(path, system::limits::state);
  return file ? std::optional{std::move(file->content)} : std::nullopt;
}

Json parse_document(const std::string& text, const system::RootedPath& path) {
  const auto checksum = checksum_state(text);
  if (checksum == ChecksumState::wrong) throw_damaged(path, "its checksum is another");
  auto document = Json::parse(text, nullptr, false);
  if (!document.is_object()) throw_damaged(path, "it is no JSON object");
  const auto found = document.find("schema");
  const auto schema = found != document.end() && found->is_number_integer() ? found->get<int>() : 0;
  if (schema < 1) throw_damaged(path, "it does not say its schema");
  if (schema > document_schema) throw_newer(path, schema);
  if (schema > 1 && checksum == ChecksumState::absent) throw_damaged(path, "it has no checksum");
  return document;
}

void throw_damaged(const system::RootedPath& path, const std::string& reason) {
  throw Error{ErrorKind::io,
              fmt::format("cannot read '{}': it is damaged: {}", path.text(), reason),
              "run timectl recover: it goes on without that and says what cannot come back"};
}

void stage_document(system::FileStore& files, const system::RootedPath& path,
                    const std::string& text, const system::Ownership& ownership) {
  if (text.size() > system::limits::state.bytes) {
    system::throw_too_large(fmt::format("write '{}'", path.text()), system::limits::state,
                            "it has the contents of the files that change: make them smaller");
  }
  files.stage(path, text, ownership);
}

}  // namespace timectl::apply
