// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "command.hpp"

#include <nlohmann/json_fwd.hpp>

/// What an error comes to at the end of the program.
namespace timectl::cli {

ExitStatus status_of(ErrorKind kind);

/// {"kind","problems":[…],"hint","exit_status"}: an error within a document.
nlohmann::ordered_json error_entry(const Error& error);

/// {"schema":1,"error":{…}}: with --json, of a command that came to no answer. Published as
/// packaging/schema/error.schema.json.
nlohmann::ordered_json error_document(const Error& error);

}  // namespace timectl::cli
