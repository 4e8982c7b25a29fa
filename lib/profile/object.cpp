// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/object.hpp"

namespace timectl::profile {

const Value* Key::default_value() const {
  const bool has_own = presence == Presence::optional && default_from == Default::initial;
  // A feature's default is the role's preset.
  return has_own && initial && shape.form != Form::feature ? &*initial : nullptr;
}

}  // namespace timectl::profile
