// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/object.hpp"

namespace timectl::profile {

const Value* Key::default_value() const {
  const bool has_own = presence == Presence::optional && default_from == Default::initial;
  // A feature's default is the role's preset.
  return has_own && initial && shape.form != Form::feature ? &*initial : nullptr;
}

bool has_named_members(const Key& key) {
  return key.shape.form == Form::hosts || key.shape.form == Form::networks;
}

std::string pointer_into(const Key& key, const std::string& pointer) {
  return has_named_members(key) ? pointer + "/*" : pointer;
}

void for_each_key(const Object& object,
                  const std::function<void(const std::string& pointer, const Key&)>& visit,
                  const std::string& pointer) {
  for (const Key& key : object.keys) {
    const auto at = pointer_to(pointer, key.key);
    visit(at, key);
    for (const Object& part : key.shape.object) for_each_key(part, visit, pointer_into(key, at));
  }
}

}  // namespace timectl::profile
