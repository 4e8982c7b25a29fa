// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <vector>

namespace timectl::facts {

/// A mapping's entry in YAML's block style, which netplan, cloud-init and NetworkManager write.
struct YamlEntry {
  std::vector<std::string> keys;  ///< from the outermost; an item is "-" below its list's key
  std::string value;              ///< unquoted; "" when the lines below have it
  std::size_t line = 0;
};

/// Every key and list item with its line. What is in flow style ("{…}") stays a value.
std::vector<YamlEntry> read_yaml_block(const std::string& text);

/// Without the quotes around it.
std::string unquoted(std::string_view text);

}  // namespace timectl::facts
