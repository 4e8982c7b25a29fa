// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "system/files.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace timectl::kept {

/// A JSON object below /run that belongs to one boot: what `parse` makes of it when its "boot_id"
/// is `boot_id`. A State of this boot and nothing else when there is none, when it cannot be read
/// as one (torn, a key of another type than ours) or when it is another boot's.
template <typename State, typename Parse>
State read_boot_document(const system::FileReader& files, const system::RootedPath& path,
                         const std::string& boot_id, Parse parse) {
  State state;
  try {
    const auto file = files.read(path);
    const auto document = nlohmann::ordered_json::parse(file ? file->content : "{}");
    if (document.value("boot_id", "") == boot_id) state = parse(document);
  } catch (const Error&) {
    state = {};
  } catch (const nlohmann::ordered_json::exception&) {
    state = {};
  }
  state.boot_id = boot_id;
  return state;
}

}  // namespace timectl::kept
