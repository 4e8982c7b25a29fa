// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/target.hpp"

#include "platform/platform.hpp"

namespace timectl::target {

std::string unit_of(const Reaction& reaction) {
  const bool is_unnamed = reaction.kind == ReactionKind::reload_sources && reaction.subject.empty();
  return is_unnamed ? platform::chronyd.unit : reaction.subject;
}

}  // namespace timectl::target
