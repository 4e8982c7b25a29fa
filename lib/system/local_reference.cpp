// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/time_daemons.hpp"

#include <fmt/format.h>

namespace timectl::system {

std::vector<std::string> chronyc_words(const LocalReference& reference) {
  std::vector<std::string> words{"stratum", std::to_string(reference.stratum)};
  if (reference.orphan) words.emplace_back("orphan");
  words.insert(words.end(), {"distance", fmt::format("{:g}", reference.distance.count())});
  return words;
}

}  // namespace timectl::system
