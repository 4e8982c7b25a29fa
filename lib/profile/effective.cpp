// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/effective.hpp"

#include "profile/tables.hpp"

namespace timectl::profile {

std::string effective_text(const Profile& profile) {
  return json_text(write_object(document_table, profile));
}

}  // namespace timectl::profile
