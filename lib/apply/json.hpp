// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "system/files.hpp"
#include "system/rooted_path.hpp"
#include "target/target.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

/// Values of journals and commit records as JSON, and back. Only apply includes this.
namespace timectl::apply {

using Json = nlohmann::ordered_json;

/// A table of an enumeration's words; the order is that of the enumerators.
template <typename Enum, std::size_t size>
std::string word_of(const std::array<const char*, size>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}
template <typename Enum, std::size_t size>
Enum value_of(const std::array<const char*, size>& words, const std::string& word) {
  for (std::size_t i = 0; i < size; ++i) {
    if (words[i] == word) return static_cast<Enum>(i);
  }
  throw std::out_of_range{"unknown word '" + word + "'"};
}

/// JSON is UTF-8, file contents are any bytes: then a list of numbers.
Json bytes_to_json(const std::string& bytes);
std::string bytes_from_json(const Json& json);

std::string kind_word(target::FileKind kind);
target::FileKind kind_from(const std::string& word);

std::string sensitivity_word(target::Sensitivity sensitivity);
target::Sensitivity sensitivity_from(const std::string& word);

std::string type_word(system::FileType type);
system::FileType type_from(const std::string& word);

Json reactions_to_json(const std::vector<target::Reaction>& reactions);
std::vector<target::Reaction> reactions_from_json(const Json& json);

[[noreturn]] void throw_damaged(const system::RootedPath& path, const std::string& reason);

/// Of journals, records and contents. 1 had no checksums; up to 2 a record that has the content of
/// a closed file was itself closed, and the checksum of each copy stood in the journal.
inline constexpr int document_schema = 3;

/// An object to put the members of a document into.
Json new_document();
/// The text of such an object, with its checksum (base/checksum.hpp).
std::string document_text(const Json& document);

/// The text of the document at `path`; nullopt when there is none. Throws Error{refused} when
/// another user than root could have written it (system/trust.hpp).
std::optional<std::string> read_state(const system::FileReader& files,
                                      const system::RootedPath& path);

/// The object that `text`, read from `path`, stands for. Throws Error{io} when it is not what was
/// written, Error{refused} when a newer timectl wrote it: what that added would be lost.
Json parse_document(const std::string& text, const system::RootedPath& path);
/// Stages a document beside `path`. Throws Error{io} for one that could not be read again
/// (limits::state), before anything is written.
void stage_document(system::FileStore& files, const system::RootedPath& path,
                    const std::string& text, const system::Ownership& ownership);

/// Parses `text` and lets `use` take it apart; whatever is wrong with it becomes Error{io} with the
/// file's name.
template <typename Use>
auto read_document(const std::string& text, const system::RootedPath& path, Use&& use) {
  const auto document = parse_document(text, path);
  try {
    return use(document);
  } catch (const nlohmann::ordered_json::exception& error) {
    throw_damaged(path, error.what());
  } catch (const std::out_of_range& error) {
    throw_damaged(path, error.what());
  } catch (const Error& error) {
    throw_damaged(path, error.what());
  }
}

}  // namespace timectl::apply
