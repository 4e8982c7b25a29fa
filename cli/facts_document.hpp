// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <nlohmann/json.hpp>

#include <string>

/// What `facts --json` prints and `--facts FILE` reads. Published as
/// packaging/schema/facts.schema.json.
///
/// It says what a host is made of. What stands in its other files (chrony.conf, dnsmasq's,
/// connections, cloud-init's) is not in it, because these may have secrets and are long: a plan
/// from the document alone does not see what is in timectl's way there.
namespace timectl::cli {

nlohmann::ordered_json facts_document(const facts::Facts& facts);

/// `origin` is for messages. A key that an earlier version did not print keeps its default. Throws
/// Error{usage} that names the key.
facts::Facts parse_facts(const std::string& text, const std::string& origin);

}  // namespace timectl::cli
