// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <nlohmann/json.hpp>

#include <optional>

/// What timectl has learned of a host, below /var/lib/timectl. A document is a JSON object of
/// schema 2, with a checksum; schema 1 had none and is read.
namespace timectl::kept {

constexpr int document_schema = 2;

/// Throws Error{refused} for the document of a newer timectl, or one that another user could have
/// written, and Error{io} for a damaged one. nullopt: there is none.
std::optional<nlohmann::ordered_json> read_document(const system::FileReader& files,
                                                    const system::RootedPath& path);

/// Throws what read_document throws of a document that says otherwise than it should.
[[noreturn]] void refuse_damaged(const system::RootedPath& path);

/// Replaces the document durably; a power cut leaves the old or the new one. A damaged one is
/// replaced, one that read_document refuses is not: what this timectl does not know of it would be
/// lost.
void replace_document(system::FileStore& files, const system::RootedPath& path,
                      const nlohmann::ordered_json& document);

}  // namespace timectl::kept
