// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/secret.hpp"

#include "system/closed.hpp"

namespace timectl::plan {

using target::Sensitivity;

Sensitivity sensitivity_of(const std::optional<system::FileStatus>& status) {
  const bool is_closed = status && status->type == system::FileType::regular &&
                         system::is_closed_to_others(status->ownership);
  return is_closed ? Sensitivity::secret : Sensitivity::open;
}

void mark_secrets(target::Target& target, const system::FileReader& files) {
  for (auto& file : target.files) {
    if (file.kind != target::FileKind::edited && file.superseded.empty()) continue;
    // What a link leads to is what was read for its content.
    const auto status = files.status(file.path);
    const bool is_link = file.kind == target::FileKind::edited && status &&
                         status->type == system::FileType::symlink;
    if (is_link || sensitivity_of(status) == Sensitivity::secret) {
      file.sensitivity = Sensitivity::secret;
    }
  }
}

}  // namespace timectl::plan
