// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/unit_files.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/resolve.hpp"

#include <algorithm>

namespace timectl::plan {

using system::FileReader;
using system::FileType;
using system::RootedPath;

namespace {

const RootedPath null_device{"/dev/null"};
constexpr std::array<std::string_view, 3> package_places{
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"};
bool is_empty_file(const FileReader& files, const RootedPath& path) {
  const auto status = files.status(path);
  return status && status->type == FileType::regular && status->size == 0;
}

/// nullopt for what is no regular file and cannot be read.
std::optional<std::string> text_at(const FileReader& files, const RootedPath& path) {
  try {
    const auto file = files.read(path);
    return file ? std::optional{file->content} : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// systemd's characters of a name (unit_name_is_valid); a word with specifiers is left out.
bool is_unit_name(std::string_view word) {
  constexpr std::string_view others = ":-_.\\@";
  return word.find('.') != std::string_view::npos &&
         std::all_of(word.begin(), word.end(), [&](char c) {
           const bool is_plain =
               (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           return is_plain || others.find(c) != std::string_view::npos;
         });
}

std::string template_name(const std::string& unit) {
  const auto at = unit.find('@');
  return at == std::string::npos ? unit : unit.substr(0, at + 1) + unit.substr(unit.rfind('.'));
}

/// The file that systemd reads, or would if the masks before it were not there.
std::string unit_text(const FileReader& files, const std::string& unit,
                      const std::string& fragment_path) {
  std::vector<RootedPath> places;
  if (fragment_path.starts_with('/')) places.emplace_back(fragment_path);
  for (const auto& name : std::set<std::string>{unit, template_name(unit)}) {
    for (const auto place : link_places) places.push_back(RootedPath{place} / name);
    for (const auto place : package_places) places.push_back(RootedPath{place} / name);
  }
  for (const auto& place : places) {
    if (is_mask(files, place)) continue;
    const auto text = text_at(files, place);
    if (text && !text->empty()) return *text;
  }
  return {};
}

}  // namespace

bool is_mask(const FileReader& files, const RootedPath& path) {
  const auto end = system::resolved(path, files);
  // An unpacked image may lack the device: the link's word is enough.
  return end && (*end == null_device || is_empty_file(files, *end));
}

std::vector<RootedPath> masks_of(const FileReader& files, const std::string& unit) {
  std::vector<RootedPath> masks;
  for (const auto place : link_places) {
    const auto path = RootedPath{place} / unit;
    if (is_mask(files, path)) masks.push_back(path);
  }
  return masks;
}

std::optional<RootedPath> fixed_mask_of(const FileReader& files, const std::string& unit,
                                        const std::string& fragment_path) {
  for (const auto place : link_places) {
    const auto path = RootedPath{place} / unit;
    if (files.status(path) && !is_mask(files, path)) return std::nullopt;
  }
  for (const auto place : package_places) {
    const auto path = RootedPath{place} / unit;
    if (!files.status(path)) continue;
    return is_mask(files, path) ? std::optional{path} : std::nullopt;
  }
  // A generator's, or one of /etc/systemd/system.control.
  const bool is_elsewhere = fragment_path.starts_with('/') && fragment_path != "/dev/null" &&
                            masks_of(files, unit).empty() &&
                            is_mask(files, RootedPath{fragment_path});
  return is_elsewhere ? std::optional{RootedPath{fragment_path}} : std::nullopt;
}

std::set<std::string> install_words(const FileReader& files, const std::string& unit,
                                    const std::string& fragment_path, std::string_view key) {
  std::set<std::string> words;
  bool inside = false;
  for (const auto& line : lines_of(unit_text(files, unit, fragment_path))) {
    const auto text = trim(line);
    if (text.starts_with('[')) inside = text == "[Install]";
    const auto equals = text.find('=');
    if (!inside || equals == std::string_view::npos || trim(text.substr(0, equals)) != key)
      continue;
    for (const auto& word : words_of(text.substr(equals + 1))) {
      if (is_unit_name(word)) words.insert(word);
    }
  }
  return words;
}

}  // namespace timectl::plan
