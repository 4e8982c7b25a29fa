// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/mistakes.hpp"
#include "profile/profile.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace timectl::profile {

/// Finds the text of a profile that another one extends, by its name.
using ExtendsLookup = std::function<std::string(const std::string& name)>;

/// Parses and validates a whole profile. `origin` names the document in messages. Every mistake
/// in it is reported at once: Error{profile} whose message has a line
/// "origin:line:column: /json/pointer: found …, expected …" for each, with "did you mean" where a
/// word is near a known one. Nothing is returned unless everything is right, or was tolerated: an
/// RTC of an unknown chip is none then, and a wrong address gives way to the chip's own.
Profile parse_profile(std::string_view text, const std::string& origin,
                      const ExtendsLookup& extends, Outdated outdated = Outdated::refused);

}  // namespace timectl::profile
