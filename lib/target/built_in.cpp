// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/embedded_files.hpp"
#include "target/render.hpp"

namespace timectl::target {

std::optional<std::string> built_in_template(const system::RootedPath& target) {
  for (const auto& file : embedded::files()) {
    if (file.path == std::string_view{target.text()}.substr(1)) return std::string{file.content};
  }
  return std::nullopt;
}

}  // namespace timectl::target
